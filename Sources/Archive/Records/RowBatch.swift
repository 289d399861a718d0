// The records of one or more logs, sorted by the tables that they belong to. No byte of a log is trusted.

internal import Events
internal import MSNP

/// Rows to be written. Texts and blobs are places in `bytes`.
struct RowBatch {
    typealias Place = Range<Int>

    struct Connection {
        var number: Int64
        var opened: Int64
        var client: Place
        var server: Place
        var file: Place?
        var role: Role
        var sums: Sums?
        var end: End?
        /// The places of its blocks in `blocks`.
        var blocks: [Int] = []
    }

    struct Sums {
        var server: Place
        var role: Role
        var dialect: Dialect?
        /// The number of the sign-in within the recording; 0 if unknown.
        var signIn: Int64
        var last: Int64
        var frames: Int64
        var bytes: PerSide<Int64>
        var missing: Int64
    }

    struct End {
        var time: Int64
        var reason: Place
        var unseen: PerSide<Int64>
    }

    struct Block {
        var first: Int64
        var last: Int64
        var events: Place
        var client: Place
        var server: Place
        var size: Int { events.count + client.count + server.count }
    }

    struct SignIn {
        var number: Int64
        var account: Place?
        var dialect: Dialect?
    }

    struct Program {
        var signIn: Int64
        var text: Place
    }

    struct Listening {
        var time: Int64
        var address: Place
    }

    struct Finding {
        var connection: Int?
        var time: Int64
        var side: Side?
        var name: Place
        var text: Place
        /// The number of the event of its connection that it is, or follows from; nil if unknown.
        var event: Int64?
    }

    struct Rewriting {
        var connection: Int
        var time: Int64
        var from: Place
        var to: Place
        var received: Place
        var sent: Place
    }

    struct Origin {
        var connection: Int
        /// The number of the connection that led to it, and of the event there.
        var number: Int64
        var event: Int64
    }

    /// A change of a conversation or its participants; their order matters.
    struct Change {
        enum Kind {
            case session(Place?)
            case joined(account: Place, name: Place?, time: Int64)
            case left(account: Place, time: Int64)
        }
        var connection: Int
        var kind: Kind
    }

    struct Message {
        var connection: Int
        var frame: Int64
        var time: Int64
        var side: Side
        var sender: Place
        var text: Place
        /// The number of the event that completed it; nil if unknown.
        var event: Int64?
    }

    struct Transfer {
        var connection: Int
        var frame: Int64
        var time: Int64
        var kind: Place
        var name: Place?
        var sender: Place
        var size: Int64?
        var isComplete: Bool?
    }

    struct Contact {
        var connection: Int
        var account: Place
        var name: Place
        var lists: Place
    }

    struct Presence {
        var connection: Int
        var frame: Int64
        var time: Int64
        var account: Place
        var status: Place
        var name: Place?
    }

    let bytes: [UInt8]
    /// The connections, in the order in which they were first named. The rows refer to them by their places here.
    private(set) var connections: [Connection] = []
    private(set) var blocks: [Block] = []
    private(set) var signIns: [SignIn] = []
    private(set) var programs: [Program] = []
    private(set) var listenings: [Listening] = []
    private(set) var findings: [Finding] = []
    private(set) var rewritings: [Rewriting] = []
    private(set) var changes: [Change] = []
    private(set) var messages: [Message] = []
    private(set) var transfers: [Transfer] = []
    private(set) var contacts: [Contact] = []
    private(set) var presences: [Presence] = []
    private(set) var origins: [Origin] = []

    /// The connections of the log that is being read: places in `connections`.
    private var named: [Int] = []
    private var known: [Identity: Int] = [:]
    /// The number of the event that the next finding or message belongs to.
    private var event: Int64?

    /// What tells two connections of a recording apart.
    struct Identity: Hashable {
        var number: Int64
        var opened: Int64
    }

