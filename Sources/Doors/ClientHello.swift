// Reads the server name from the first message of a TLS client (RFC 8446 section 4.1.2, RFC 6066 section 3). Pure.

/// Collects the first bytes of a tunnel until it is known whether they are a TLS ClientHello, and which server it names.
package struct ClientHello: Sendable, Hashable {
    /// What is known of the first bytes.
    package enum Reading: Sendable, Hashable {
        case incomplete
        /// Something other than TLS.
        case other
        /// A ClientHello; the name is nil if it has none that is text.
        case hello(serverName: String?)
    }

    /// The maximum length of a TLS record with its header.
    private static let mostBytes = (16 << 10) + 5
    /// A name in DNS has at most 255 bytes.
    private static let mostNameBytes = 255

    package private(set) var reading = Reading.incomplete
    private var held: [UInt8] = []

    package init() {}

    /// Adds bytes of the client.
    package mutating func receive(_ bytes: some Collection<UInt8>) {
        guard case .incomplete = reading else { return }
        held += bytes.prefix(Self.mostBytes - held.count)
        reading = Self.read(held)
        if case .incomplete = reading, held.count >= Self.mostBytes { reading = .other }
        if reading != .incomplete { held = [] }
    }

    private static func read(_ bytes: [UInt8]) -> Reading {
        guard bytes.prefix(2).elementsEqual([0x16, 0x03].prefix(bytes.count)) else { return .other }
        guard bytes.count >= 5 else { return .incomplete }
        let length = Int(bytes[3]) << 8 | Int(bytes[4])
        guard length >= 4, length <= mostBytes - 5 else { return .other }
        guard bytes.count >= 6 else { return .incomplete }
        guard bytes[5] == 1 else { return .other }
        // A longer ClientHello goes on in the next record; the name is nearly always in the first one.
        guard bytes.count >= 5 + length else { return .incomplete }
        return .hello(serverName: serverName(in: bytes[9..<5 + length]))
    }

    /// The name in the body of a ClientHello.
    private static func serverName(in body: ArraySlice<UInt8>) -> String? {
        var rest = body.dropFirst(34)
        guard take(1, &rest) != nil, take(2, &rest) != nil, take(1, &rest) != nil,
            var extensions = take(2, &rest, mayBeCut: true)
        else { return nil }
        while extensions.count >= 4 {
            let kind = extensions.prefix(2)
            extensions = extensions.dropFirst(2)
            guard let content = take(2, &extensions) else { return nil }
            guard kind.elementsEqual([0, 0]) else { continue }
            var names = content.dropFirst(2)
            guard names.popFirst() == 0, let name = take(2, &names), !name.isEmpty, name.count <= mostNameBytes,
                name.allSatisfy({ 0x21...0x7E ~= $0 })
            else { return nil }
            return String(decoding: name, as: UTF8.self)
        }
        return nil
    }

    /// Removes a vector with its length, which has so many bytes.
    private static func take(
        _ size: Int, _ bytes: inout ArraySlice<UInt8>, mayBeCut: Bool = false
    ) -> ArraySlice<UInt8>? {
        guard bytes.count >= size else { return nil }
        let length = bytes.prefix(size).reduce(0) { $0 << 8 | Int($1) }
        bytes = bytes.dropFirst(size)
        guard length <= bytes.count || mayBeCut else { return nil }
        defer { bytes = bytes.dropFirst(length) }
        return bytes.prefix(length)
    }
}
