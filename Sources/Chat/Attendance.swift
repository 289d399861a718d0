// Who is on a switchboard, and what they are called.

internal import MSNP
internal import Messages

/// Follows who comes and goes on one switchboard connection (commands.tsv: USR, ANS, CAL, IRO, JOI, BYE).
struct Attendance: Sendable {
    /// The account of the client; empty until it was named.
    private(set) var own = ""
    /// The switchboard's session number.
    private(set) var session: String?
    /// What people call themselves, by account.
    private(set) var names: [String: String] = [:]
    /// Whose name the last command changed, as far as this connection shows.
    private(set) var lastNamed: String?
    /// The others who are here, each with the places that they came from (MSNP16 and later).
    private var places: [String: Set<[UInt8]>] = [:]

    /// Whether nobody else is here.
    var isAlone: Bool { places.isEmpty }

    /// Whether somebody else is here.
    func has(_ account: String) -> Bool { places[account] != nil }

    /// Somebody who came or went.
    enum Change: Sendable, Equatable {
        /// Was there before the client came.
        case here(String)
        case joined(String)
        /// The server says with `1` that it was for want of words.
        case left(String, isIdle: Bool)
    }

    /// The official limit was 20 people; names were cut at 387 bytes.
    private static let mostPeople = 1_000
    private static let mostPlaces = 100

    /// Notes what a command says about who is here.
    mutating func take(_ frame: Frame, from side: Side) -> Change? {
        lastNamed = nil
        switch (frame.verb, side) {
        case ("USR", .client), ("ANS", .client):
            let arguments = frame.arguments
            guard arguments.count > 1 else { return nil }
            own = Self.account(arguments[1])
            if frame.verb == "ANS", arguments.count > 3 { session = Self.text(arguments[3]) }
        case ("USR", .server):
            let arguments = frame.arguments
            guard arguments.count > 3, arguments[1].elementsEqual("OK".utf8) else { return nil }
            if own.isEmpty { own = Self.account(arguments[2]) }
            name(Self.account(arguments[2]), arguments[3])
        case ("CAL", .server):
            let arguments = frame.arguments
            if arguments.count > 2 { session = Self.text(arguments[2]) }
        case ("IRO", .server): return join(frame, at: 3).map(Change.here)
        case ("JOI", .server): return join(frame, at: 0).map(Change.joined)
        case ("BYE", .server): return leave(frame)
        case ("MSG", .server):
            let arguments = frame.arguments
            guard arguments.count > 2, arguments[0].contains(0x40) else { return nil }
            name(Self.account(arguments[0]), arguments[1])
        default: return nil
        }
        return nil
    }

    private mutating func join(_ frame: Frame, at index: Int) -> String? {
        let arguments = frame.arguments
        guard arguments.indices.contains(index) else { return nil }
        let account = Self.account(arguments[index])
        if arguments.count > index + 1 { name(account, arguments[index + 1]) }
        // From MSNP16 on, the client's own other places are called too.
        guard account != own, places[account] != nil || places.count < Self.mostPeople else { return nil }
        let isNew = places[account] == nil
        if places[account, default: []].count < Self.mostPlaces { places[account]?.insert(Array(arguments[index])) }
        if isNew { places[account] = [Array(arguments[index])] }
        return isNew ? account : nil
    }

    private mutating func leave(_ frame: Frame) -> Change? {
        let arguments = frame.arguments
        guard let token = arguments.first else { return nil }
        let account = Self.account(token)
        guard var here = places[account] else { return nil }
        here.remove(Array(token))
        // Who left without an endpoint left with all of them.
        guard here.isEmpty || !token.contains(0x3B) else {
            places[account] = here
            return nil
        }
        places[account] = nil
        return .left(account, isIdle: arguments.count > 1 && arguments[1].elementsEqual("1".utf8))
    }

    private mutating func name(_ account: String, _ token: ArraySlice<UInt8>) {
        let name = Naming.name(token)
        guard names[account] != name, names[account] != nil || names.count < Self.mostPeople else { return }
        lastNamed = account
        names[account] = name
    }

    static func account(_ token: ArraySlice<UInt8>) -> String { text(Account.of(token)[...]) }
    static func text(_ token: ArraySlice<UInt8>) -> String { String(decoding: token, as: UTF8.self) }
}