    /// Reads logs of one recording in their order; what follows a damaged record in a log is left out.
    init(_ logs: [[UInt8]]) {
        var bytes = logs.first ?? []
        // A single log, as of an import, is read where it is.
        if logs.count > 1 { bytes.reserveCapacity(logs.reduce(0) { $0 + $1.count }) }
        for log in logs.dropFirst() { bytes += log }
        self.bytes = bytes
        var start = 0
        for log in logs {
            var reader = ByteReader(bytes, in: start..<start + log.count)
            start += log.count
            named = []
            event = nil
            while !reader.isAtEnd, read(&reader) != nil {}
        }
    }

    /// Reads one record; nil if it is damaged.
    private mutating func read(_ reader: inout ByteReader) -> Void? {
        guard let kind = reader.byte().flatMap(RowKind.init) else { return nil }
        switch kind {
        case .connection: return readConnection(&reader)
        case .sums, .closed, .block: return readPart(kind, &reader)
        case .signIn:
            guard let number = reader.zigzag(), let account = reader.optional(), let dialect = reader.dialect() else {
                return nil
            }
            signIns.append(SignIn(number: number, account: account, dialect: dialect))
        case .program:
            guard let number = reader.zigzag(), let text = reader.counted() else { return nil }
            programs.append(Program(signIn: number, text: text))
        case .listening:
            guard let time = reader.zigzag(), let address = reader.counted() else { return nil }
            listenings.append(Listening(time: time, address: address))
        case .finding:
            guard let place = reader.varint(), let connection = connection(optional: place), let time = reader.zigzag(),
                let side = reader.byte(), let name = reader.counted(), let text = reader.counted()
            else { return nil }
            findings.append(
                Finding(
                    connection: connection, time: time, side: side == 0 ? nil : side == 1 ? .client : .server,
                    name: name,
                    text: text, event: takeEvent()))
        case .rewriting:
            guard let connection = connection(&reader), let time = reader.zigzag(), let from = reader.counted(),
                let to = reader.counted(), let received = reader.counted(), let sent = reader.counted()
            else { return nil }
            rewritings.append(
                Rewriting(connection: connection, time: time, from: from, to: to, received: received, sent: sent))
        case .conversation, .joined, .left: return readChange(kind, &reader)
        case .message, .transfer, .contact, .presence: return readDerived(kind, &reader)
        case .event:
            guard let number = reader.zigzag() else { return nil }
            event = number
        case .origin:
            guard let connection = connection(&reader), let number = reader.zigzag(), let event = reader.zigzag() else {
                return nil
            }
            origins.append(Origin(connection: connection, number: number, event: event))
        }
        return ()
    }

    private mutating func readConnection(_ reader: inout ByteReader) -> Void? {
        guard let number = reader.zigzag(), let opened = reader.zigzag(), let client = reader.counted(),
            let server = reader.counted(), let file = reader.optional(), let role = reader.role()
        else { return nil }
        let identity = Identity(number: number, opened: opened)
        if let place = known[identity] {
            named.append(place)
        } else {
            known[identity] = connections.count
            named.append(connections.count)
            connections.append(
                Connection(number: number, opened: opened, client: client, server: server, file: file, role: role))
        }
        return ()
    }

    private mutating func readPart(_ kind: RowKind, _ reader: inout ByteReader) -> Void? {
        guard let connection = connection(&reader) else { return nil }
        switch kind {
        case .sums:
            guard let server = reader.counted(), let role = reader.role(), let dialect = reader.dialect(),
                let signIn = reader.zigzag(), let last = reader.zigzag(), let frames = reader.zigzag(),
                let client = reader.varint(), let sent = reader.varint(), let missing = reader.varint()
            else { return nil }
            connections[connection].sums = Sums(
                server: server, role: role, dialect: dialect, signIn: signIn, last: last, frames: frames,
                bytes: PerSide(client: Int64(clamping: client), server: Int64(clamping: sent)),
                missing: Int64(clamping: missing))
        case .closed:
            guard let time = reader.zigzag(), let reason = reader.counted(), let client = reader.varint(),
                let server = reader.varint()
            else { return nil }
            connections[connection].end = End(
                time: time, reason: reason,
                unseen: PerSide(client: Int64(clamping: client), server: Int64(clamping: server)))
        default:
            guard let first = reader.zigzag(), let last = reader.zigzag(), let events = reader.counted(),
                let client = reader.counted(), let server = reader.counted()
            else { return nil }
            connections[connection].blocks.append(blocks.count)
            blocks.append(Block(first: first, last: last, events: events, client: client, server: server))
        }
        return ()
    }

