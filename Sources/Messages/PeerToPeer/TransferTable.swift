// The transfers under way: where their bytes belong, and when they are whole.

internal import MSNP

/// Places bytes; told about by peer-to-peer packets and by file transfer connections alike.
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
        var check: PieceCheck?
        /// By the order in which packets came, where it may be needed.
        var arrival: ArrivalReading?
        /// What that reading makes of the bytes, where it is another than that by headers.
        var apart: BytesAsTheyCame?
        /// Who closed its session while it was under way.
        var closer: Transfer.End?
    }

    let limits: TransferLimits
    let keeping: Transfers.Keeping
    var open: Recent<Key, Entry>
    /// The sizes of those that are under way, which every chunk asks for.
    var sizes: [Key: UInt64] = [:]
    private var ended: Recent<Key, Bool>
    private var told: ToldFindings
    private var last = 0
    var kept = 0
    /// The bytes that all checks keep.
    var checked = 0

    init(_ keeping: Transfers.Keeping, _ limits: TransferLimits) {
        self.limits = limits
        self.keeping = keeping
        open = Recent(most: limits.open)
        ended = Recent(most: limits.remembered)
        told = ToldFindings(limits)
    }

    /// The size of a transfer that is under way.
    func size(_ key: Key) -> UInt64? { sizes[key] }

    /// Whether a transfer has ended.
    func hasEnded(_ key: Key) -> Bool { ended[key] != nil }

    private mutating func nextNumber() -> Int {
        last += 1
        return last
    }

    /// Tells of something that came in one piece.
    mutating func deliver(_ transfer: Transfer, _ data: [UInt8], _ out: inout [TransferRemark]) {
        var transfer = transfer
        transfer.number = nextNumber()
        let end = UInt64(data.count)
        transfer.size = end
        let fresh = transfer.received.insert(0..<end)
        switch keeping {
        case .nothing, .checking: break
        case .pieces:
            let piece = TransferPiece(transfer: transfer.number, offset: 0, bytes: data[...], fresh: fresh)
            out.append(.piece(piece))
        case .data(let most): if data.count <= most { transfer.data = data }
        }
        out.append(.ended(transfer))
    }

    /// Tells of something of which nothing is there.
    mutating func giveUp(_ transfer: Transfer, because reason: String, _ out: inout [TransferRemark]) {
        var transfer = transfer
        transfer.number = nextNumber()
        transfer.reason = reason
        out.append(.ended(transfer))
    }

    /// Begins a transfer.
    ///
    /// - Parameter hasOrder: whether its packets are read in the order of their arrival too.
    mutating func begin(
        _ key: Key, _ transfer: Transfer, hasOrder: Bool = false, _ out: inout [TransferRemark]
    ) {
        var entry = Entry(key: key, transfer: transfer)
        if hasOrder { entry.arrival = ArrivalReading() }
        entry.transfer.number = nextNumber()
        switch keeping {
        case .nothing, .pieces: break
        case .data: entry.store = ByteStore()
        case .checking(let digest):
            // MSNFTP says everything once and in order, and tells no digest.
            guard transfer.method != .fileTransfer else { break }
            entry.check = PieceCheck(digest: transfer.object?.dataDigest == nil ? nil : digest())
        }
        // Of what has no size, everything is taken.
        sizes[key] = transfer.size ?? .max
        guard let oldest = open.set(entry, for: key) else { return }
        sizes[oldest.key] = nil
        finish(oldest, because: "too many transfers were under way at once", &out)
    }

    /// Places bytes in a transfer that is under way; nothing is done for others.
    ///
    /// - Parameters:
    ///   - order: what the packet says of itself, where its place may be wrong.
    ///   - mayBeginElsewhere: those in front of its first ones are not missed.
    /// - Returns: whether it is whole now.
    @discardableResult mutating func place(
        _ bytes: ArraySlice<UInt8>, at offset: UInt64, in key: Key, _ place: Place, order: PacketOrder? = nil,
        mayBeginElsewhere: Bool = false, _ out: inout [TransferRemark]
    ) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(UInt64(bytes.count))
        guard !bytes.isEmpty, let size = sizes[key] else { return false }
        guard !overflow, end <= size else {
            tell(.p2pOffsetOutside, "\(bytes.count) bytes at \(offset) of \(size).", key, place, &out)
            return false
        }
        let isLagging = order.map { arrange(bytes, at: offset, in: key, $0, &out) } ?? false
        var fresh: [Range<UInt64>] = []
        var expected: UInt64?
        var isSame = true
        var isFull = false
        var isWhole = false
        var number = 0
        let limits = limits
        let room: Int = if case .data(let most) = keeping { most } else { 0 }
        open.change(key) { entry in
            number = entry.transfer.number
            entry.transfer.note(place)
            let isMissed = !mayBeginElsewhere || !entry.transfer.received.ranges.isEmpty
            if offset > entry.next, isMissed { expected = entry.next }
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
        if let expected { tell(.p2pOffsetGap, "Byte \(expected) was expected, \(offset) came.", key, place, &out) }
        if isFull {
            tell(.p2pLimit, "A transfer has more than \(limits.ranges) holes.", key, place, &out)
            return false
        }
        if !isSame, !isLagging {
            let text = "Bytes at \(offset) came again and differ; the first ones were taken."
            tell(.p2pOverlapDiffers, text, key, place, &out)
        }
        if case .pieces = keeping {
            out.append(.piece(TransferPiece(transfer: number, offset: offset, bytes: bytes, fresh: fresh)))
        }
        guard isWhole || settle(key, place, &out) else { return false }
        self.end(key, &out)
        return true
    }

    /// Ends a transfer.
    mutating func end(
        _ key: Key, because reason: String? = nil, isTold: Bool = true, _ out: inout [TransferRemark]
    ) {
        guard let entry = open.remove(key) else { return }
        sizes[key] = nil
        ended.set(true, for: key)
        finish(entry, because: reason, isTold: isTold, &out)
    }

    /// Ends those that were last seen on a connection.
    ///
    /// - Parameter isElsewhere: of which nothing is told.
    mutating func endAll(
        on connection: Int, _ out: inout [TransferRemark], unless isElsewhere: (Transfer) -> Bool
    ) {
        let keys = open.keys.filter { open[$0]?.transfer.lastConnection == connection }
        for key in keys.sorted(by: { (open[$0]?.transfer.number ?? 0) < (open[$1]?.transfer.number ?? 0) }) {
            end(key, isTold: open[key].map { !isElsewhere($0.transfer) } ?? true, &out)
        }
    }

    /// Ends them all.
    ///
    /// - Parameter mayGoOn: of which nothing is told.
    mutating func endAll(_ out: inout [TransferRemark], unless mayGoOn: (Key, Transfer) -> Bool) {
        sizes = [:]
        for entry in open.removeAll() {
            finish(entry, because: nil, isTold: !mayGoOn(entry.key, entry.transfer), &out)
        }
    }

    /// Says why a transfer will end.
    mutating func explain(_ key: Key, _ reason: String) {
        open.change(key) { if $0.transfer.reason == nil { $0.transfer.reason = reason } }
    }

    /// Tells a finding on a transfer, or on none; so many of each name, and of each connection.
    mutating func tell(_ name: FindingName, _ text: String, _ key: Key?, _ place: Place?, _ out: inout [TransferRemark])
    {
        if let key {
            open.change(key) { if !$0.transfer.findings.contains(name) { $0.transfer.findings.append(name) } }
        }
        if let remark = told.next(name, text, key, on: place?.connection ?? 0) { out.append(remark) }
    }

    private mutating func finish(
        _ entry: Entry, because reason: String?, isTold: Bool = true, _ out: inout [TransferRemark]
    ) {
        var transfer = entry.transfer
        if entry.apart != nil { forget(entry, &out) }
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
        if let size = transfer.size, let value = entry.check?.value(of: size), let told = transfer.object?.dataDigest,
            value != told
        {
            let text = "The SHA-1 of the \(size) bytes of this \(transfer.kind) is not the SHA1D of their description."
            transfer.findings.append(.digestDiffers)
            tell(.digestDiffers, text, entry.key, transfer.latest ?? transfer.places.first, &out)
        }
        if isTold { out.append(.ended(transfer)) }
    }
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
