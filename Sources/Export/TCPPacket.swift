// Encodes one IP packet with a TCP segment, with valid checksums.

/// An endpoint of a TCP connection: an address of 4 or 16 bytes, and a port.
struct TCPEndpoint: Sendable, Hashable {
    var address: [UInt8]
    var port: UInt16
}

/// A TCP segment and its endpoints.
struct TCPPacket: Sendable {
    var from: TCPEndpoint
    var to: TCPEndpoint
    var sequence: UInt32
    var acknowledgement: UInt32 = 0
    var flags: UInt8
    var options: [UInt8] = []
    var payload: ArraySlice<UInt8> = []
    /// Number of bytes of the segment behind `payload` that were never captured.
    var missing = 0

    static let fin: UInt8 = 0x01
    static let syn: UInt8 = 0x02
    static let rst: UInt8 = 0x04
    static let psh: UInt8 = 0x08
    static let ack: UInt8 = 0x10

    /// The limit on payload: 65,535 bytes less the headers of IPv4 and TCP, as on a loopback link. So a command is
    /// nearly always one packet.
    static let maxPayload = 65_495

    /// The encoded packet, from the IP header on.
    var bytes: [UInt8] {
        let length = UInt16(clamping: 20 + options.count + payload.count + missing)
        var packet = from.address.count == 4 ? ipv4Header(length) : ipv6Header(length)
        let start = packet.count
        packet.append(big: from.port)
        packet.append(big: to.port)
        packet.append(big: sequence)
        packet.append(big: acknowledgement)
        packet.append(UInt8(truncatingIfNeeded: (20 + options.count) / 4) &<< 4)
        packet.append(flags)
        packet.append(big: 65_535 as UInt16)
        packet += [0, 0, 0, 0]
        packet += options
        packet += payload
        // A checksum over missing bytes is impossible.
        guard missing == 0 else { return packet }
        var sum = Self.sum(from.address.span, 0) + Self.sum(to.address.span, 0)
        sum += 6 + UInt32(length) + Self.sum(packet.span, start)
        Self.place(sum, in: &packet, at: start + 16)
        return packet
    }

    private func ipv4Header(_ length: UInt16) -> [UInt8] {
        var header: [UInt8] = [0x45, 0]
        header.append(big: UInt16(clamping: Int(length) + 20))
        // "Don't fragment", and so no identification (RFC 6864); 64 hops; TCP.
        header += [0, 0, 0x40, 0, 64, 6, 0, 0]
        header += from.address
        header += to.address
        let sum = Self.sum(header.span, 0)
        Self.place(sum, in: &header, at: 10)
        return header
    }

    private func ipv6Header(_ length: UInt16) -> [UInt8] {
        var header: [UInt8] = [0x60, 0, 0, 0]
        header.append(big: length)
        header += [6, 64]
        header += from.address
        header += to.address
        return header
    }

    /// The unfolded sum of 16-bit words (RFC 1071); for a packet of 64 KiB it stays far below 32 bits.
    private static func sum(_ bytes: Span<UInt8>, _ start: Int) -> UInt32 {
        var sum: UInt32 = 0
        var index = start
        while index &+ 1 < bytes.count {
            sum &+= UInt32(bytes[index]) &<< 8 | UInt32(bytes[index &+ 1])
            index &+= 2
        }
        return index < bytes.count ? sum &+ UInt32(bytes[index]) &<< 8 : sum
    }

    private static func place(_ sum: UInt32, in packet: inout [UInt8], at place: Int) {
        var folded = sum
        while folded > 0xFFFF { folded = folded & 0xFFFF &+ folded &>> 16 }
        let checksum = ~UInt16(truncatingIfNeeded: folded)
        packet[place] = UInt8(truncatingIfNeeded: checksum &>> 8)
        packet[place + 1] = UInt8(truncatingIfNeeded: checksum)
    }
}