    private mutating func readChange(_ kind: RowKind, _ reader: inout ByteReader) -> Void? {
        guard let connection = connection(&reader) else { return nil }
        switch kind {
        case .conversation:
            guard let session = reader.optional() else { return nil }
            changes.append(Change(connection: connection, kind: .session(session)))
        case .joined:
            guard let account = reader.counted(), let name = reader.optional(), let time = reader.zigzag() else {
                return nil
            }
            changes.append(Change(connection: connection, kind: .joined(account: account, name: name, time: time)))
        default:
            guard let account = reader.counted(), let time = reader.zigzag() else { return nil }
            changes.append(Change(connection: connection, kind: .left(account: account, time: time)))
        }
        return ()
    }

    private mutating func readDerived(_ kind: RowKind, _ reader: inout ByteReader) -> Void? {
        guard let connection = connection(&reader) else { return nil }
        switch kind {
        case .message:
            guard let frame = reader.zigzag(), let time = reader.zigzag(), let side = reader.byte(),
                let sender = reader.counted(), let text = reader.counted()
            else { return nil }
            messages.append(
                Message(
                    connection: connection, frame: frame, time: time, side: side == 1 ? .client : .server,
                    sender: sender,
                    text: text, event: takeEvent()))
        case .transfer:
            guard let frame = reader.zigzag(), let time = reader.zigzag(), let kind = reader.counted(),
                let name = reader.optional(), let sender = reader.counted(), let size = reader.varint(),
                let isComplete = reader.byte()
            else { return nil }
            transfers.append(
                Transfer(
                    connection: connection, frame: frame, time: time, kind: kind, name: name, sender: sender,
                    size: size == 0 ? nil : Int64(clamping: size - 1),
                    isComplete: isComplete == 0 ? nil : isComplete == 2))
        case .contact:
            guard let account = reader.counted(), let name = reader.counted(), let lists = reader.counted() else {
                return nil
            }
            contacts.append(Contact(connection: connection, account: account, name: name, lists: lists))
        default:
            guard let frame = reader.zigzag(), let time = reader.zigzag(), let account = reader.counted(),
                let status = reader.counted(), let name = reader.optional()
            else { return nil }
            presences.append(
                Presence(
                    connection: connection, frame: frame, time: time, account: account, status: status, name: name))
        }
        return ()
    }

    private mutating func takeEvent() -> Int64? {
        defer { event = nil }
        return event
    }

    private func connection(_ reader: inout ByteReader) -> Int? {
        guard let place = reader.varint(), place < UInt64(named.count) else { return nil }
        return named[Int(place)]
    }

    /// The connection at one less than a place, or none at 0; nil if there is none at that place.
    private func connection(optional place: UInt64) -> Int?? {
        guard place > 0 else { return .some(nil) }
        return place <= UInt64(named.count) ? named[Int(place - 1)] : nil
    }
}

extension ByteReader {
    /// A text that may be absent; nil at the end.
    fileprivate mutating func optional() -> Range<Int>?? {
        guard let isThere = byte() else { return nil }
        guard isThere != 0 else { return .some(nil) }
        guard let place = counted() else { return nil }
        return .some(place)
    }

    fileprivate mutating func role() -> Role? {
        guard let code = byte(), EntryCodes.roles.indices.contains(Int(code)) else { return nil }
        return EntryCodes.roles[Int(code)]
    }

    fileprivate mutating func dialect() -> Dialect?? {
        guard let code = varint(), code <= 256 else { return nil }
        return code == 0 ? .some(nil) : .some(Dialect(UInt8(code - 1)))
    }
}
