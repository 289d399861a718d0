// The decoding core: batches into events, with the very tap that the relay uses.

internal import Analysis
internal import Events
internal import MSNP
internal import Packets

/// Follows every connection of a capture.
struct Listener {
    /// The TCP connections that are open, by slot.
    var connections: [Int: CapturedConnection] = [:]
    /// The connections inside gateways' requests, by session.
    var sessions: [Int: CapturedConnection] = [:]
    /// The connections of pasted logs.
    var pasted: [Int: CapturedConnection] = [:]
    var gateway = Gateway()

    /// Whether nothing but the ends of connections, with their sums, is wanted.
    private let onlySums: Bool
    private var switchboards = CookieRegistry()
    private var signIns = SignInRegistry()
    var agreements = CrossConnectionTransfers()
    /// Whether something is missing: what began before the capture, what it lost, what somebody did not write down.
    var hasHoles = false
    let passwords: Passwords
    /// The accounts whose sign-in was heard.
    private var signedIn: Set<String> = []
    private static let mostSignedIn = 65_536
    private var lastNumber = 0
    private var numbers: Set<Int> = []

    init(onlySums: Bool = false, passwords: Passwords = .none) {
        self.onlySums = onlySums
        self.passwords = passwords
    }

    /// Takes a batch.
    ///
    /// - Parameters:
    ///   - batch: from the reader.
    ///   - emit: is called for each event, in order.
    mutating func take(_ batch: Batch, _ emit: (Event) -> Void) {
        for (index, entry) in batch.entries.enumerated() {
            switch entry {
            case .opened(let opened): open(opened, emit)
            case .data(let slot, let isClient, let time, let range):
                let side: Side = isClient ? .client : .server
                receive(batch.bytes.span.extracting(range), from: side, slot, time, emit)
            case .gap(let slot, let isClient, let time, let count):
                guard let connection = connections[slot] else { continue }
                let side: Side = isClient ? .client : .server
                // A hole is where it is, not when it was given up.
                let place = Self.timeBehind(index, slot, isClient, in: batch).map { min($0, time) } ?? time
                lose(count, from: side, connection, place, emit)
                if connection.isCarrier {
                    heed(gateway.lose(Int(clamping: count), from: side, carrier: slot), time, emit)
                }
            case .finding(let slot, let isClient, let time, let finding):
                guard let connection = connections[slot] else { continue }
                tell(.finding(Self.describe(finding, isClient ? .client : .server)), connection, time, emit)
            case .closed(let slot, let time, let reason, let client, let server):
                close(slot, time, reason, client, server, emit)
            case .pasted(let entry): take(entry, emit)
            }
        }
    }

    /// When the bytes came that stand behind a hole: they were held back for it, and follow it at once.
    private static func timeBehind(_ index: Int, _ slot: Int, _ isClient: Bool, in batch: Batch) -> Int64? {
        for entry in batch.entries[(index + 1)...].prefix(4) {
            if case .data(slot, isClient, let time, _) = entry { return time }
        }
        return nil
    }

    private mutating func open(_ opened: Batch.Opened, _ emit: (Event) -> Void) {
        let connection = CapturedConnection(number: newNumber(), opened, passwords: passwords)
        connections[opened.slot] = connection
        if connection.isCarrier {
            gateway.open(
                carrier: opened.slot, clientIsStart: opened.clientIsStart, serverIsStart: opened.serverIsStart)
        }
        if case .foreign = opened.kind { return }
        if !opened.clientIsStart || !opened.serverIsStart { hasHoles = true }
        if !connection.isCarrier {
            agreements.open(
                connection.number, to: connection.destination, isFromStart: opened.clientIsStart && opened.serverIsStart
            )
        }
        tell(.opened(connection.ends), connection, opened.time, emit)
    }

    private mutating func receive(
        _ bytes: Span<UInt8>, from side: Side, _ slot: Int, _ time: Int64, _ emit: (Event) -> Void
    ) {
        guard let connection = connections[slot] else { return }
        hear(bytes, from: side, connection, time, emit)
        if connection.isCarrier { heed(gateway.take(bytes, from: side, carrier: slot), time, emit) }
    }

    /// Listens to bytes of a side.
    mutating func hear(
        _ bytes: Span<UInt8>, from side: Side, _ connection: CapturedConnection, _ time: Int64, _ emit: (Event) -> Void
    ) {
        connection.lastTime = time
        connection.tap.count(bytes, from: side)
        guard connection.isDecoded else { return }
        let handshake = connection.takeHandshake(bytes, from: side)
        if handshake > 0 {
            tell(
                connection.tap.setAside(bytes.extracting(..<handshake), from: side, as: .proxyHandshake), connection,
                time, emit)
        }
        let bytes = bytes.extracting(handshake...)
        connection.begin(side, with: bytes)
        tellAll(in: bytes, from: side, connection, time, emit)
        if connection.tap.settle(side) { tellAll(in: bytes.extracting(last: 0), from: side, connection, time, emit) }
        connection.wait(side, time)
    }

