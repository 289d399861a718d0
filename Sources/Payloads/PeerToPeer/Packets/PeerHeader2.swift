// The binary headers of peer-to-peer messages, version 2 (p2p.md section 3).

/// The transport header of a packet and the data header behind it, all big-endian but the peer's description.
package struct PeerHeader2: Sendable, Hashable {
    /// A type and a value of a length that is told.
    package struct Item: Sendable, Hashable {
        /// What the value is.
        package var type: UInt8
        /// The value.
        package var value: [UInt8]
    }

    /// How long the transport header is, its items and padding counted in.
    package var length: UInt8
    /// Bit 0: synchronise; bit 1: an acknowledgement is asked for.
    package var opcode: UInt8
    /// How many bytes follow the transport header: the data header and the data.
    package var payloadLength: UInt16
    /// Where the packet belongs among all bytes of the link.
    package var sequence: UInt32
    /// What else the transport header says.
    package var items: [Item]
    /// The header of the data, where there is any.
    package var data: DataHeader?

    /// What a packet's data is.
    package struct DataHeader: Sendable, Hashable {
        /// How long this header is, its items and padding counted in.
        package var length: UInt8
        /// What the data is, times two, plus one for the first part of a message.
        package var typeAndFirst: UInt8
        /// Groups the parts of a message.
        package var package: UInt16
        /// 0 for MSNSLP, else the session that an INVITE named.
        package var sessionID: UInt32
        /// What else the header says.
        package var items: [Item]

        /// Whether this is the first part of a message.
        package var isFirst: Bool { typeAndFirst & 1 == 1 }
        /// Whether the data is an object or a file.
        package var isData: Bool { typeAndFirst / 2 == 2 || typeAndFirst / 2 == 3 }
        /// How many bytes of the message come after this part; 0 where none is told.
        package var remaining: UInt64 {
            items.first { $0.type == 1 }.flatMap { item in
                var cursor = ByteCursor(item.value[...])
                return cursor.big(UInt64.self)
            } ?? 0
        }
    }

    /// How long both headers are together.
    package var headersLength: Int { Int(length) + Int(data?.length ?? 0) }
    /// How many bytes of data follow the headers.
    package var dataLength: Int { max(0, Int(payloadLength) - Int(data?.length ?? 0)) }
    /// The sequence number that this packet acknowledges.
    package var acknowledged: UInt32? { number(of: 2) }
    /// The sequence number that this packet says is missing.
    package var missed: UInt32? { number(of: 3) }

    private func number(of type: UInt8) -> UInt32? {
        items.first { $0.type == type }.flatMap { item in
            var cursor = ByteCursor(item.value[...])
            return cursor.big(UInt32.self)
        }
    }

    /// Reads both headers; nil where lengths do not fit what is there.
    package init?(_ bytes: ArraySlice<UInt8>) {
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

    /// The items of a header; a type of 0 is padding. Nil where one is longer than the header.
    private static func items(of bytes: ArraySlice<UInt8>) -> [Item]? {
        var cursor = ByteCursor(bytes)
        var items: [Item] = []
        while let type = cursor.big(UInt8.self), type != 0 {
            guard let length = cursor.big(UInt8.self), let value = cursor.take(Int(length)) else { return nil }
            items.append(Item(type: type, value: Array(value)))
        }
        return items
    }

    /// All of it, by name.
    package var fields: [Field] {
        var fields = [Field("sequence", sequence), Field("payload_length", payloadLength)]
        var operations = (opcode & 1 == 0 ? [] : ["syn"]) + (opcode & 2 == 0 ? [] : ["rak"])
        if opcode & ~3 != 0 { operations.append("0x" + String(opcode & ~3, radix: 16)) }
        fields.append(Field("opcode", .list(operations.map(Field.Value.text))))
        for item in items {
            var cursor = ByteCursor(item.value[...])
            switch (item.type, item.value.count) {
            case (1, 12):
                // The only numbers of this version that have their lowest byte first.
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
