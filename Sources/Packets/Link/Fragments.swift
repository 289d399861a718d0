// Reassembles IP fragments into datagrams, within limits on memory and time.

/// The fields that all fragments of one datagram share (RFC 791, RFC 8200 section 4.5).
struct FragmentKey: Hashable {
    let source: Address
    let destination: Address
    let identification: UInt32
    let protocolNumber: UInt8
}

/// A fragment: its offset in the datagram, and the range of its bytes in the packet.
struct FragmentPiece {
    let offset: Int
    let isLast: Bool
    let range: PacketRange
}

/// Incomplete datagrams. Where fragments overlap, the first bytes win; all limits are in `ReassemblyLimits`.
struct FragmentTable: Sendable {
    private var datagrams: [FragmentKey: Datagram] = [:]
    private var held = 0
    private let limits: ReassemblyLimits

    init(limits: ReassemblyLimits) {
        self.limits = limits
    }

    /// Adds a fragment. Returns the datagram's bytes if the fragment completes it.
    mutating func add(
        _ key: FragmentKey, _ piece: FragmentPiece, _ packet: Span<UInt8>, now: Int64
    ) -> [UInt8]? {
        let count = piece.range.declared &- piece.range.start
        let end = piece.offset &+ count
        // A truncated fragment cannot complete a datagram; one that ends beyond 65,535 bytes is an attack.
        guard count > 0, piece.range.captured == piece.range.declared, end <= 65_535,
            piece.isLast || count % 8 == 0
        else { return nil }
        if let old = datagrams[key], (now &- old.time).magnitude > limits.fragmentTime.magnitude { drop(key) }
        while datagrams[key] == nil, datagrams.count >= limits.fragmentedDatagrams || held > limits.fragmentBytes {
            guard dropOldest() else { break }
        }
        var datagram = datagrams.removeValue(forKey: key) ?? Datagram(time: now)
        held &-= datagram.cost
        guard datagram.place(piece, end: end, packet) else { return nil }
        if let total = datagram.total, datagram.covered == [0..<total] { return datagram.bytes }
        held &+= datagram.cost
        datagrams[key] = datagram
        return nil
    }

    private mutating func drop(_ key: FragmentKey) {
        if let datagram = datagrams.removeValue(forKey: key) { held &-= datagram.cost }
    }

    private mutating func dropOldest() -> Bool {
        guard let oldest = datagrams.min(by: { $0.value.time < $1.value.time }) else { return false }
        drop(oldest.key)
        return true
    }

    /// An incomplete datagram.
    private struct Datagram {
        let time: Int64
        var bytes: [UInt8] = []
        /// Ranges received so far: ascending, without contact.
        var covered: [Range<Int>] = []
        var total: Int?

        init(time: Int64) {
            self.time = time
        }

        /// Memory in bytes, with an allowance for bookkeeping.
        var cost: Int { bytes.count &+ 256 }

        /// The limit on separate ranges. Fragments arrive nearly in order, so more is an attack on memory or time.
        static let maxRanges = 64

        /// Copies those bytes of the fragment that are still missing. Returns false if the fragment contradicts the
        /// others.
        mutating func place(_ piece: FragmentPiece, end: Int, _ packet: Span<UInt8>) -> Bool {
            if piece.isLast {
                if let total, total != end { return false }
                if bytes.count > end { return false }
                total = end
            } else if let total, end > total {
                return false
            }
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end &- bytes.count) }
            var position = piece.offset
            for range in covered where range.upperBound > position && range.lowerBound < end {
                copy(position..<max(position, range.lowerBound), piece, packet)
                position = range.upperBound
            }
            copy(min(position, end)..<end, piece, packet)
            join(piece.offset..<end)
            return covered.count <= Self.maxRanges
        }

        private mutating func copy(_ range: Range<Int>, _ piece: FragmentPiece, _ packet: Span<UInt8>) {
            if range.isEmpty { return }
            let from = piece.range.start &+ (range.lowerBound &- piece.offset)
            bytes.overwrite(at: range.lowerBound, with: packet.extracting(from..<(from &+ range.count)))
        }

        private mutating func join(_ range: Range<Int>) {
            var low = range.lowerBound
            var high = range.upperBound
            covered.removeAll { other in
                guard other.lowerBound <= high, other.upperBound >= low else { return false }
                low = min(low, other.lowerBound)
                high = max(high, other.upperBound)
                return true
            }
            covered.insert(low..<high, at: covered.firstIndex { $0.lowerBound > low } ?? covered.count)
        }
    }
}
