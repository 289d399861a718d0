// Packets built by hand, header by header, for the tests of the dissector.

import Packets
import TestSupport

typealias Bytes = [UInt8]

/// A TCP segment from port 1025 to 1863.
func tcp(
    _ payload: Bytes = Array("hello".utf8), sequence: UInt32 = 1000, flags: UInt8 = 0x18, options: Bytes = []
) -> Bytes {
    big(1025, 2) + big(1863, 2) + big(Int(sequence), 4) + big(2000, 4) + [UInt8((20 + options.count) / 4 * 16), flags]
        + big(8192, 2) + big(0xBAD, 2) + big(0, 2) + options + payload
}

/// An IPv4 packet from 10.0.0.1 to 10.0.0.2.
func ipv4(
    _ body: Bytes, number: UInt8 = 6, total: Int? = nil, options: Bytes = [], place: Int = 0, identification: Int = 7
) -> Bytes {
    [0x45 + UInt8(options.count / 4), 0] + big(total ?? 20 + options.count + body.count, 2) + big(identification, 2)
        + big(place, 2) + [64, number] + big(0xBAD, 2) + [10, 0, 0, 1, 10, 0, 0, 2] + options + body
}

/// An IPv6 packet from 2001:db8::1 to 2001:db8::2.
func ipv6(_ body: Bytes, next: UInt8 = 6, length: Int? = nil) -> Bytes {
    let prefix: Bytes = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    return [0x60, 0, 0, 0] + big(length ?? body.count, 2) + [next, 64] + prefix + [1] + prefix + [2] + body
}

func ethernet(_ type: Int, _ body: Bytes) -> Bytes { Bytes(repeating: 0xEE, count: 12) + big(type, 2) + body }
func snap(_ type: Int, _ body: Bytes) -> Bytes { [0xAA, 0xAA, 3, 0, 0, 0] + big(type, 2) + body }
func pppoe(_ body: Bytes) -> Bytes { [0x11, 0, 0, 9] + big(body.count, 2) + body }
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
