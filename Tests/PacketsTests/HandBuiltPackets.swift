// Packets built by hand, header by header, for the tests of the dissector.

import Packets

typealias Bytes = [UInt8]

func be16(_ value: Int) -> Bytes { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
func be32(_ value: UInt32) -> Bytes { be16(Int(value >> 16)) + be16(Int(value & 0xFFFF)) }

/// A TCP segment from port 1025 to 1863.
func tcp(
    _ payload: Bytes = Array("hello".utf8), sequence: UInt32 = 1000, flags: UInt8 = 0x18, options: Bytes = []
) -> Bytes {
    be16(1025) + be16(1863) + be32(sequence) + be32(2000) + [UInt8((20 + options.count) / 4 * 16), flags]
        + be16(8192) + be16(0xBAD) + be16(0) + options + payload
}

/// An IPv4 packet from 10.0.0.1 to 10.0.0.2.
func ipv4(
    _ body: Bytes, number: UInt8 = 6, total: Int? = nil, options: Bytes = [], place: Int = 0, identification: Int = 7
) -> Bytes {
    [0x45 + UInt8(options.count / 4), 0] + be16(total ?? 20 + options.count + body.count) + be16(identification)
        + be16(place) + [64, number] + be16(0xBAD) + [10, 0, 0, 1, 10, 0, 0, 2] + options + body
}

/// An IPv6 packet from 2001:db8::1 to 2001:db8::2.
func ipv6(_ body: Bytes, next: UInt8 = 6, length: Int? = nil) -> Bytes {
    let prefix: Bytes = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    return [0x60, 0, 0, 0] + be16(length ?? body.count) + [next, 64] + prefix + [1] + prefix + [2] + body
}

func ethernet(_ type: Int, _ body: Bytes) -> Bytes { Bytes(repeating: 0xEE, count: 12) + be16(type) + body }
func snap(_ type: Int, _ body: Bytes) -> Bytes { [0xAA, 0xAA, 3, 0, 0, 0] + be16(type) + body }
func pppoe(_ body: Bytes) -> Bytes { [0x11, 0, 0, 9] + be16(body.count) + body }
func wifi(_ body: Bytes, kind: UInt8 = 8, flags: UInt8 = 1, header: Int = 24) -> Bytes {
    [kind, flags] + Bytes(repeating: 0, count: header - 2) + body
}

/// What the dissector finds: ends, payload as text, promised length. Nil without a segment.
struct Found: Equatable, CustomStringConvertible {
    var source: String
    var payload: String
    var length: Int
    var description: String { "\(source) '\(payload)' of \(length)" }
}

func find(
    _ packet: Bytes, _ link: LinkType, wireLength: Int? = nil, with dissector: inout Dissector, at time: Int64 = 0
) -> Found? {
    guard
        let segment = dissector.dissect(
            packet.span, wireLength: wireLength ?? packet.count, linkType: link, at: time)
    else { return nil }
    let bytes = segment.isReassembled ? dissector.datagram : packet
    let payload = bytes[segment.payloadOffset..<segment.payloadOffset + segment.captured]
    return Found(
        source: segment.source.description, payload: String(decoding: payload, as: UTF8.self), length: segment.length)
}

func find(_ packet: Bytes, _ link: LinkType, wireLength: Int? = nil) -> Found? {
    var dissector = Dissector()
    return find(packet, link, wireLength: wireLength, with: &dissector)
}
