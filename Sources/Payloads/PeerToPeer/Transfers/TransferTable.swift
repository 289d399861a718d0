// Tracks the transfers under way: places their bytes, and reports them when they are complete.

internal import MSNP

/// Places bytes from peer-to-peer packets and MSNFTP connections, and collects the events to report.
struct TransferTable: Sendable {
    /// Identifies a transfer.
    struct Key: Hashable, Sendable {
        /// The connection on which its session was set up; for MSNFTP, the connection that carries the file.
        var connection: Int
        /// Needed in sessions without a captured invitation, where both sides may send.
        var isFromClient = false
        var sender = ""
        /// Needed in sessions without a captured invitation: data with one number may go to several recipients.
        var recipient = ""
        /// The reader's number of the session; 0 if no invitation was captured.
        var agreement = 0
        var session: UInt32 = 0
        /// The message identifier of version 1, the package number of version 2.
        var message: UInt32 = 0
    }

    struct Entry: Sendable {
        var key: Key
        var transfer: Transfer
        /// The offset after the last byte so far.
        var next: UInt64 = 0
        var store: ByteStore?
        var check: StreamVerifier?
        /// The reassembly in order of arrival, if it may be needed.
        var arrival: ArrivalOrderAssembler?
        /// The bytes in order of arrival, if they differ from those placed by offsets.
        var arrivalBytes: ArrivalOrderBytes?
        /// The end that closed its session while it was under way.
        var closer: Transfer.End?
    }

    let limits: TransferLimits
    let keeping: Transfers.Keeping
    var open: BoundedDictionary<Key, Entry>
    /// The sizes of the transfers under way: every chunk needs one.
    var sizes: [Key: UInt64] = [:]
    private var ended: BoundedDictionary<Key, Bool>
    var policy: FindingPolicy
    var events: [TransferEvent] = []
    private var last = 0
    var kept = 0
    /// The number of bytes that all verifiers keep.
    var checked = 0

    init(_ keeping: Transfers.Keeping, _ policy: FindingPolicy, _ limits: TransferLimits) {
        self.limits = limits
        self.keeping = keeping
        self.policy = policy
        open = BoundedDictionary(most: limits.open)
        ended = BoundedDictionary(most: limits.remembered)
    }

    /// The size of a transfer under way; nil for any other.
    func size(_ key: Key) -> UInt64? { sizes[key] }

    func hasEnded(_ key: Key) -> Bool { ended[key] != nil }

    /// Removes and returns the events collected since the last call.
    mutating func takeEvents() -> [TransferEvent] {
        defer { events = [] }
        return events
    }

    /// Adds an event that is not a finding.
    mutating func add(_ event: TransferEvent) { events.append(event) }

    private mutating func nextNumber() -> Int {
        last += 1
        return last
    }

    /// Reports a transfer that is complete at once.
    mutating func deliver(_ transfer: Transfer, _ data: [UInt8]) {
        var transfer = transfer
        transfer.number = nextNumber()
        let end = UInt64(data.count)
        transfer.size = end
        let fresh = transfer.received.insert(0..<end)
        if case .data(let most) = keeping, data.count <= most { transfer.data = data }
        if keeping.givesPieces {
            events.append(
                .piece(TransferPiece(transfer: transfer.number, offset: 0, bytes: ByteSlice(data), fresh: fresh)))
        }
        events.append(.ended(transfer))
    }

    /// Reports a transfer without any data.
    mutating func giveUp(_ transfer: Transfer, because reason: String) {
        var transfer = transfer
        transfer.number = nextNumber()
        transfer.reason = reason
        events.append(.ended(transfer))
    }

    /// Starts a transfer.
    ///
    /// - Parameter hasOrder: whether its packets are also reassembled in order of arrival.
    mutating func begin(_ key: Key, _ transfer: Transfer, hasOrder: Bool = false) {
        var entry = Entry(key: key, transfer: transfer)
        if hasOrder { entry.arrival = ArrivalOrderAssembler() }
        entry.transfer.number = nextNumber()
        switch keeping {
        case .nothing, .pieces: break
        case .data: entry.store = ByteStore()
        case .checking(let digest):
            // MSNFTP sends each byte once and in order, and has no digest.
            guard transfer.method != .fileTransfer else { break }
            entry.check = StreamVerifier(digest: transfer.object?.dataDigest == nil ? nil : digest())
        }
        // Without a size, all bytes are accepted.
        sizes[key] = transfer.size ?? .max
        guard let oldest = open.set(entry, for: key) else { return }
        sizes[oldest.key] = nil
        finish(oldest, because: "too many transfers were under way at once")
    }

