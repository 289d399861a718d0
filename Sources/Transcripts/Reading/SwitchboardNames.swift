// What people in a switchboard call themselves.

internal import MSNP

/// The names that commands of one connection give.
struct SwitchboardNames: Sendable {
    private var names: [String: String] = [:]

    /// Servers allowed 20 people; names were cut at 387 bytes.
    private static let most = 1_000

    /// Takes a command.
    ///
    /// - Returns: a name that is new here.
    mutating func take(_ command: Command) -> AccountName? {
        guard let naming = AccountName(switchboard: command), names[naming.account] != naming.name,
            names[naming.account] != nil || names.count < Self.most
        else { return nil }
        names[naming.account] = naming.name
        return naming
    }
}
