// Writes packets into capture files.

/// A captured packet.
package struct CapturedPacket: Sendable {
    /// In nanoseconds since 1970.
    package var time: Int64
    package var bytes: [UInt8]
    /// How long it was on the wire; longer than `bytes` where the snap length cut it.
    package var wireLength: Int
    /// The number of its interface in a pcapng file.
    package var interface = 0
}

/// Puts packets into capture files, in any format that libpcap reads.
package enum CaptureFile {
    /// A pcap file.
    package static func pcap(
        _ packets: [CapturedPacket], link: Int = 1, nanoseconds: Bool = false, isBigEndian: Bool = false
    ) -> [UInt8] {
        func number(_ value: Int, _ width: Int = 4) -> [UInt8] {
            isBigEndian ? big(value, width) : little(value, width)
        }
        var file = number(nanoseconds ? 0xA1B2_3C4D : 0xA1B2_C3D4) + number(2, 2) + number(4, 2)
        file += number(0) + number(0) + number(262_144) + number(link)
        for packet in packets {
            let fraction = Int(packet.time % 1_000_000_000) / (nanoseconds ? 1 : 1_000)
            file += number(Int(packet.time / 1_000_000_000)) + number(fraction)
            file += number(packet.bytes.count) + number(packet.wireLength) + packet.bytes
        }
        return file
    }

    /// A pcapng file with an interface for each link type, times in nanoseconds, and blocks that readers pass over.
    package static func pcapng(
        _ packets: [CapturedPacket], links: [Int] = [1], isBigEndian: Bool = false
    ) -> [UInt8] {
        func number(_ value: Int, _ width: Int = 4) -> [UInt8] {
            isBigEndian ? big(value, width) : little(value, width)
        }
        func block(_ type: Int, _ body: [UInt8]) -> [UInt8] {
            let padded = body + [UInt8](repeating: 0, count: -body.count & 3)
            return number(type) + number(padded.count + 12) + padded + number(padded.count + 12)
        }
        var file = block(
            0x0A0D_0D0A, number(0x1A2B_3C4D) + number(1, 2) + number(0, 2) + [UInt8](repeating: 0xFF, count: 8))
        for link in links {
            // Option 9: the time's unit is 10^-9 s.
            file += block(
                1,
                number(link, 2) + number(0, 2) + number(262_144) + number(9, 2) + number(1, 2) + [9, 0, 0, 0]
                    + number(0))
        }
        file += block(4, number(0, 2) + number(0, 2)) + block(0x0BAD_0001, number(7))
        for packet in packets {
            let time = number(Int(packet.time >> 32)) + number(Int(packet.time & 0xFFFF_FFFF))
            let lengths = number(packet.bytes.count) + number(packet.wireLength)
            file += block(6, number(packet.interface) + time + lengths + packet.bytes)
        }
        return file
    }

    /// A gzip file of stored blocks, which need no compressor.
    package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        var start = 0
        repeat {
            let part = bytes[start..<min(bytes.count, start + 60_000)]
            start += part.count
            out += [start == bytes.count ? 1 : 0] + little(part.count, 2) + little(~part.count, 2) + part
        } while start < bytes.count
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return out + little(Int(~crc), 4) + little(bytes.count, 4)
    }
}
