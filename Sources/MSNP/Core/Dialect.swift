// The versions of the protocol, and the two sides that speak it.

/// A version of the protocol, `CVR0` or `MSNP2` to `MSNP21` (later numbers are accepted too), ordered by age.
public struct Dialect: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number in the name; 0 stands for `CVR0`, the dialect that only knows the question for updates.
    public let number: UInt8

    /// The dialect with this number, 0 for `CVR0`.
    public init(_ number: UInt8) { self.number = number }

    /// Reads a name as it stands in `VER`, such as `MSNP8` or `CVR0`, in any case (payload-rules.md, L5).
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

    /// The dialects that a `VER` names, at most 32.
    package static func list(in version: Frame) -> [Dialect] {
        version.arguments.dropFirst().prefix(32).compactMap { Dialect(token: $0) }
    }

    /// The dialect that a server's `VER` settles on. Servers answered with one, or with all that they knew: the first of
    /// them counts that the client had offered.
    ///
    /// - Parameters:
    ///   - version: what the server said; `0` in the first place refuses.
    ///   - offered: what the client had named; empty where that was not seen.
    package static func settled(by version: Frame, offered: [Dialect]) -> Dialect? {
        let arguments = version.arguments
        guard arguments.count > 1, !arguments[1].elementsEqual([0x30]) else { return nil }
        let named = list(in: version)
        return named.first(where: offered.contains) ?? named.first
    }

    /// The name as it stands on the wire.
    public var description: String { number == 0 ? "CVR0" : "MSNP\(number)" }

    /// Older dialects are smaller.
    public static func < (a: Dialect, b: Dialect) -> Bool { a.number < b.number }

    /// Errors of a notification server may carry a payload from here on (payload-rules.md, rule E).
    static let errorsMayCarryPayload = Dialect(13)
}
