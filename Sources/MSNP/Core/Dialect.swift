// The protocol version (dialect) of a connection, and its negotiation by `VER`.

/// A version of the protocol, `CVR0` or `MSNP2` to `MSNP21` (later numbers are accepted too), ordered by age.
public struct Dialect: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number in the name; 0 for `CVR0`, the dialect that only supports the client update query (`CVR`).
    public let number: UInt8

    /// The dialect with this number, 0 for `CVR0`.
    public init(_ number: UInt8) { self.number = number }

    /// Parses an argument of `VER`, such as `MSNP8` or `CVR0`, ignoring case (payload-rules.md, L5).
    /// Nil for anything else.
    public init?(token: some Collection<UInt8>) {
        let upper = token.map { $0 >= 0x61 && $0 <= 0x7A ? $0 &- 0x20 : $0 }
        if upper.elementsEqual("CVR0".utf8) {
            self.init(0)
            return
        }
        guard upper.count > 4, upper.count <= 6, upper.starts(with: "MSNP".utf8) else { return nil }
        guard let number = Decimal.value(of: upper.dropFirst(4)), number > 0 else { return nil }
        self.init(UInt8(truncatingIfNeeded: number))
    }

    /// The dialect that a server's `VER` selects. Servers answered with one dialect or with all that they supported:
    /// the first one that the client offered counts, or the first one if the client offered none of them.
    ///
    /// - Parameters:
    ///   - named: the dialects in the server's `VER`; empty if it refused all.
    ///   - offered: the dialects in the client's `VER`; empty if it was not captured.
    /// - Returns: nil if the server named no dialect.
    package static func settled(by named: [Dialect], offered: [Dialect]) -> Dialect? {
        named.first(where: offered.contains) ?? named.first
    }

    /// The name on the wire, such as `MSNP8`.
    public var description: String { number == 0 ? "CVR0" : "MSNP\(number)" }

    /// Older dialects are smaller.
    public static func < (lhs: Dialect, rhs: Dialect) -> Bool { lhs.number < rhs.number }

    /// The first dialect in which errors of a notification server may carry a payload (payload-rules.md, rule E).
    static let errorsMayCarryPayload = Dialect(13)
}
