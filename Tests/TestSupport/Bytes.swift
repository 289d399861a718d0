// Numbers as bytes.

/// An integer as bytes, least significant first.
package func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// An integer as bytes, most significant first.
package func big(_ value: Int, _ width: Int) -> [UInt8] { little(value, width).reversed() }
