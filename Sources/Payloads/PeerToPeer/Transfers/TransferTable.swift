// The transfers under way: where their bytes belong, and when they are whole.

internal import MSNP

/// Places bytes that come in peer-to-peer packets or over a file's own connection, and collects what is reported of them.
struct TransferTable: Sendable {
    /// Which transfer.
    struct Key: Hashable, Sendable {
        /// Where its session was agreed on, or the file's own connection.
        var connection: Int
        /// Both sides may send in a session of which no invitation was seen.
        var isFromClient = false
        var sender = ""
        /// Of which no invitation was seen: the same number may go to several people.
        var recipient = ""
        /// The number of the session that was agreed on; 0 where none was seen.
        var agreement = 0
        var session: UInt32 = 0
        /// The identifier of version 1, the package of version 2.
        var message: UInt32 = 0
    }

    struct Entry: Sendable {
        var key: Key
        var transfer: Transfer
        /// Behind the last byte so far.
        var next: UInt64 = 0
        var store: ByteStore?
        var check: StreamVerifier?
        /// By the order in which packets came, where it may be needed.
        var arrival: ArrivalReading?
        /// What that reading makes of the bytes, where it is another than that by headers.
        var apart: BytesAsTheyCame?
        /// Who closed its session while it was under way.
        var closer: Transfer.End?
    }

    let limits: TransferLimits
    let keeping: Transfers.Keeping
    var open: BoundedDictionary<Key, Entry>
    /// The sizes of those that are under way, which every chunk asks for.
    var sizes: [Key: UInt64] = [:]
    private var ended: BoundedDictionary<Key, Bool>
    var policy: FindingPolicy
    var events: [TransferEvent] = []
    private var last = 0
    var kept = 0
    /// The bytes that all checks keep.
    var checked = 0

    init(_ keeping: Transfers.Keeping, _ policy: FindingPolicy, _ limits: TransferLimits) {
        self.limits = limits
        self.keeping = keeping
        self.policy = policy
        open = BoundedDictionary(most: limits.open)
        ended = BoundedDictionary(most: limits.remembered)
    }

    /// The size of a transfer that is under way.
    func size(_ key: Key) -> UInt64? { sizes[key] }

    /// Whether a transfer has ended.
    func hasEnded(_ key: Key) -> Bool { ended[key] != nil }

    /// What was reported since this was asked last.
    mutating func takeEvents() -> [TransferEvent] {
        defer { events = [] }
        return events
    }

    /// Reports something else than a finding.
    mutating func add(_ event: TransferEvent) { events.append(event) }

    private mutating func nextNumber() -> Int {
        last += 1
        return last
    }

    /// Reports something that came in one piece.
    mutating func deliver(_ transfer: Transfer, _ data: [UInt8]) {
        var transfer = transfer
        transfer.number = nextNumber()
        let end = UInt64(data.count)
        transfer.size = end
        let fresh = transfer.received.insert(0..<end)
        if case .data(let most) = keeping, data.count <= most { transfer.data = data }
        if keeping.givesPieces {
            events.append(.piece(TransferPiece(transfer: transfer.number, offset: 0, bytes: data[...], fresh: fresh)))
        }
        events.append(.ended(transfer))
    }

    /// Reports something of which nothing is there.
    mutating func giveUp(_ transfer: Transfer, because reason: String) {
        var transfer = transfer
        transfer.number = nextNumber()
        transfer.reason = reason
        events.append(.ended(transfer))
    }

    /// Begins a transfer.
    ///
    /// - Parameter hasOrder: whether its packets are read in the order of their arrival too.
    mutating func begin(_ key: Key, _ transfer: Transfer, hasOrder: Bool = false) {
        var entry = Entry(key: key, transfer: transfer)
        if hasOrder { entry.arrival = ArrivalReading() }
        entry.transfer.number = nextNumber()
        switch keeping {
        case .nothing, .pieces: break
        case .data: entry.store = ByteStore()
        case .checking(let digest):
            // MSNFTP sends everything once and in order, and has no digest.
            guard transfer.method != .fileTransfer else { break }
            entry.check = StreamVerifier(digest: transfer.object?.dataDigest == nil ? nil : digest())
        }
        // Of what has no size, everything is taken.
        sizes[key] = transfer.size ?? .max
        guard let oldest = open.set(entry, for: key) else { return }
        sizes[oldest.key] = nil
        finish(oldest, because: "too many transfers were under way at once")
    }

