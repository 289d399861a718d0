// Lists of addresses with a given length. Pure.

/// Lists of IPv4 addresses as clients write them: one blank between two addresses.
package enum AddressList {
    /// Addresses of each length from 9 to 14 bytes that are reserved for documentation (RFC 5737): nobody is there.
    private static let fillers = [
        "192.0.2.1", "192.0.2.10", "192.0.2.100", "198.51.100.1", "198.51.100.10", "198.51.100.100",
    ]
    /// Addresses of this machine of each length from 9 to 15 bytes.
    private static let loopbacks = [
        "127.0.0.1", "127.0.0.10", "127.0.0.100", "127.0.10.100", "127.0.100.100", "127.10.100.100", "127.100.100.100",
    ]

    /// A list of exactly `length` bytes whose first address is the given one.
    ///
    /// - Returns: nil if there is none: what is left over must be nothing, 10 to 15 bytes, or at least 20.
    package static func filled(_ address: String, to length: Int) -> String? {
        let rest = length - address.utf8.count
        guard rest > 0 else { return rest == 0 ? address : nil }
        let count = (rest + 14) / 15
        guard rest >= 10 * count else { return nil }
        var list = address
        var left = rest - 10 * count
        for _ in 0..<count {
            let more = min(left, 5)
            left -= more
            list += " " + fillers[more]
        }
        return list
    }

    /// An address of this machine with exactly this length; nil unless that is 9 to 15 bytes.
    package static func loopback(ofLength length: Int) -> String? {
        (9...15).contains(length) ? loopbacks[length - 9] : nil
    }
}
