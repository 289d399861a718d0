// Reads an account and its display name from a command.

internal import MSNP
internal import Payloads

/// An account and its display name, percent-decoded.
struct AccountName: Sendable, Equatable {
    var account: String
    var name: String

    private static let longest = 1_200

    /// The name in a frame of a notification server; nil if it has none.
    ///
    /// - Parameter own: the account that signed in; nil if unknown.
    init?(notification frame: Frame, own: String?) {
        switch Command(frame, from: .server) {
        case .signedIn(let account, let name?):
            // Up to MSNP9 the answer has the name here; later dialects have a number.
            guard Decimal.value(of: name) == nil else { return nil }
            self.init(own ?? AccountEndpoint(account).account, name)
        case .presence(let presence):
            guard let name = presence.name else { return nil }
            self.init(presence.account, name)
        case .ownName(let name):
            guard let own else { return nil }
            self.init(own, name)
        case .renamed(let endpoint, let name):
            // The answer to a name change. For another account it is a name in the contact list.
            guard endpoint.account == own else { return nil }
            self.init(endpoint.account, name)
        default: return nil
        }
    }

    /// The name in a command of a switchboard connection; nil if it has none.
    init?(switchboard command: Command) {
        switch command {
        case .signedIn(let account, let name?): self.init(AccountEndpoint(account).account, name)
        case .present(let endpoint, let name?), .joined(let endpoint, let name?): self.init(endpoint.account, name)
        // Servers send their own messages as `Hotmail`.
        case .message(let account, let name?) where account.contains(0x40):
            self.init(AccountEndpoint(account).account, name)
        default: return nil
        }
    }

    private init(_ account: String, _ token: ByteSlice) {
        self.account = account
        name = Self.name(token)
    }

    /// Decodes a name argument, at most `longest` bytes of it.
    static func name(_ token: ByteSlice) -> String {
        String(decoding: PercentEncoding.decode(token.prefix(longest)), as: UTF8.self)
    }
}