    /// Places bytes in a transfer that is under way; nothing is done for others.
    ///
    /// - Parameter order: what the packet says of itself, where its place may be wrong.
    /// - Returns: whether it is whole now.
    @discardableResult mutating func place(
        _ bytes: ArraySlice<UInt8>, at offset: UInt64, in key: Key, _ place: Place, order: PacketOrder? = nil
    ) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(UInt64(bytes.count))
        guard !bytes.isEmpty, let size = sizes[key] else { return false }
        guard !overflow, end <= size else {
            report(.p2pOffsetOutside, "\(bytes.count) bytes at \(offset) of \(size).", key, place)
            return false
        }
        let isLagging = order.map { arrange(bytes, at: offset, in: key, $0) } ?? false
        var fresh: [Range<UInt64>] = []
        var expected: UInt64?
        var isFirst = false
        var isSame = true
        var isFull = false
        var isWhole = false
        var number = 0
        let limits = limits
        let room = keeping.room
        open.change(key) { entry in
            number = entry.transfer.number
            entry.transfer.note(place)
            isFirst = entry.transfer.received.ranges.isEmpty
            if offset > entry.next { expected = entry.next }
            isFull = entry.transfer.received.ranges.count >= limits.ranges && offset != entry.next
            if isFull { return }
            fresh = entry.transfer.received.insert(offset..<end)
            entry.next = max(entry.next, end)
            if let before = entry.store?.count {
                isSame = entry.store?.add(bytes, at: offset, fresh: fresh) ?? true
                let after = entry.store?.count ?? 0
                kept += after - before
                if after > room || kept > 8 * room {
                    kept -= after
                    entry.store = nil
                }
            }
            if let before = entry.check?.count {
                isSame = entry.check?.add(bytes, at: offset, fresh: fresh) ?? true
                let after = entry.check?.count ?? 0
                checked += after - before
                if after > limits.checked || checked > 8 * limits.checked {
                    checked -= after
                    entry.check = nil
                }
            }
            isWhole = entry.transfer.hasWhatWasTold
        }
        if let expected {
            let text = "Byte \(expected) was expected, \(offset) came."
            if isFirst {
                report(.p2pOffsetGap, text, key, place, assuming: .noEarlierPartElsewhere)
            } else {
                report(.p2pOffsetGap, text, key, place)
            }
        }
        if isFull {
            report(.p2pLimit, "A transfer has more than \(limits.ranges) holes.", key, place)
            return false
        }
        if !isSame, !isLagging {
            let text = "Bytes at \(offset) came again and differ; the first ones were taken."
            report(.p2pOverlapDiffers, text, key, place)
        }
        if keeping.givesPieces {
            events.append(.piece(TransferPiece(transfer: number, offset: offset, bytes: bytes, fresh: fresh)))
        }
        guard isWhole || settle(key, place) else { return false }
        self.end(key)
        return true
    }

    /// Ends a transfer.
    mutating func end(_ key: Key, isReported: Bool = true) {
        guard let entry = open.remove(key) else { return }
        sizes[key] = nil
        ended.set(true, for: key)
        finish(entry, because: nil, isReported: isReported)
    }

    /// Ends those that were last seen on a connection.
    mutating func endAll(on connection: Int) {
        let keys = open.keys.filter { open[$0]?.transfer.lastConnection == connection }
        for key in keys.sorted(by: { (open[$0]?.transfer.number ?? 0) < (open[$1]?.transfer.number ?? 0) }) {
            end(key, isReported: open[key].map { policy.reportsEnd(of: $0.transfer, closing: connection) } ?? true)
        }
    }

    /// Ends them all.
    mutating func endAll(_ sessions: PeerSessions) {
        sizes = [:]
        for entry in open.removeAll() {
            let session = sessions[entry.key.agreement]
            finish(entry, because: nil, isReported: policy.reportsEnd(of: entry.transfer, session: session))
        }
    }

    /// Sets the reason for which a transfer will end, unless there is one.
    mutating func explain(_ key: Key, _ reason: String) {
        open.change(key) { if $0.transfer.reason == nil { $0.transfer.reason = reason } }
    }

    /// Reports a finding on a transfer, or on none.
    mutating func report(_ name: FindingName, _ text: String, _ key: Key?, _ place: Place?) {
        if let key {
            open.change(key) { if !$0.transfer.findings.contains(name) { $0.transfer.findings.append(name) } }
        }
        if let event = policy.limited(name, text, key, on: place?.connection ?? 0) { events.append(event) }
    }

    /// Reports a finding where what it assumes of the capture is true.
    ///
    /// - Returns: whether it is true; findings above the limits are left out all the same.
    @discardableResult mutating func report(
        _ name: FindingName, _ text: String, _ key: Key?, _ place: Place, assuming assumption: CaptureAssumption
    ) -> Bool {
        guard policy.holds(assumption, at: place) else { return false }
        report(name, text, key, place)
        return true
    }

    private mutating func finish(
        _ entry: Entry, because reason: String?, isReported: Bool = true
    ) {
        var transfer = entry.transfer
        if entry.apart != nil { forget(entry) }
        if transfer.isComplete {
            transfer.reason = nil
            transfer.data = entry.store.map(\.whole)
        } else if transfer.hasWhatWasTold {
            transfer.reason = "no more came of what was offered"
        } else if let closer = entry.closer, transfer.isBeginning {
            transfer.isCancelled = true
            transfer.reason = transfer.reason ?? closer.sentence
        } else if transfer.reason == nil {
            transfer.reason = reason
        }
        kept -= entry.store?.count ?? 0
        checked -= entry.check?.count ?? 0
        if let size = transfer.size, let value = entry.check?.value(of: size),
            let announced = transfer.object?.dataDigest,
            value != announced
        {
            let text = "The SHA-1 of the \(size) bytes of this \(transfer.kind) is not the SHA1D of their description."
            transfer.findings.append(.digestDiffers)
            report(.digestDiffers, text, entry.key, transfer.latest ?? transfer.places.first)
        }
        if isReported { events.append(.ended(transfer)) }
    }
}

extension Transfers.Keeping {
    /// How many bytes of a transfer are kept in memory.
    var room: Int { if case .data(let most) = self { most } else { 0 } }
    /// Whether bytes are handed out as they come.
    var givesPieces: Bool { if case .pieces = self { true } else { false } }
}

extension Transfer {
    /// How many connections are remembered that carried it.
    private static let mostPlaces = 8

    /// The connection that carried its latest bytes.
    var lastConnection: Int { latest?.connection ?? places.first?.connection ?? 0 }

    /// Notes that something of it was seen somewhere.
    mutating func note(_ place: Place) {
        latest = place
        lastTime = max(lastTime, place.time)
        if place.role == .peerToPeer { method = .direct }
        if !places.contains(where: { $0.connection == place.connection }), places.count < Self.mostPlaces {
            places.append(place)
        }
    }
}
