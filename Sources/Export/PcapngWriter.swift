// Encodes the blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian.

/// Writes the block types that an export uses: section header, interface, names, packets.
enum PcapngWriter {
    /// Option codes of the standard.
    private enum Option {
        static let end: UInt16 = 0
        static let comment: UInt16 = 1
        static let userApplication: UInt16 = 4
        static let interfaceName: UInt16 = 2
        static let interfaceDescription: UInt16 = 3
        static let timestampResolution: UInt16 = 9
    }

    /// LINKTYPE_RAW: an IP header of either version, without a link layer.
    private static let rawIP: UInt16 = 101
    /// The limit on comments in bytes: an option's length has 16 bits.
    private static let maxCommentLength = 32_768

    /// Writes the section header and the one interface of all packets; its timestamps count nanoseconds.
    static func begin(program: String, comments: [String], to bytes: inout [UInt8]) {
        block(0x0A0D_0D0A, to: &bytes) { body in
            body.append(little: 0x1A2B_3C4D as UInt32)
            body.append(little: 1 as UInt16)
            body.append(little: 0 as UInt16)
            body.append(little: UInt64.max)
            for comment in comments { text(Option.comment, comment, to: &body) }
            text(Option.userApplication, program, to: &body)
            option(Option.end, [], to: &body)
        }
        block(1, to: &bytes) { body in
            body.append(little: rawIP)
            body.append(little: 0 as UInt16)
            body.append(little: 0 as UInt32)
            text(Option.interfaceName, "butterflynet", to: &body)
            text(Option.interfaceDescription, "synthetic TCP packets with recorded bytes and times", to: &body)
            option(Option.timestampResolution, [9], to: &body)
            option(Option.end, [], to: &body)
        }
    }

    /// Writes a packet. `originalLength` exceeds its byte count where bytes were never captured.
    static func packet(
        _ packet: [UInt8], at nanoseconds: Int64, originalLength: Int, comments: [String], to bytes: inout [UInt8]
    ) {
        // The format has no times before 1970.
        let time = UInt64(max(0, nanoseconds))
        block(6, to: &bytes) { body in
            body.append(little: 0 as UInt32)
            body.append(little: UInt32(truncatingIfNeeded: time &>> 32))
            body.append(little: UInt32(truncatingIfNeeded: time))
            body.append(little: UInt32(clamping: packet.count))
            body.append(little: UInt32(clamping: originalLength))
            body += packet
            pad(&body)
            guard !comments.isEmpty else { return }
            for comment in comments { text(Option.comment, comment, to: &body) }
            option(Option.end, [], to: &body)
        }
    }

    /// Writes the host name that a synthetic address represents.
    static func name(_ name: String, of address: [UInt8], to bytes: inout [UInt8]) {
        block(4, to: &bytes) { body in
            let record = address + Array(name.utf8.prefix(255)) + [0]
            option(address.count == 4 ? 1 : 2, record, to: &body)
            option(Option.end, [], to: &body)
        }
    }

    private static func block(_ type: UInt32, to bytes: inout [UInt8], _ fill: (inout [UInt8]) -> Void) {
        let start = bytes.count
        bytes.append(little: type)
        bytes.append(little: 0 as UInt32)
        fill(&bytes)
        let length = UInt32(clamping: bytes.count - start + 4)
        bytes.append(little: length)
        for index in 0..<4 { bytes[start + 4 + index] = UInt8(truncatingIfNeeded: length &>> UInt32(8 * index)) }
    }

    private static func text(_ code: UInt16, _ text: String, to body: inout [UInt8]) {
        option(code, Array(text.utf8.prefix(maxCommentLength)), to: &body)
    }

    private static func option(_ code: UInt16, _ value: [UInt8], to body: inout [UInt8]) {
        body.append(little: code)
        body.append(little: UInt16(clamping: value.count))
        body += value
        for _ in 0..<(-value.count & 3) { body.append(0) }
    }

    /// Pads to four bytes. Every block's length is a multiple of four, so the length of the buffer shows the alignment.
    private static func pad(_ body: inout [UInt8]) {
        while body.count & 3 != 0 { body.append(0) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(little number: some FixedWidthInteger & UnsignedInteger) {
        for index in 0..<(number.bitWidth / 8) { append(UInt8(truncatingIfNeeded: number &>> (8 * .init(index)))) }
    }

    mutating func append(big number: some FixedWidthInteger & UnsignedInteger) {
        for index in (0..<(number.bitWidth / 8)).reversed() {
            append(UInt8(truncatingIfNeeded: number &>> (8 * .init(index))))
        }
    }
}
