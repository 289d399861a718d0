// Writes tiny captures: packets by hand, in any file format that libpcap reads.

import Foundation

typealias Bytes = [UInt8]

/// A packet on its way into a file.
struct Packet {
    var time: Int64
    var bytes: Bytes
    /// How long it was on the wire; longer than `bytes` where the snap length cut it.
    var wire: Int?
    var interface = 0
}

/// Puts packets into capture files.
enum CaptureBuilder {
    static func number(_ value: Int, _ width: Int, big: Bool) -> Bytes {
        let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return big ? little.reversed() : little
    }

    /// A pcap file.
    static func pcap(_ packets: [Packet], link: Int = 1, nanoseconds: Bool = false, big: Bool = false) -> Bytes {
        func word(_ value: Int) -> Bytes { number(value, 4, big: big) }
        var file = word(nanoseconds ? 0xA1B2_3C4D : 0xA1B2_C3D4) + number(2, 2, big: big) + number(4, 2, big: big)
        file += word(0) + word(0) + word(262_144) + word(link)
        for packet in packets {
            let fraction = Int(packet.time % 1_000_000_000) / (nanoseconds ? 1 : 1_000)
            file += word(Int(packet.time / 1_000_000_000)) + word(fraction)
            file += word(packet.bytes.count) + word(packet.wire ?? packet.bytes.count) + packet.bytes
        }
        return file
    }

    /// A pcapng file with an interface for each link type; times in nanoseconds, and blocks that nobody asked for.
    static func pcapng(_ packets: [Packet], links: [Int] = [1], big: Bool = false) -> Bytes {
        func word(_ value: Int) -> Bytes { number(value, 4, big: big) }
        func half(_ value: Int) -> Bytes { number(value, 2, big: big) }
        func block(_ type: Int, _ body: Bytes) -> Bytes {
            let padded = body + Bytes(repeating: 0, count: -body.count & 3)
            return word(type) + word(padded.count + 12) + padded + word(padded.count + 12)
        }
        var file = block(0x0A0D_0D0A, word(0x1A2B_3C4D) + half(1) + half(0) + Bytes(repeating: 0xFF, count: 8))
        for link in links {
            // Option 9: the time's unit is 10^-9 s.
            file += block(1, half(link) + half(0) + word(262_144) + half(9) + half(1) + [9, 0, 0, 0] + word(0))
        }
        file += block(4, half(0) + half(0)) + block(0x0BAD_0001, word(7))
        for packet in packets {
            let place = word(Int(packet.time >> 32)) + word(Int(packet.time & 0xFFFF_FFFF))
            let sizes = word(packet.bytes.count) + word(packet.wire ?? packet.bytes.count)
            file += block(6, word(packet.interface) + place + sizes + packet.bytes)
        }
        return file
    }

    static func gzip(_ bytes: Bytes) -> Bytes {
        // Stored blocks need no compressor.
        var out: Bytes = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        var start = 0
        repeat {
            let part = bytes[start..<min(bytes.count, start + 60_000)]
            start += part.count
            out += [start == bytes.count ? 1 : 0] + number(part.count, 2, big: false)
            out += number(~part.count & 0xFFFF, 2, big: false) + part
        } while start < bytes.count
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return out + number(Int(~crc), 4, big: false) + number(bytes.count, 4, big: false)
    }
}

/// A TCP connection between two hosts, said line by line; every packet can be changed before it is written.
struct Talk {
    var packets: [Packet] = []
    var now: Int64 = 1_100_000_000_000_000_000
    var client: (host: UInt8, port: Int)
    var server: (host: UInt8, port: Int)
    var clientNext: UInt32
    var serverNext: UInt32
    /// Wraps an IP packet for the link.
    var wrap: (Bytes) -> Bytes = { Bytes(repeating: 0xEE, count: 12) + [8, 0] + $0 }

    static let fin = 0x01
    static let syn = 0x02
    static let rst = 0x04
    static let ack = 0x10

