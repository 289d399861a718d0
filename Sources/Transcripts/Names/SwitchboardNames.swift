// Tracks the display names that a switchboard connection sends.

internal import MSNP

/// The display names of one switchboard connection's participants.
struct SwitchboardNames: Sendable {
    private var names: [String: String] = [:]

    /// Servers allowed 20 people; names were cut at 387 bytes.
    private static let most = 1_000

    /// Notes the name in a command.
    ///
    /// - Returns: the account and name if the name is new on this connection; otherwise nil.
    mutating func note(_ command: Command) -> AccountName? {
        guard let naming = AccountName(switchboard: command), names[naming.account] != naming.name,
            names[naming.account] != nil || names.count < Self.most
        else { return nil }
        names[naming.account] = naming.name
        return naming
    }
}
