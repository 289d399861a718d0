// Decodes batches of TCP streams into steps of connections, with the same tap as the relay.

internal import Analysis
internal import Doors
internal import Events
internal import MSNP
internal import Packets

/// Decodes all connections of a capture, and links those of the same client. Analysis and output come after it.
struct CaptureDecoder {
    /// The open TCP connections, by slot.
    var connections: [Int: CapturedConnection] = [:]
    /// The MSNP connections inside requests to gateways, by session.
    var sessions: [Int: CapturedConnection] = [:]
    /// The connections of pasted logs.
    var pasted: [Int: CapturedConnection] = [:]
    var gateway = Gateway()

    /// Whether only the ends of connections with their sums are emitted.
    private let onlySums: Bool
    private var registry: ConnectionRegistry
    /// Whether data is missing: connections that began before the capture, lost packets, omissions of a pasted log,
    /// connections of other slices.
    var hasHoles: Bool
    /// Whether the bytes of connections are emitted, for their digests.
    private let hasDigests: Bool
    /// The accounts whose sign-in was captured.
    private var signedIn: Set<String> = []
    private static let mostSignedIn = 65_536
    private var lastNumber: Int
    private var numbers: Set<Int> = []

    /// The highest numbers that were given.
    var numbering: CaptureNumbers {
        var result = CaptureNumbers()
        result.connection = max(lastNumber, numbers.max() ?? 0)
        result.signIn = registry.lastSignIn
        return result
    }

    /// - Parameters:
    ///   - isSlice: whether other connections of the capture are read by somebody else.
    ///   - numbers: those given before.
    init(onlySums: Bool, hasDigests: Bool, isSlice: Bool = false, after numbers: CaptureNumbers = CaptureNumbers()) {
        hasHoles = isSlice
        lastNumber = numbers.connection
        registry = ConnectionRegistry(after: numbers.signIn)
        self.onlySums = onlySums
        self.hasDigests = hasDigests
    }

    /// Decodes a batch.
    ///
    /// - Parameters:
    ///   - batch: from the reader.
    ///   - emit: receives each step, in order.
    mutating func receive(_ batch: StreamBatch, _ emit: (Int, consuming DecodedStep) -> Void) {
        let bytes = ByteSlice(batch.bytes)
        for (index, entry) in batch.entries.enumerated() {
            switch entry {
            case .opened(let opened): open(opened, emit)
            case .data(let slot, let side, let time, let range):
                receive(bytes.part(range), from: side, slot, time, emit)
            case .gap(let slot, let side, let time, let count):
                guard let connection = connections[slot] else { continue }
                // A gap has the time of the bytes after it, not the time at which it was given up.
                let place = Self.timeBehind(index, slot, side, in: batch).map { min($0, time) } ?? time
                receiveGap(count, from: side, connection, place, emit)
                if connection.isCarrier {
                    observe(gateway.lose(Int(clamping: count), from: side, carrier: slot), time, emit)
                }
            case .finding(let slot, let side, let time, let finding):
                guard let connection = connections[slot] else { continue }
                report(.finding(Self.describe(finding, side)), connection, time, emit)
            case .closed(let slot, let time, let reason, let summaries):
                close(slot, time, reason, summaries, emit)
            case .pasted(let entry): receive(entry, emit)
            }
        }
    }

    /// The arrival time of the bytes after a gap: they were held back because of it and follow it directly.
    private static func timeBehind(_ index: Int, _ slot: Int, _ side: Side, in batch: StreamBatch) -> Int64? {
        for entry in batch.entries[(index + 1)...].prefix(4) {
            if case .data(slot, side, let time, _) = entry { return time }
        }
        return nil
    }

    private mutating func open(_ opened: StreamBatch.Opened, _ emit: (Int, consuming DecodedStep) -> Void) {
        let connection = CapturedConnection(number: newNumber(), opened)
        connections[opened.slot] = connection
        if connection.isCarrier {
            gateway.open(carrier: opened.slot, isStart: opened.isStart)
        }
        let isFromStart = opened.isStart.client && opened.isStart.server
        begin(connection, isFromStart: isFromStart, emit)
        if case .foreign = opened.kind { return }
        if !isFromStart { hasHoles = true }
        report(.opened(connection.ends), connection, opened.time, emit)
    }