    /// Tells all that stands whole in these bytes, and in those that waited.
    private mutating func tellAll(
        in bytes: Span<UInt8>, from side: Side, _ connection: CapturedConnection, _ time: Int64, _ emit: (Event) -> Void
    ) {
        var position = 0
        while let kind = connection.tap.next(bytes, from: &position, side: side) {
            pass(kind, connection, time, emit)
        }
    }

    /// Notes that bytes of a side are missing.
    mutating func lose(
        _ count: Int64, from side: Side, _ connection: CapturedConnection, _ time: Int64, _ emit: (Event) -> Void
    ) {
        hasHoles = true
        connection.loseHandshake(Int(clamping: count), from: side)
        for kind in connection.tap.lose(UInt64(clamping: count), from: side) {
            pass(kind, connection, time, emit)
        }
    }

    /// Tells what the tap heard, and what follows from it.
    mutating func pass(
        _ kind: Event.Kind, _ connection: CapturedConnection, _ time: Int64, _ emit: (Event) -> Void
    ) {
        let time = connection.time(of: kind, now: time)
        var finding: Finding?
        if case .frame(let frame, let side) = kind { finding = learn(frame, side, connection, time) }
        if onlySums { return tell(kind, connection, time, emit) }
        var event = event(kind, connection, time)
        let further = connection.analyzer.take(&event)
        emit(event)
        for kind in further { tell(kind, connection, time, emit) }
        for kind in agreements.take(event) { tell(kind, connection, time, emit) }
        if let finding { tell(.finding(finding), connection, time, emit) }
    }

    /// The number of a new connection.
    ///
    /// - Parameter wish: the number that it has already; kept if no other connection got it.
    mutating func newNumber(wish: Int? = nil) -> Int {
        if let wish, wish > lastNumber, numbers.insert(wish).inserted { return wish }
        repeat { lastNumber += 1 } while numbers.contains(lastNumber)
        return lastNumber
    }

    /// Notes what joins connections to sign-ins: accounts, redirects, cookies.
    ///
    /// - Returns: what is odd about a cookie.
    private mutating func learn(
        _ frame: Frame, _ side: Side, _ connection: CapturedConnection, _ time: Int64
    ) -> Finding? {
        var finding: Finding?
        switch (frame.verb, side) {
        case ("VER", .client):
            guard connection.signIn == nil, case .notification(let transaction) = FirstCommand(frame) else {
                return nil
            }
            connection.signIn = signIns.arrive(
                from: connection.clientHost, at: connection.destination, transaction: transaction, now: time)
        case ("USR", .client), ("ANS", .client):
            switch FirstCommand(frame) {
            case .switchboardCaller(let account, let cookie), .switchboardCallee(let account, let cookie, _):
                let name = String(decoding: account, as: UTF8.self)
                let claim = switchboards.claim(
                    cookie: cookie, account: name, clientHost: connection.clientHost, now: time)
                guard case .known(let promise, let odd) = claim else {
                    // Where a sign-in was not captured, or not whole, nobody can know its cookies.
                    guard signedIn.contains(name), !hasHoles else { return nil }
                    let text = "\(name) came with a cookie that nobody was promised in what was captured."
                    connection.doubt = Finding(.cookieUnknown, text, side: .client)
                    return nil
                }
                finding = odd
                connection.signIn = promise.signIn
                connection.tap.inherit(dialect: promise.dialect)
            default:
                // Asked once, even where a guess has the account: what was expected of it is then settled.
                guard let account = connection.tap.account, !connection.isNamed else { return nil }
                connection.isNamed = true
                if signedIn.count < Self.mostSignedIn { signedIn.insert(account) }
                connection.signIn = signIns.name(
                    account, from: connection.clientHost, current: connection.signIn, now: time)
            }
        case ("XFR", .server), ("RNG", .server):
            guard case .redirect(let redirect) = Redirect.read(frame) else { return nil }
            if connection.signIn == nil { connection.signIn = signIns.new(account: connection.tap.account) }
            if let cookie = redirect.cookie {
                let promise = CookieGrant(
                    address: redirect.address, account: connection.tap.account, clientHost: connection.clientHost,
                    dialect: connection.tap.dialect, signIn: connection.signIn)
                switchboards.promise(promise, cookie: cookie, now: time)
            } else if let signIn = connection.signIn {
                signIns.expect(
                    signIn, from: connection.clientHost, at: redirect.address,
                    nextTransaction: connection.lastTransaction.map { $0 &+ 1 }, now: time)
            }
        default: break
        }
        if side == .client, let transaction = frame.transaction(from: .client, in: connection.tap.dialect) {
            connection.lastTransaction = transaction
        }
        return finding
    }

