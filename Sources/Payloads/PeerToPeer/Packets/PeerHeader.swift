// Parses the binary header of peer-to-peer packets, version 1 (p2p.md section 2).

package import MSNP

/// The 48 bytes before the data of a packet; all numbers are little-endian.
package struct PeerHeader: Sendable, Hashable {
    /// 0 for MSNSLP, else the session identifier of an INVITE.
    package var sessionID: UInt32
    /// The message identifier, the same in all chunks of a message.
    package var identifier: UInt32
    /// The offset of this chunk in the message.
    package var offset: UInt64
    /// The length of the complete message in bytes.
    package var totalSize: UInt64
    /// The length of this chunk in bytes.
    package var chunkLength: UInt32
    /// The kind of message; see `flagNames`.
    package var flags: UInt32
    /// In an acknowledgement, the identifier of the acknowledged message; else random.
    package var ackIdentifier: UInt32
    /// In an acknowledgement, the `ackIdentifier` of the acknowledged message.
    package var ackUniqueID: UInt32
    /// In an acknowledgement, the length of the acknowledged message.
    package var ackDataSize: UInt64

    /// The length of the header in bytes.
    package static let length = 48

    /// Parses the first 48 bytes; nil if there are fewer.
    package init?(_ bytes: ByteSlice) {
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

    /// Whether this is a positive or negative acknowledgement.
    package var isAcknowledgement: Bool { flags & 0x03 != 0 }
    /// Whether the flags mark the data as an object or a file.
    package var isData: Bool { flags & 0x30 != 0 }
    /// The nonce of a direct link's handshake, which replaces the last three numbers; nil for other packets.
    package var nonce: GUID? {
        guard flags & 0x100 != 0 else { return nil }
        let low = UInt64(ackIdentifier) | UInt64(ackUniqueID) &<< 32
        let bytes = [low, ackDataSize].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half &>> UInt64(8 * $0)) }
        }
        return GUID(little: ByteSlice(bytes))
    }

    /// The names of the flags, lowest bit first.
    package var flagNames: [String] {
        let known = Self.names.filter { flags & $0.bit != 0 }
        let rest = flags & ~known.reduce(0) { $0 | $1.bit }
        return known.map(\.name) + (rest == 0 ? [] : ["0x" + String(rest, radix: 16)])
    }

    private static let names: [(bit: UInt32, name: String)] = [
        (0x01, "nak"), (0x02, "ack"), (0x04, "rak"), (0x08, "error"), (0x10, "file"), (0x20, "data"), (0x40, "close"),
        (0x80, "transport_error"), (0x100, "handshake"), (0x200, "encrypted"), (0x100_0000, "wlm2009"),
    ]

    /// The header as named fields.
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

/// A globally unique identifier, in the byte order of its text form.
package struct GUID: Sendable, Hashable, CustomStringConvertible {
    /// The 16 bytes in the order of the digits.
    package let bytes: [UInt8]

    /// Parses the 16 bytes of Windows' structure, whose first three groups are little-endian.
    package init?(little bytes: ByteSlice) {
        guard bytes.count == 16 else { return nil }
        self.bytes =
            bytes.prefix(4).reversed() + bytes.dropFirst(4).prefix(2).reversed()
            + bytes.dropFirst(6).prefix(2).reversed() + bytes.dropFirst(8)
    }

    /// Parses the 16 bytes in the order of the digits.
    package init?(plain bytes: ByteSlice) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Parses `{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}`; braces are optional, case is ignored.
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

    /// The 16 bytes of Windows' structure.
    package var little: [UInt8] {
        bytes.prefix(4).reversed() + bytes[4..<6].reversed() + bytes[6..<8].reversed() + bytes[8...]
    }

    /// The text form with braces, in upper case.
    package var description: String {
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hexadecimal.text(bytes[$0], isUpperCase: true) }
        return "{\(groups.joined(separator: "-"))}"
    }
}
