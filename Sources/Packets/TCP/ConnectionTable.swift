// A hash table with open addressing: finds the slot of a connection by its two endpoints.

/// The two endpoints of a connection, in ascending order.
struct EndpointPair: Equatable, Sendable {
    let low: Endpoint
    let high: Endpoint

    @inline(__always)
    static func == (left: EndpointPair, right: EndpointPair) -> Bool {
        left.low.address.low == right.low.address.low && left.high.address.low == right.high.address.low
            && left.low.port == right.low.port && left.high.port == right.high.port
            && left.low.address.high == right.low.address.high && left.high.address.high == right.high.address.high
    }
}

/// ConnectionSlot numbers by hash. The slots hold the keys, and the caller compares them.
///
/// Linear probing over words: 32 bits of hash, and 32 bits of slot number plus one. A random key in the hash prevents
/// captures crafted to make all connections collide.
struct ConnectionTable: Sendable {
    private var words: [UInt64]
    private var count = 0
    private let secret = UInt64.random(in: .min ... .max) | 1

    init() {
        words = [UInt64](repeating: 0, count: 64)
    }

    /// Hashes both endpoints to 64 bits: two wide multiplications, folded.
    @inline(__always)
    func hash(_ ends: EndpointPair) -> UInt64 {
        let ports = UInt64(ends.low.port) << 16 | UInt64(ends.high.port)
        var mixed = Self.fold(ends.low.address.low ^ secret, ends.high.address.low ^ (ports << 32 &+ ports))
        if ends.low.address.high | ends.high.address.high != 0 {
            mixed ^= Self.fold(ends.low.address.high ^ secret, ends.high.address.high ^ mixed)
        }
        return Self.fold(mixed ^ ports, secret ^ 0x9E37_79B9_7F4A_7C15)
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// The slot with this hash for which `matches` returns true, or nil.
    @inline(__always)
    func find(_ hash: UInt64, _ matches: (Int) -> Bool) -> Int? {
        let mask = words.count &- 1
        var index = Int(truncatingIfNeeded: hash >> 32) & mask
        while true {
            let word = words[index]
            if word == 0 { return nil }
            if word >> 32 == hash >> 32 {
                let slot = Int(word & 0xFFFF_FFFF) &- 1
                if matches(slot) { return slot }
            }
            index = (index &+ 1) & mask
        }
    }

    mutating func insert(_ hash: UInt64, _ slot: Int) {
        if count &* 2 >= words.count { grow() }
        put((hash & ~0xFFFF_FFFF) | UInt64(slot &+ 1))
        count &+= 1
    }

    /// Removes a slot that was inserted with this hash.
    mutating func remove(_ hash: UInt64, _ slot: Int) {
        let mask = words.count &- 1
        let word = (hash & ~0xFFFF_FFFF) | UInt64(slot &+ 1)
        var index = Int(truncatingIfNeeded: hash >> 32) & mask
        while words[index] != word {
            if words[index] == 0 { return }
            index = (index &+ 1) & mask
        }
        count &-= 1
        // Later words of the same run move up, so that no search ends early at the empty place.
        var hole = index
        while true {
            index = (index &+ 1) & mask
            let other = words[index]
            if other == 0 { break }
            let home = Int(truncatingIfNeeded: other >> 32) & mask
            if (index &- home) & mask >= (index &- hole) & mask {
                words[hole] = other
                hole = index
            }
        }
        words[hole] = 0
    }

    private mutating func put(_ word: UInt64) {
        let mask = words.count &- 1
        var index = Int(truncatingIfNeeded: word >> 32) & mask
        while words[index] != 0 { index = (index &+ 1) & mask }
        words[index] = word
    }

    private mutating func grow() {
        let old = words
        words = [UInt64](repeating: 0, count: old.count &* 2)
        for word in old where word != 0 { put(word) }
    }
}
