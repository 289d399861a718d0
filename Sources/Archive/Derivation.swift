// What frames tell beside themselves: client programs, conversations, contacts, presence. Made again by `reindex`.

internal import MSNP
internal import Transcript

/// Follows one connection and writes derived rows.
struct Derivation {
    /// The client's name and version, until it is written to the sign-in.
    var program: String?
    private var own: String?
    private var isConversation = false

    /// Takes a message that a frame completed.
    mutating func take(
        _ message: Message, at time: Int64, connection: Int64, frame: Int, _ tables: DerivedTables,
        _ accounts: inout AccountRows
    ) throws {
        let sender = try accounts.row(of: message.from, tables)
        try tables.insertMessage(
            connection: connection, frame: frame, at: message.fragment?.began.nanoseconds ?? time, side: message.side,
            sender: sender, text: message.text)
    }

    /// Takes a frame.
    mutating func take(
        _ frame: Frame, from side: Side, at time: Int64, role: Role, connection: Int64, frame number: Int,
        _ tables: DerivedTables, _ accounts: inout AccountRows
    ) throws {
        if role == .switchboard, !isConversation {
            isConversation = true
            try tables.insertConversation(connection, session: nil)
        }
        switch (frame.verb, side) {
        case ("CVR", .client):
            let arguments = frame.arguments
            guard arguments.count > 6 else { return }
            program = Self.text(arguments[5]) + " " + Self.text(arguments[6])
        case ("LST", .server), ("ADC", .server): try contact(frame, connection, tables, &accounts)
        case ("NLN", .server), ("ILN", .server), ("FLN", .server):
            try presence(frame, at: time, connection, number, tables, &accounts)
        case ("USR", .client), ("ANS", .client), ("CAL", .server), ("IRO", .server), ("JOI", .server), ("BYE", .server):
            guard role == .switchboard else { return }
            try conversation(frame, at: time, connection, tables, &accounts)
        default: return
        }
    }

    private mutating func conversation(
        _ frame: Frame, at time: Int64, _ connection: Int64, _ tables: DerivedTables, _ accounts: inout AccountRows
    ) throws {
        let arguments = frame.arguments
        switch frame.verb {
        case "USR", "ANS":
            guard own == nil, arguments.count > 1 else { return }
            let address = Self.account(arguments[1])
            own = address
            try tables.join(connection, account: accounts.row(of: address, tables), name: nil, at: time)
            if frame.verb == "ANS", arguments.count > 3 {
                try tables.insertConversation(connection, session: Self.text(arguments[3]))
            }
        case "CAL":
            if arguments.count > 2 { try tables.insertConversation(connection, session: Self.text(arguments[2])) }
        case "IRO", "JOI":
            let index = frame.verb == "IRO" ? 3 : 0
            guard arguments.count > index else { return }
            let address = Self.account(arguments[index])
            guard address != own else { return }
            let name = arguments.count > index + 1 ? Self.decoded(arguments[index + 1]) : nil
            try tables.join(connection, account: accounts.row(of: address, tables), name: name, at: time)
        default:
            guard let gone = arguments.first else { return }
            try tables.leave(connection, account: accounts.row(of: Self.account(gone), tables), at: time)
        }
    }

    /// `LST trid FL ver n total email name` to MSNP7, `LST email name lists …` to 10, `LST N=email F=name … lists …` later.
    private func contact(
        _ frame: Frame, _ connection: Int64, _ tables: DerivedTables, _ accounts: inout AccountRows
    ) throws {
        let arguments = frame.arguments
        guard let place = arguments.firstIndex(where: { $0.contains(Self.at) }) else { return }
        let address = Self.account(Self.value(arguments[place], "N="))
        let name = arguments.count > place + 1 ? Self.decoded(Self.value(arguments[place + 1], "F=")) : ""
        let lists = place > 1 ? arguments[1] : arguments.dropFirst(place + 2).first { Decimal.value(of: $0) != nil }
        try tables.insertContact(
            connection: connection, account: accounts.row(of: address, tables), name: name,
            lists: lists.map(Self.text) ?? "")
    }

    /// `ILN trid status email [network] name …`, `NLN status email [network] name …`, `FLN email …`.
    private func presence(
        _ frame: Frame, at time: Int64, _ connection: Int64, _ number: Int, _ tables: DerivedTables,
        _ accounts: inout AccountRows
    ) throws {
        let arguments = frame.arguments
        guard let place = arguments.firstIndex(where: { $0.contains(Self.at) }) else { return }
        // MSNP18 writes the network in front: `1:alice@example.com`.
        let token = arguments[place]
        let address = token.firstIndex(of: 0x3A).map { token[($0 + 1)...] } ?? token
        let isGone = frame.verb == "FLN"
        let status = isGone ? "FLN" : place > 0 ? Self.text(arguments[place - 1]) : ""
        var name = arguments.dropFirst(place + 1).first
        if let network = name, network.count < 3, Decimal.value(of: network) != nil, arguments.count > place + 3 {
            name = arguments[place + 2]
        }
        try tables.insertPresence(
            connection: connection, frame: number, at: time,
            account: accounts.row(of: Self.account(address), tables), status: status,
            name: isGone ? nil : name.map(Self.decoded))
    }

    private static let at = UInt8(ascii: "@")

    private static func value(_ token: ArraySlice<UInt8>, _ prefix: StaticString) -> ArraySlice<UInt8> {
        token.starts(with: prefix.description.utf8) ? token.dropFirst(prefix.utf8CodeUnitCount) : token
    }

    private static func text(_ token: ArraySlice<UInt8>) -> String { String(decoding: token, as: UTF8.self) }

    private static func decoded(_ token: ArraySlice<UInt8>) -> String {
        String(decoding: PercentEncoding.decode(token), as: UTF8.self)
    }

    private static func account(_ token: ArraySlice<UInt8>) -> String {
        String(decoding: Account.of(token), as: UTF8.self)
    }
}
