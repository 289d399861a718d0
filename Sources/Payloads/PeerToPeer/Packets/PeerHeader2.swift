// Parses the binary headers of peer-to-peer packets, version 2 (p2p.md section 3).

package import MSNP

/// The transport header and the data header after it; all numbers are big-endian, except in the peer information.
package struct PeerHeader2: Sendable, Hashable {
    /// A type-length-value item.
    package struct Item: Sendable, Hashable {
        /// The type of the value.
        package var type: UInt8
        package var value: [UInt8]
    }

    /// The length of the transport header, including items and padding.
    package var length: UInt8
    /// Bit 0: synchronise; bit 1: an acknowledgement is requested.
    package var opcode: UInt8
    /// The number of bytes after the transport header: data header and data.
    package var payloadLength: UInt16
    /// The sequence number: the position of the payload in the byte stream of this sender.
    package var sequence: UInt32
    /// The items of the transport header.
    package var items: [Item]
    /// The data header; nil if the packet has no payload.
    package var data: DataHeader?

    /// The header of a packet's data.
    package struct DataHeader: Sendable, Hashable {
        /// The length of this header, including items and padding.
        package var length: UInt8
        /// The type of the data times two, plus one in the first part of a message.
        package var typeAndFirst: UInt8
        /// The number that the parts of a message share.
        package var package: UInt16
        /// 0 for MSNSLP, else the session identifier of an INVITE.
        package var sessionID: UInt32
        /// The items of this header.
        package var items: [Item]

        /// Whether this is the first part of a message.
        package var isFirst: Bool { typeAndFirst & 1 == 1 }
        /// Whether the data is an object or a file.
        package var isData: Bool { typeAndFirst / 2 == 2 || typeAndFirst / 2 == 3 }
        /// The number of bytes of the message after this part; 0 if the header does not contain it.
        package var remaining: UInt64 {
            items.first { $0.type == 1 }.flatMap { item in
                var cursor = ByteCursor(ByteSlice(item.value))
                return cursor.big(UInt64.self)
            } ?? 0
        }
    }

    /// The length of both headers in bytes.
    package var headersLength: Int { Int(length) + Int(data?.length ?? 0) }
    /// The length of the data after the headers in bytes.
    package var dataLength: Int { max(0, Int(payloadLength) - Int(data?.length ?? 0)) }
    /// The sequence number that this packet acknowledges.
    package var acknowledged: UInt32? { number(of: 2) }
    /// The sequence number that this packet reports as missing.
    package var missed: UInt32? { number(of: 3) }

    private func number(of type: UInt8) -> UInt32? {
        items.first { $0.type == type }.flatMap { item in
            var cursor = ByteCursor(ByteSlice(item.value))
            return cursor.big(UInt32.self)
        }
    }

    /// Parses both headers; nil if their lengths exceed the bytes.
    package init?(_ bytes: ByteSlice) {
        var cursor = ByteCursor(bytes)
        guard let length = cursor.big(UInt8.self), length >= 8, let opcode = cursor.big(UInt8.self),
            let payloadLength = cursor.big(UInt16.self), let sequence = cursor.big(UInt32.self),
            let tail = cursor.take(Int(length) - 8), let items = Self.items(of: tail)
        else { return nil }
        self.length = length
        self.opcode = opcode
        self.payloadLength = payloadLength
        self.sequence = sequence
        self.items = items
        guard payloadLength > 0 else { return }
        guard let length = cursor.big(UInt8.self), length >= 8, Int(length) <= Int(payloadLength),
            let typeAndFirst = cursor.big(UInt8.self), let package = cursor.big(UInt16.self),
            let sessionID = cursor.big(UInt32.self), let tail = cursor.take(Int(length) - 8),
            let items = Self.items(of: tail)
        else { return nil }
        data = DataHeader(
            length: length, typeAndFirst: typeAndFirst, package: package, sessionID: sessionID, items: items)
    }

    /// Parses the items of a header; type 0 is padding. Nil if an item exceeds the header.
    private static func items(of bytes: ByteSlice) -> [Item]? {
        var cursor = ByteCursor(bytes)
        var items: [Item] = []
        while let type = cursor.big(UInt8.self), type != 0 {
            guard let length = cursor.big(UInt8.self), let value = cursor.take(Int(length)) else { return nil }
            items.append(Item(type: type, value: Array(value)))
        }
        return items
    }

    /// The headers as named fields.
    package var fields: [Field] {
        var fields = [Field("sequence", sequence), Field("payload_length", payloadLength)]
        var operations = (opcode & 1 == 0 ? [] : ["syn"]) + (opcode & 2 == 0 ? [] : ["rak"])
        if opcode & ~3 != 0 { operations.append("0x" + String(opcode & ~3, radix: 16)) }
        fields.append(Field("opcode", .list(operations.map(Field.Value.text))))
        for item in items {
            var cursor = ByteCursor(ByteSlice(item.value))
            switch (item.type, item.value.count) {
            case (1, 12):
                // The only little-endian numbers of this version.
                let numbers = (0..<4).map { _ in cursor.little(UInt16.self) ?? 0 }
                fields.append(
                    Field(
                        "peer_info",
                        .fields([
                            Field("protocol", numbers[0]), Field("implementation", numbers[1]),
                            Field("version", numbers[2]), Field("capabilities", cursor.little(UInt32.self) ?? 0),
                        ])))
            case (2, 4): fields.append(Field("acknowledged", cursor.big(UInt32.self) ?? 0))
            case (3, 4): fields.append(Field("missed", cursor.big(UInt32.self) ?? 0))
            default: fields.append(Field("item_\(item.type)", item.value.count))
            }
        }
        guard let data else { return fields }
        return fields + [
            Field("is_first", .flag(data.isFirst)), Field("package", data.package),
            Field("session_id", data.sessionID), Field("remaining", data.remaining), Field("data_length", dataLength),
        ]
    }
}