    /// Places bytes in a transfer under way; ignores other transfers.
    ///
    /// - Parameter order: the input for reassembly in order of arrival; nil if the offset is reliable.
    /// - Returns: whether the transfer is now complete.
    @discardableResult mutating func place(
        _ bytes: ByteSlice, at offset: UInt64, in key: Key, _ place: Place, order: PacketOrder? = nil
    ) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(UInt64(bytes.count))
        guard !bytes.isEmpty, let size = sizes[key] else { return false }
        guard !overflow, end <= size else {
            report(.p2pOffsetOutside, "\(bytes.count) bytes at \(offset) of \(size).", key, place)
            return false
        }
        let isLagging = order.map { addInArrivalOrder(bytes, at: offset, in: key, $0) } ?? false
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
            isWhole = entry.transfer.isReceivedInFull
        }
        if let expected {
            let text = "Byte \(expected) was expected, but byte \(offset) arrived."
            if isFirst {
                report(.p2pOffsetGap, text, key, place, assuming: .noEarlierPartElsewhere)
            } else {
                report(.p2pOffsetGap, text, key, place)
            }
        }
        if isFull {
            report(.p2pLimit, "A transfer has more than \(limits.ranges) gaps.", key, place)
            return false
        }
        if !isSame, !isLagging {
            let text = "Bytes at \(offset) were sent again and differ; the first ones were used."
            report(.p2pOverlapDiffers, text, key, place)
        }
        if keeping.givesPieces {
            events.append(.piece(TransferPiece(transfer: number, offset: offset, bytes: bytes, fresh: fresh)))
        }
        guard isWhole || completeInArrivalOrder(key, place) else { return false }
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

    /// Ends the transfers that were last seen on a connection.
    mutating func endAll(on connection: Int) {
        let keys = open.keys.filter { open[$0]?.transfer.lastConnection == connection }
        for key in keys.sorted(by: { (open[$0]?.transfer.number ?? 0) < (open[$1]?.transfer.number ?? 0) }) {
            end(key, isReported: open[key].map { policy.reportsEnd(of: $0.transfer, closing: connection) } ?? true)
        }
    }

    /// Ends all transfers.
    mutating func endAll(_ sessions: PeerSessions) {
        sizes = [:]
        for entry in open.removeAll() {
            let session = sessions[entry.key.agreement]
            finish(entry, because: nil, isReported: policy.reportsEnd(of: entry.transfer, session: session))
        }
    }

    /// Sets the reason why a transfer will be incomplete, unless it has one.
    mutating func explain(_ key: Key, _ reason: String) {
        open.change(key) { if $0.transfer.reason == nil { $0.transfer.reason = reason } }
    }

    /// Reports a finding, on a transfer if there is a key.
    mutating func report(_ name: FindingName, _ text: String, _ key: Key?, _ place: Place?) {
        if let key {
            open.change(key) { if !$0.transfer.findings.contains(name) { $0.transfer.findings.append(name) } }
        }
        if let event = policy.limited(name, text, key, on: place?.connection ?? 0) { events.append(event) }
    }

    /// Reports a finding if its assumption about the capture is true.
    ///
    /// - Returns: whether the assumption is true; a finding beyond the limits is left out in either case.
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
        if entry.arrivalBytes != nil { discardArrivalBytes(of: entry) }
        if transfer.isComplete {
            transfer.reason = nil
            transfer.data = entry.store.map(\.whole)
        } else if transfer.isReceivedInFull {
            transfer.reason = "no further data arrived"
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
            let text =
                "The SHA-1 of the \(size) bytes of this \(transfer.kind) does not match the SHA1D of its description."
            transfer.findings.append(.digestDiffers)
            report(.digestDiffers, text, entry.key, transfer.latest ?? transfer.places.first)
        }
        if isReported { events.append(.ended(transfer)) }
    }
}

extension Transfers.Keeping {
    /// The maximum number of bytes of a transfer kept in memory.
    var room: Int { if case .data(let most) = self { most } else { 0 } }
    /// Whether bytes are reported as they arrive.
    var givesPieces: Bool { if case .pieces = self { true } else { false } }
}

extension Transfer {
    /// The maximum number of connections recorded for a transfer.
    private static let mostPlaces = 8

    /// The connection that carried the latest bytes.
    var lastConnection: Int { latest?.connection ?? places.first?.connection ?? 0 }

    /// Records where a part of the transfer was seen.
    mutating func note(_ place: Place) {
        latest = place
        lastTime = max(lastTime, place.time)
        if place.role == .peerToPeer { method = .direct }
        if !places.contains(where: { $0.connection == place.connection }), places.count < Self.mostPlaces {
            places.append(place)
        }
    }
}
