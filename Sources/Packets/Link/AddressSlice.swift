// A share of the connections of a capture, so that several programs can read one capture together.

/// The connections whose pair of addresses falls into one of several slices.
///
/// Ports do not count: IP fragments have none, and all connections between two hosts stay together. The hash is fixed,
/// so that slices made by different versions fit together: FNV-1a with 64 bits over the 32 bytes of both addresses, the
/// lower one first, IPv4 in the mapped form of RFC 4291; of the result modulo the number of slices.
package struct AddressSlice: Sendable, Hashable {
    /// The number of the slice, counted from 1.
    package let number: Int
    /// The number of slices.
    package let count: Int

    /// Makes a slice; nil unless `1 ≤ number ≤ count`.
    package init?(number: Int, of count: Int) {
        guard count >= 1, 1...count ~= number else { return nil }
        self.number = number
        self.count = count
    }

    /// Whether the connections between two addresses belong to the slice.
    package func contains(_ a: Address, _ b: Address) -> Bool {
        let (first, second) = a < b ? (a, b) : (b, a)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for word in [first.high, first.low, second.high, second.low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                hash = (hash ^ (word &>> shift & 0xFF)) &* 0x100_0000_01B3
            }
        }
        return hash % UInt64(count) == UInt64(number - 1)
    }
}