    /// Emits the beginning of a connection.
    ///
    /// - Parameter isFromStart: whether it was captured from its first byte.
    func begin(
        _ connection: CapturedConnection, isFromStart: Bool, _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        let hasTransfers = connection.isDecoded && !onlySums
        let beginning = DecodedStep.Beginning(
            isExcerpt: connection.isExcerpt, transfers: hasTransfers ? (connection.destination, isFromStart) : nil)
        emit(connection.number, .opened(beginning))
    }

    private mutating func receive(
        _ bytes: ByteSlice, from side: Side, _ slot: Int, _ time: Int64,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        guard let connection = connections[slot] else { return }
        receive(bytes, from: side, connection, time, emit)
        if connection.isCarrier { observe(gateway.take(bytes.span, from: side, carrier: slot), time, emit) }
    }

    /// Decodes bytes from one side.
    mutating func receive(
        _ bytes: ByteSlice, from side: Side, _ connection: CapturedConnection, _ time: Int64,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        connection.lastTime = time
        count(bytes, from: side, connection, emit)
        guard connection.isDecoded else { return }
        let handshake = connection.consumeHandshake(bytes.span, from: side)
        if handshake > 0 {
            report(
                connection.tap.setAside(bytes.prefix(handshake), from: side, as: .proxyHandshake), connection, time,
                emit)
        }
        let commands = bytes.dropFirst(handshake)
        connection.checkStart(side, with: commands.span)
        analyseAll(in: commands, from: side, connection, time, emit)
        if connection.tap.settle(side) { analyseAll(in: [], from: side, connection, time, emit) }
        connection.noteArrival(side, time)
    }

    /// Counts bytes of one side.
    func count(
        _ bytes: ByteSlice, from side: Side, _ connection: CapturedConnection,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        connection.tap.count(bytes.span, from: side)
        digest(bytes, from: side, connection, emit)
    }

    /// Emits bytes of one side for their digest.
    func digest(
        _ bytes: ByteSlice, from side: Side, _ connection: CapturedConnection,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        if hasDigests { emit(connection.number, .bytes(bytes, from: side)) }
    }

    /// Emits everything that these bytes complete, together with bytes held back before.
    private mutating func analyseAll(
        in bytes: ByteSlice, from side: Side, _ connection: CapturedConnection, _ time: Int64,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        var position = 0
        while let kind = connection.tap.next(bytes, from: &position, side: side) {
            analyse(kind, connection, time, emit)
        }
    }

    /// Handles missing bytes of one side.
    mutating func receiveGap(
        _ count: Int64, from side: Side, _ connection: CapturedConnection, _ time: Int64,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        hasHoles = true
        connection.skipMissingHandshake(Int(clamping: count), from: side)
        for kind in connection.tap.lose(UInt64(clamping: count), from: side) {
            analyse(kind, connection, time, emit)
        }
    }

    /// Emits a frame, noise or gap from the tap.
    mutating func analyse(
        _ kind: Event.Kind, _ connection: CapturedConnection, _ time: Int64,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        let time = connection.time(of: kind, now: time)
        var finding: Finding?
        if case .frame(let frame, let side) = kind { finding = register(frame, side, connection, time) }
        guard !onlySums else { return }
        emit(connection.number, .observed(connection.event(kind, time)))
        if let finding { report(.finding(finding), connection, time, emit) }
    }

    /// The number of a new connection.
    ///
    /// - Parameter wish: the number that a log gives it; used if no other connection has it.
    mutating func newNumber(preferred: Int? = nil) -> Int {
        if let preferred, preferred > lastNumber, numbers.insert(preferred).inserted { return preferred }
        repeat { lastNumber += 1 } while numbers.contains(lastNumber)
        return lastNumber
    }

    /// Registers the data that links connections to sign-ins: accounts, redirects, cookies.
    ///
    /// - Returns: a finding about the cookie, if it is invalid.
    private mutating func register(
        _ frame: Frame, _ side: Side, _ connection: CapturedConnection, _ time: Int64
    ) -> Finding? {
        switch (frame.verb, side) {
        case ("VER", .client):
            if connection.signIn == nil { return arrive(frame, connection, time) }
        case ("USR", .client), ("ANS", .client):
            if FirstCommand(frame).role == .switchboard { return arrive(frame, connection, time) }
            // Identified once, even if the account is already presumed: this settles the presumption.
            guard let account = connection.tap.account, !connection.isIdentified else { return nil }
            connection.isIdentified = true
            if signedIn.count < Self.mostSignedIn { signedIn.insert(account) }
            connection.signIn = registry.identify(
                account, from: connection.clientHost, current: connection.signIn, now: time)
        case ("XFR", .server), ("RNG", .server):
            guard case .redirect(let redirect) = Command(frame, from: .server) else { return nil }
            if connection.signIn == nil { connection.signIn = registry.newSignIn(account: connection.tap.account) }
            let client = ConnectionRegistry.RedirectedClient(
                host: connection.clientHost, signIn: connection.signIn, tap: connection.tap)
            registry.redirect(client, redirect, now: time)
        default: break
        }
        return nil
    }