    private mutating func close(
        _ slot: Int, _ time: Int64, _ reason: StreamEnd, _ client: DirectionSummary, _ server: DirectionSummary,
        _ emit: (Event) -> Void
    ) {
        guard let connection = connections.removeValue(forKey: slot) else { return }
        if connection.isCarrier { heed(gateway.end(carrier: slot), time, emit) }
        if client.ackedUnseen > 0 || server.ackedUnseen > 0 { hasHoles = true }
        connection.tap.countAckedUnseen(
            UInt64(clamping: client.ackedUnseen), from: .client, holes: Self.holes(client))
        connection.tap.countAckedUnseen(
            UInt64(clamping: server.ackedUnseen), from: .server, holes: Self.holes(server))
        end(connection, Self.describe(reason), time, emit)
    }

    /// Tells what is left of a connection, and that it is over.
    mutating func end(_ connection: CapturedConnection, _ reason: CloseReason, _ time: Int64, _ emit: (Event) -> Void) {
        if connection.isDecoded {
            for side in Side.allCases {
                for kind in connection.tap.finish(side) { pass(kind, connection, time, emit) }
            }
            for kind in connection.analyzer.finish() { tell(kind, connection, time, emit) }
            for kind in agreements.close(connection.number, connection.tap.role) { tell(kind, connection, time, emit) }
            if let doubt = connection.doubt, !hasHoles { tell(.finding(doubt), connection, time, emit) }
        }
        var ends = connection.ends
        ends.firstTime = Timestamp(nanoseconds: connection.firstTime)
        ends.lastTime = Timestamp(nanoseconds: time)
        let closed = Event.Kind.closed(
            ends, reason: reason, client: connection.tap.sums(of: .client), server: connection.tap.sums(of: .server))
        tell(closed, connection, time, emit)
    }

    func tell(_ kind: Event.Kind, _ connection: CapturedConnection, _ time: Int64, _ emit: (Event) -> Void) {
        if onlySums {
            guard case .closed = kind else { return }
        }
        emit(event(kind, connection, time))
    }

    private func event(_ kind: Event.Kind, _ connection: CapturedConnection, _ time: Int64) -> Event {
        Event(
            time: Timestamp(nanoseconds: time), connection: connection.number, role: connection.tap.role,
            dialect: connection.tap.dialect, signIn: connection.signIn, kind: kind)
    }

    /// The holes of a side, unless there were too many to list them all.
    private static func holes(_ summary: DirectionSummary) -> [Tally.Hole]? {
        guard summary.unlistedGaps == 0 else { return nil }
        return summary.gaps.map { Tally.Hole(offset: UInt64(clamping: $0.offset), length: UInt64(clamping: $0.count)) }
    }

    private static func describe(_ end: StreamEnd) -> CloseReason {
        switch end {
        case .fin: .closed
        case .reset: .reset
        case .reused: .portsReused
        case .idle: .idle
        case .limit: .tooManyConnections
        case .endOfCapture: .captureEnds
        }
    }

    private static func name(of name: StreamFinding.Name) -> FindingName {
        switch name {
        case .overlapDiffers: .overlapDiffers
        case .lateAfterGap: .lateAfterGap
        case .beforeStart: .beforeStart
        case .dataAfterFin: .dataAfterFin
        case .finMisplaced: .finMisplaced
        case .dataAfterReset: .dataAfterReset
        case .implausibleReset: .implausibleReset
        case .implausibleSequence: .implausibleSequence
        case .directionLimit: .directionLimit
        case .totalLimit: .totalLimit
        }
    }

    private static func describe(_ finding: StreamFinding, _ side: Side) -> Finding {
        let text =
            switch finding.name {
            case .overlapDiffers: "bytes sent twice differ; the first captured ones were taken"
            case .lateAfterGap: "bytes came after they had been given up as missing, and were dropped"
            case .beforeStart: "bytes came from before the place where the stream was taken to start, and were dropped"
            case .dataAfterFin: "bytes came behind the end of the stream, and were dropped"
            case .finMisplaced: "the stream was said to end before bytes that were sent already"
            case .dataAfterReset: "bytes came after the reset"
            case .implausibleReset: "a reset did not fit the stream, and was ignored"
            case .implausibleSequence: "bytes were far from all others in the stream, and were dropped"
            case .directionLimit, .totalLimit: "a hole was given up early, for the bytes behind it filled the memory"
            }
        return Finding(
            Self.name(of: finding.name), "\(finding.count) bytes at \(finding.offset): \(text).", side: side)
    }
}
