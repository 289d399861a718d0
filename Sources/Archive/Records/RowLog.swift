// The rows of a commit as bytes, in the order in which they arose: small to write at once, and simple to turn into tables
// later, by any program and without other knowledge than the tables themselves.

internal import Events
internal import MSNP

/// The kinds of records. The numbers are stored in files, so they never change.
enum RowKind: UInt8 {
    /// A connection; the records after it refer to it by its place among those of this log.
    case connection = 1
    /// What is known of a connection up to here, in sum.
    case sums = 2
    case closed = 3
    case block = 4
    case signIn = 5
    case program = 6
    case listening = 7
    case finding = 8
    case rewriting = 9
    case conversation = 10
    case joined = 11
    case left = 12
    case message = 13
    case transfer = 14
    case contact = 15
    case presence = 16
    /// The number of the event that the next finding or message is, or follows from.
    case event = 17
    /// The event of another connection that led to a connection.
    case origin = 18
}

/// Writes records. Texts are valid UTF-8.
struct RowLog {
    private(set) var bytes: [UInt8] = []
    /// The number of this log, so that a connection knows whether it has a place in it.
    private(set) var number = 1
    private var connections = 0

    /// Begins a new log in the same memory.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        number += 1
        connections = 0
    }

    // MARK: - Recorded

    /// Names a connection.
    ///
    /// - Returns: its place in this log.
    mutating func add(_ connection: OpenConnection, number: Int) -> Int {
        begin(.connection)
        bytes.append(zigzag: Int64(number))
        bytes.append(zigzag: connection.opened)
        bytes.append(counted: connection.ends.client.utf8)
        bytes.append(counted: connection.ends.server.utf8)
        append(connection.ends.file)
        append(connection.state.role)
        defer { connections += 1 }
        return connections
    }

    /// Names a connection that is in its table already, for derived rows alone.
    mutating func addStandIn(for row: Int64) -> Int {
        let unknown = Endpoints(client: "", server: "")
        return add(OpenConnection(ends: unknown, opened: 0, lastTime: 0), number: Int(row))
    }

    mutating func addSums(of connection: OpenConnection, _ place: Int) {
        begin(.sums, place)
        bytes.append(counted: connection.ends.server.utf8)
        append(connection.state.role)
        append(connection.state.dialect)
        bytes.append(zigzag: Int64(connection.state.signIn))
        bytes.append(zigzag: connection.lastTime)
        bytes.append(zigzag: Int64(connection.frames))
        bytes.append(varint: connection.total.client)
        bytes.append(varint: connection.total.server)
        bytes.append(varint: connection.missing.client &+ connection.missing.server)
    }

    mutating func close(_ place: Int, at time: Int64, reason: String, unseen: PerSide<UInt64>) {
        begin(.closed, place)
        bytes.append(zigzag: time)
        bytes.append(counted: reason.utf8)
        bytes.append(varint: unseen.client)
        bytes.append(varint: unseen.server)
    }

    /// Adds the unwritten bytes and events of a connection.
    mutating func addBlock(of connection: OpenConnection, _ place: Int) {
        begin(.block, place)
        bytes.append(zigzag: connection.blockStart)
        bytes.append(zigzag: connection.lastTime)
        bytes.append(counted: connection.index.bytes)
        bytes.append(counted: connection.bytes.client)
        bytes.append(counted: connection.bytes.server)
    }

    mutating func add(_ signIn: SignIn, dialect: Dialect?) {
        begin(.signIn)
        bytes.append(zigzag: Int64(signIn.number))
        append(signIn.account)
        append(dialect)
    }

    mutating func add(program: String, signIn: Int) {
        begin(.program)
        bytes.append(zigzag: Int64(signIn))
        bytes.append(counted: program.utf8)
    }

    mutating func add(listening address: HostPort, at time: Int64) {
        begin(.listening)
        bytes.append(zigzag: time)
        bytes.append(counted: address.description.utf8)
    }

    /// Adds a finding, on a connection or on none.
    ///
    /// - Parameter event: the number of the event that it is, or follows from.
    mutating func add(_ finding: Finding, _ place: Int?, at time: Int64, event: Int64? = nil) {
        add(event: event)
        begin(.finding)
        bytes.append(varint: place.map { UInt64($0) + 1 } ?? 0)
        bytes.append(zigzag: time)
        bytes.append(finding.side.map { $0 == .client ? 1 : 2 } ?? 0)
        bytes.append(counted: finding.name.text.utf8)
        bytes.append(counted: finding.text.utf8)
    }

    mutating func add(_ rewriting: Rewriting, _ place: Int, at time: Int64) {
        begin(.rewriting, place)
        bytes.append(zigzag: time)
        bytes.append(counted: rewriting.from.utf8)
        bytes.append(counted: rewriting.to.utf8)
        bytes.append(counted: rewriting.original.bytes)
        bytes.append(counted: rewriting.sent.bytes)
    }

    /// Notes which event led to a connection.
    mutating func add(_ origin: ConnectionOrigin, of place: Int) {
        begin(.origin, place)
        bytes.append(zigzag: Int64(origin.connection))
        bytes.append(zigzag: origin.event)
    }

    // MARK: - Derived

    mutating func addConversation(_ place: Int, session: String?) {
        begin(.conversation, place)
        append(session)
    }

    /// - Parameter name: as sent, percent-encoded.
    mutating func join(_ place: Int, account: String, name: ByteSlice?, at time: Int64) {
        begin(.joined, place)
        bytes.append(counted: account.utf8)
        append(encoded: name)
        bytes.append(zigzag: time)
    }

    mutating func leave(_ place: Int, account: String, at time: Int64) {
        begin(.left, place)
        bytes.append(counted: account.utf8)
        bytes.append(zigzag: time)
    }

    mutating func add(_ message: Message, _ place: Int, frame: Int, event: Int64, at time: Int64) {
        add(event: event)
        begin(.message, place)
        bytes.append(zigzag: Int64(frame))
        bytes.append(zigzag: time)
        bytes.append(message.side == .client ? 1 : 2)
        bytes.append(counted: message.from.utf8)
        bytes.append(counted: message.text.utf8)
    }

    mutating func add(_ object: SentObject, _ place: Int, frame: Int) {
        begin(.transfer, place)
        bytes.append(zigzag: Int64(frame))
        bytes.append(zigzag: object.time.nanoseconds)
        bytes.append(counted: object.kind.utf8)
        append(object.name)
        bytes.append(counted: object.sender.utf8)
        // One more than the size, so that 0 is an unknown one.
        bytes.append(varint: object.size.map { min($0, UInt64(Int64.max)) + 1 } ?? 0)
        bytes.append(object.isComplete.map { $0 ? 2 : 1 } ?? 0)
    }

    /// - Parameters:
    ///   - name: as sent, percent-encoded.
    ///   - lists: as sent.
    mutating func addContact(_ place: Int, account: String, name: ByteSlice, lists: ByteSlice) {
        begin(.contact, place)
        bytes.append(counted: account.utf8)
        append(encoded: name)
        append(token: lists)
    }

    /// - Parameters:
    ///   - status: as sent.
    ///   - name: as sent, percent-encoded.
    mutating func addPresence(
        _ place: Int, frame: Int, at time: Int64, account: String, status: ByteSlice, name: ByteSlice?
    ) {
        begin(.presence, place)
        bytes.append(zigzag: Int64(frame))
        bytes.append(zigzag: time)
        bytes.append(counted: account.utf8)
        append(token: status)
        append(encoded: name)
    }

    // MARK: - Parts of records

    private mutating func add(event: Int64?) {
        guard let event else { return }
        begin(.event)
        bytes.append(zigzag: event)
    }

    private mutating func begin(_ kind: RowKind) { bytes.append(kind.rawValue) }

    private mutating func begin(_ kind: RowKind, _ place: Int) {
        bytes.append(kind.rawValue)
        bytes.append(varint: UInt64(place))
    }

    private mutating func append(_ text: String?) {
        guard let text else { return bytes.append(0) }
        bytes.append(1)
        bytes.append(counted: text.utf8)
    }

    /// Appends a token as sent, which is text if it is UTF-8. Most are ASCII, and need no string.
    private mutating func append(token: ByteSlice) {
        if token.allSatisfy({ $0 < 0x80 }) {
            bytes.append(counted: token)
        } else {
            bytes.append(counted: String(decoding: token, as: UTF8.self).utf8)
        }
    }

    private mutating func append(encoded name: ByteSlice) {
        if name.contains(0x25) {
            append(token: ByteSlice(PercentEncoding.decode(name)))
        } else {
            append(token: name)
        }
    }

    private mutating func append(encoded name: ByteSlice?) {
        guard let name else { return bytes.append(0) }
        bytes.append(1)
        append(encoded: name)
    }

    private mutating func append(_ role: Role) {
        bytes.append(UInt8(clamping: EntryCodes.roles.firstIndex(of: role) ?? 0))
    }

    private mutating func append(_ dialect: Dialect?) {
        bytes.append(varint: dialect.map { UInt64($0.number) + 1 } ?? 0)
    }
}