    /// Recognizes a client by its first command.
    ///
    /// - Returns: a finding about the cookie, if it is invalid.
    private mutating func arrive(
        _ frame: Frame, _ connection: CapturedConnection, _ time: Int64
    ) -> Finding? {
        let arrival = registry.arrive(
            FirstCommand(frame), from: connection.clientHost, at: connection.destination, now: time)
        switch arrival {
        case .signIn(let signIn): connection.signIn = signIn
        case .switchboard(let expected, let finding):
            connection.signIn = expected.signIn
            connection.tap.inherit(dialect: expected.dialect)
            return finding
        case .unknownCookie(let account):
            // If the sign-in was not captured completely, its cookies are unknown.
            guard signedIn.contains(account), !hasHoles else { return nil }
            connection.pendingFinding = ConnectionRegistry.unknownCookie(of: account)
        case .other: break
        }
        return nil
    }

    private mutating func close(
        _ slot: Int, _ time: Int64, _ reason: StreamEnd, _ summaries: PerSide<DirectionSummary>,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        guard let connection = connections.removeValue(forKey: slot) else { return }
        if connection.isCarrier { observe(gateway.end(carrier: slot), time, emit) }
        for side in Side.allCases {
            let summary = summaries[side]
            if summary.ackedUnseen > 0 { hasHoles = true }
            connection.tap.countAckedUnseen(
                UInt64(clamping: summary.ackedUnseen), from: side, holes: Self.holes(summary))
        }
        end(connection, Self.describe(reason), time, emit)
    }

    /// Emits the remaining pieces of a connection and its end.
    mutating func end(
        _ connection: CapturedConnection, _ reason: CloseReason, _ time: Int64,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        if connection.isDecoded {
            for side in Side.allCases {
                for kind in connection.tap.finish(side) { analyse(kind, connection, time, emit) }
            }
        }
        var ends = connection.ends
        ends.firstTime = Timestamp(nanoseconds: connection.firstTime)
        ends.lastTime = Timestamp(nanoseconds: time)
        let isAnalysed = connection.isDecoded && !onlySums
        let ending = DecodedStep.Ending(
            closed: connection.event(connection.tap.closed(ends, reason: reason), time), hasTransfers: isAnalysed,
            finding: isAnalysed && !hasHoles ? connection.pendingFinding : nil)
        emit(connection.number, .ended(ending))
    }

    /// Emits something that needs no analysis.
    func report(
        _ kind: Event.Kind, _ connection: CapturedConnection, _ time: Int64,
        _ emit: (Int, consuming DecodedStep) -> Void
    ) {
        guard !onlySums else { return }
        emit(connection.number, .reported(connection.event(kind, time)))
    }

    /// The gaps of one side; nil if there were too many to list all.
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
            case .overlapDiffers: "bytes sent twice differ; the first captured ones were used"
            case .lateAfterGap: "bytes arrived after they had been declared missing, and were dropped"
            case .beforeStart: "bytes lie before the assumed start of the stream, and were dropped"
            case .dataAfterFin: "bytes arrived after the end of the stream, and were dropped"
            case .finMisplaced: "a FIN lies before bytes that were already sent"
            case .dataAfterReset: "bytes arrived after the reset"
            case .implausibleReset: "a reset did not fit the stream, and was ignored"
            case .implausibleSequence: "bytes were far from all others in the stream, and were dropped"
            case .directionLimit, .totalLimit: "a gap was declared early, because the bytes after it filled the memory"
            }
        return Finding(
            Self.name(of: finding.name),
            "\(finding.count) \(finding.count == 1 ? "byte" : "bytes") at \(finding.offset): \(text).",
            side: side)
    }
}