    init(
        client: Int = 1025, from clientHost: UInt8 = 1, server: Int = 1863, at serverHost: UInt8 = 2,
        start: UInt32 = 1000, serverStart: UInt32 = 9000
    ) {
        self.client = (clientHost, client)
        self.server = (serverHost, server)
        clientNext = start
        serverNext = serverStart
    }

    mutating func handshake() {
        clientNext &-= 1
        serverNext &-= 1
        send(fromClient: true, [], flags: Self.syn)
        clientNext &+= 1
        send(fromClient: false, [], flags: Self.syn | Self.ack)
        serverNext &+= 1
        send(fromClient: true, [])
    }

    mutating func c(_ text: String, captured: Int? = nil) { say(true, Bytes(text.utf8), captured: captured) }
    mutating func s(_ text: String, captured: Int? = nil) { say(false, Bytes(text.utf8), captured: captured) }

    mutating func say(_ fromClient: Bool, _ bytes: Bytes, captured: Int? = nil) {
        send(fromClient: fromClient, bytes, captured: captured)
        if fromClient { clientNext &+= UInt32(bytes.count) } else { serverNext &+= UInt32(bytes.count) }
    }

    /// Leaves bytes out of the capture.
    mutating func lose(_ fromClient: Bool, _ count: Int) {
        if fromClient { clientNext &+= UInt32(count) } else { serverNext &+= UInt32(count) }
    }

    mutating func close() {
        send(fromClient: true, [], flags: Self.fin | Self.ack)
        clientNext &+= 1
        send(fromClient: false, [], flags: Self.fin | Self.ack)
        serverNext &+= 1
        send(fromClient: true, [])
    }

    mutating func send(fromClient: Bool, _ payload: Bytes, flags: Int = Self.ack, captured: Int? = nil) {
        now += 10_000_000
        func number(_ value: Int, _ width: Int) -> Bytes { CaptureBuilder.number(value, width, big: true) }
        let (from, to) = fromClient ? (client, server) : (server, client)
        let sequence = fromClient ? clientNext : serverNext
        let acknowledged = flags & Self.ack == 0 ? 0 : fromClient ? serverNext : clientNext
        let tcp =
            number(from.port, 2) + number(to.port, 2) + number(Int(sequence), 4) + number(Int(acknowledged), 4)
            + [0x50, UInt8(flags)] + number(8192, 2) + number(0, 4)
        let head: Bytes = [0x45, 0] + number(40 + payload.count, 2) + [0, 7, 0, 0, 64, 6, 0, 0]
        let bytes = wrap(head + [10, 0, 0, from.host, 10, 0, 0, to.host] + tcp + payload)
        let kept = bytes.count - payload.count + min(payload.count, captured ?? payload.count)
        packets.append(Packet(time: now, bytes: Bytes(bytes.prefix(kept)), wire: bytes.count))
    }
}

extension Talk {
    /// A switchboard with a handshake, two messages and an end.
    static func switchboard(
        client: Int = 1025, text: String = "hello", dialogue: (inout Talk) -> Void = { _ in }
    ) -> Talk {
        var talk = Talk(client: client)
        talk.handshake()
        talk.c("USR 1 anna@example.com 17.4\r\n")
        talk.s("USR 1 OK anna@example.com Anna\r\n")
        talk.c("CAL 2 ben@example.com\r\n")
        talk.s("CAL 2 RINGING 11\r\nJOI ben@example.com Ben\r\n")
        talk.c(message(text, transaction: 3))
        talk.s(message("hi", from: "ben@example.com Ben"))
        dialogue(&talk)
        talk.c("OUT\r\n")
        talk.close()
        return talk
    }

    static func message(_ text: String, transaction: Int? = nil, from: String = "", headers: String = "") -> String {
        let payload = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\(headers)\r\n\(text)"
        let who = transaction.map { "\($0) N" } ?? from
        return "MSG \(who) \(payload.utf8.count)\r\n\(payload)"
    }

    static let switchboardLines = [
        "C: USR 1 anna@example.com 17.4", "S: USR 1 OK anna@example.com Anna", "C: CAL 2 ben@example.com",
        "S: CAL 2 RINGING 11", "S: JOI ben@example.com Ben",
    ]
}
