// Which name a line of a notification server gives an account.

internal import MSNP
internal import Messages

/// An account and what it is called.
struct Naming: Sendable, Equatable {
    var account: String
    var name: String

    private static let longest = 1_200

    /// - Parameter own: the account that signed in, where it is known.
    init?(notification frame: Frame, own: String?) {
        let arguments = frame.arguments
        switch frame.verb {
        case "USR":
            // To MSNP9 the name stands in the answer, as `USR 3 OK account name`.
            guard arguments.count > 3, arguments[1].elementsEqual("OK".utf8), Decimal.value(of: arguments[3]) == nil
            else { return nil }
            self.init(own ?? Attendance.account(arguments[2]), arguments[3])
        case "PRP":
            guard let own, let key = arguments.firstIndex(where: { $0.elementsEqual("MFN".utf8) }),
                key + 1 < arguments.count
            else { return nil }
            self.init(own, arguments[key + 1])
        case "REA":
            // The answer to a change of name; of another account it is what the list calls it.
            guard let place = Self.place(in: arguments), place + 1 < arguments.count else { return nil }
            let account = Attendance.account(arguments[place])
            guard account == own else { return nil }
            self.init(account, arguments[place + 1])
        case "NLN", "ILN":
            // The account, to MSNP13 its network or not, and its name; MSNP18 writes the network in front: `1:account`.
            guard let place = Self.place(in: arguments), place + 1 < arguments.count else { return nil }
            let token = arguments[place]
            let bare = token.firstIndex(of: 0x3A).map { token[($0 + 1)...] } ?? token
            let network = arguments[place + 1]
            let hasNetwork = network.count < 3 && Decimal.value(of: network) != nil && arguments.count > place + 3
            self.init(Attendance.account(bare), arguments[hasNetwork ? place + 2 : place + 1])
        default: return nil
        }
    }

    private init(_ account: String, _ token: ArraySlice<UInt8>) {
        self.account = account
        name = Self.name(token)
    }

    private static func place(in arguments: [ArraySlice<UInt8>]) -> Int? {
        arguments.firstIndex { $0.contains(0x40) }
    }

    /// A name as it is meant, out of a line.
    static func name(_ token: ArraySlice<UInt8>) -> String {
        String(decoding: PercentEncoding.decode(token.prefix(longest)), as: UTF8.self)
    }
}
