// The binary header of peer-to-peer messages, version 1 (p2p.md section 2).

internal import MSNP

/// The 48 bytes in front of every chunk, all little-endian.
package struct PeerHeader: Sendable, Hashable {
    /// 0 for MSNSLP, else the session that an INVITE named.
    package var sessionID: UInt32
    /// One for each message, the same in all of its chunks.
    package var identifier: UInt32
    /// Where this chunk belongs in the message.
    package var offset: UInt64
    /// How long the whole message is.
    package var totalSize: UInt64
    /// How many bytes of it follow.
    package var chunkLength: UInt32
    /// What the message is.
    package var flags: UInt32
    /// In an acknowledgement: which message; else random.
    package var ackIdentifier: UInt32
    /// In an acknowledgement: the `ackIdentifier` of that message.
    package var ackUniqueID: UInt32
    /// In an acknowledgement: how long that message is.
    package var ackDataSize: UInt64

    /// How long the header is.
    package static let length = 48

    /// Reads the first 48 bytes; nil where there are fewer.
    package init?(_ bytes: ArraySlice<UInt8>) {
        var cursor = ByteCursor(bytes.prefix(Self.length))
        guard let sessionID = cursor.little(UInt32.self), let identifier = cursor.little(UInt32.self),
            let offset = cursor.little(UInt64.self), let totalSize = cursor.little(UInt64.self),
            let chunkLength = cursor.little(UInt32.self), let flags = cursor.little(UInt32.self),
            let ackIdentifier = cursor.little(UInt32.self), let ackUniqueID = cursor.little(UInt32.self),
            let ackDataSize = cursor.little(UInt64.self)
        else { return nil }
        self.sessionID = sessionID
        self.identifier = identifier
        self.offset = offset
        self.totalSize = totalSize
        self.chunkLength = chunkLength
        self.flags = flags
        self.ackIdentifier = ackIdentifier
        self.ackUniqueID = ackUniqueID
        self.ackDataSize = ackDataSize
    }

    /// Whether this acknowledges a message, or refuses to.
    package var isAcknowledgement: Bool { flags & 0x03 != 0 }
    /// Whether the flags call the data an object or a file.
    package var isData: Bool { flags & 0x30 != 0 }
    /// The nonce of a direct link's handshake, which stands in place of the three numbers at the end.
    package var nonce: GUID? {
        guard flags & 0x100 != 0 else { return nil }
        let low = UInt64(ackIdentifier) | UInt64(ackUniqueID) &<< 32
        let bytes = [low, ackDataSize].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half &>> UInt64(8 * $0)) }
        }
        return GUID(little: bytes[...])
    }

    /// The flags by name, lowest first.
    package var flagNames: [String] {
        let known = Self.names.filter { flags & $0.bit != 0 }
        let rest = flags & ~known.reduce(0) { $0 | $1.bit }
        return known.map(\.name) + (rest == 0 ? [] : ["0x" + String(rest, radix: 16)])
    }

    private static let names: [(bit: UInt32, name: String)] = [
        (0x01, "nak"), (0x02, "ack"), (0x04, "rak"), (0x08, "error"), (0x10, "file"), (0x20, "data"), (0x40, "close"),
        (0x80, "transport_error"), (0x100, "handshake"), (0x200, "encrypted"), (0x100_0000, "wlm2009"),
    ]

    /// All of it, by name.
    package var fields: [Field] {
        var fields = [
            Field("session_id", sessionID), Field("identifier", identifier), Field("offset", offset),
            Field("total_size", totalSize), Field("chunk_length", chunkLength),
            Field("flags", .list(flagNames.map(Field.Value.text))),
        ]
        if let nonce {
            fields.append(Field("nonce", nonce.description))
        } else {
            fields += [
                Field("ack_identifier", ackIdentifier), Field("ack_unique_id", ackUniqueID),
                Field("ack_data_size", ackDataSize),
            ]
        }
        return fields
    }
}

/// A globally unique identifier, in the order in which it is written.
package struct GUID: Sendable, Hashable, CustomStringConvertible {
    /// The sixteen bytes in the order of the digits.
    package let bytes: [UInt8]

    /// Reads the sixteen bytes of Windows' structure: the first three groups have their lowest byte first.
    package init?(little bytes: ArraySlice<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes =
            bytes.prefix(4).reversed() + bytes.dropFirst(4).prefix(2).reversed()
            + bytes.dropFirst(6).prefix(2).reversed() + bytes.dropFirst(8)
    }

    /// Reads the sixteen bytes in the order of the digits.
    package init?(plain bytes: ArraySlice<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Reads `{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}`, with or without braces, in any case.
    package init?(_ text: some StringProtocol) {
        var bytes: [UInt8] = []
        var high: UInt8?
        for byte in text.utf8.drop(while: { $0 == 0x7B }) {
            if byte == 0x2D { continue }
            if byte == 0x7D { break }
            guard let digit = Hexadecimal.value(of: byte), bytes.count < 16 else { return nil }
            if let first = high {
                bytes.append(first &<< 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard bytes.count == 16, high == nil else { return nil }
        self.bytes = bytes
    }

    /// The sixteen bytes as Windows' structure holds them.
    package var little: [UInt8] {
        bytes.prefix(4).reversed() + bytes[4..<6].reversed() + bytes[6..<8].reversed() + bytes[8...]
    }

    /// With braces, in capitals.
    package var description: String {
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hexadecimal.text(bytes[$0], isUpperCase: true) }
        return "{\(groups.joined(separator: "-"))}"
    }
}
