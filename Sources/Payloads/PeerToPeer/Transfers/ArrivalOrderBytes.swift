// Keeps the bytes of transfers in order of arrival, and uses them if the offsets in headers prove wrong.

internal import MSNP

/// The bytes of a transfer in order of arrival.
struct ArrivalOrderBytes: Sendable {
    var store: ByteStore?
    var check: StreamVerifier?

    /// Adds bytes.
    ///
    /// - Parameters:
    ///   - room: the maximum number of bytes kept in memory.
    ///   - checked: the maximum number of bytes that the verifier keeps.
    mutating func add(_ bytes: ByteSlice, at range: Range<UInt64>, room: Int, checked: Int) {
        _ = store?.add(bytes, at: range.lowerBound, fresh: [range])
        if let count = store?.count, count > room { store = nil }
        _ = check?.add(bytes, at: range.lowerBound, fresh: [range])
        if let count = check?.count, count > checked { check = nil }
    }
}

extension TransferTable {
    /// Adds bytes in order of arrival, before they are placed by the offset in their header.
    ///
    /// - Returns: whether the offset is known to be wrong.
    mutating func addInArrivalOrder(
        _ bytes: ByteSlice, at offset: UInt64, in key: Key, _ order: PacketOrder
    ) -> Bool {
        guard let size = sizes[key], var arrival = open[key]?.arrival else { return false }
        let range = arrival.add(bytes, at: offset, of: size, order)
        guard !arrival.isRejected else {
            if let entry = open[key], entry.arrivalBytes != nil { discardArrivalBytes(of: entry) }
            open.change(key) { ($0.arrival, $0.arrivalBytes) = (nil, nil) }
            return false
        }
        let room = keeping.room
        let limits = limits
        var (inMemory, inChecks) = (0, 0)
        var number = 0
        open.change(key) { entry in
            entry.arrival = arrival
            number = entry.transfer.arrivalNumber
            guard let range else { return }
            inMemory = -(entry.arrivalBytes?.store?.count ?? 0)
            inChecks = -(entry.arrivalBytes?.check?.count ?? 0)
            if entry.arrivalBytes == nil {
                entry.arrivalBytes = ArrivalOrderBytes(store: entry.store, check: entry.check)
            }
            entry.arrivalBytes?.add(bytes.prefix(range.count), at: range, room: room, checked: limits.checked)
            inMemory += entry.arrivalBytes?.store?.count ?? 0
            inChecks += entry.arrivalBytes?.check?.count ?? 0
        }
        kept += inMemory
        checked += inChecks
        if let range, keeping.givesPieces {
            let piece = TransferPiece(
                transfer: number, offset: range.lowerBound, bytes: bytes.prefix(range.count), fresh: [range])
            events.append(.piece(piece))
        }
        return arrival.differs && arrival.hasWrongLength
    }

    /// Uses the bytes in order of arrival if they complete the transfer; returns whether they do.
    mutating func completeInArrivalOrder(_ key: Key, _ place: Place) -> Bool {
        guard let size = sizes[key], let entry = open[key], let arrivalBytes = entry.arrivalBytes,
            let arrival = entry.arrival,
            arrival.isWhole(size)
        else { return false }
        open.change(key) { entry in
            (entry.store, entry.check) = (arrivalBytes.store, arrivalBytes.check)
            (entry.arrivalBytes, entry.arrival) = (nil, nil)
            _ = entry.transfer.received.insert(0..<size)
        }
        kept -= entry.store?.count ?? 0
        checked -= entry.check?.count ?? 0
        if keeping.givesPieces {
            let transfer = entry.transfer
            events.append(.arranged(transfer: transfer.number, by: transfer.arrivalNumber, from: arrival.commonEnd))
        }
        let text =
            "The parts of this \(entry.transfer.kind) have the offsets of the parts before them: they were joined in order"
            + " of arrival, which gives the \(size) bytes."
        report(.p2pChunkLength, text, key, place)
        return true
    }

    /// Discards the bytes in order of arrival.
    mutating func discardArrivalBytes(of entry: Entry) {
        kept -= entry.arrivalBytes?.store?.count ?? 0
        checked -= entry.arrivalBytes?.check?.count ?? 0
        if keeping.givesPieces { events.append(.dropped(entry.transfer.arrivalNumber)) }
    }

    /// Records the end that closed a session, which cancels the session's transfers under way.
    mutating func close(agreement: Int, by closer: (Transfer) -> Transfer.End?) {
        for key in open.keys.filter({ $0.agreement == agreement }) {
            open.change(key) { $0.closer = closer($0.transfer) }
        }
    }
}
