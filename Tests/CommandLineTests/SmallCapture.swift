// A capture file out of what two sides say, for tests that need one with certain words in it.

import Foundation

/// Connections, one after the other, as a capture file of bare IP packets.
struct SmallCapture {
    private var file: [UInt8] = []
    private var time: UInt32 = 0
    private var port: UInt16 = 20_000

    init() {
        for word: UInt32 in [0xA1B2_C3D4, 0x0004_0002, 0, 0, 262_144, 101] { append(word) }
    }

    enum Said {
        case client([UInt8])
        case server([UInt8])
        /// A client's or a server's line.
        static func c(_ line: String) -> Said { .client(Array("\(line)\r\n".utf8)) }
        static func s(_ line: String) -> Said { .server(Array("\(line)\r\n".utf8)) }
        /// A line without its length, and what follows it.
        static func c(_ line: String, _ payload: [UInt8]) -> Said {
            .client(Array("\(line) \(payload.count)\r\n".utf8) + payload)
        }
        static func s(_ line: String, _ payload: [UInt8]) -> Said {
            .server(Array("\(line) \(payload.count)\r\n".utf8) + payload)
        }
        static func c(_ line: String, _ payload: String) -> Said { .c(line, Array(payload.utf8)) }
        static func s(_ line: String, _ payload: String) -> Said { .s(line, Array(payload.utf8)) }
    }

    /// Adds a connection from its first packet to its last.
    mutating func add(to service: UInt16 = 1_863, _ talk: [Said]) {
        port += 1
        var sequences: (client: UInt32, server: UInt32) = (1_000, 5_000)
        func packet(_ isClient: Bool, _ flags: UInt8, _ data: [UInt8] = []) -> [UInt8] {
            let ports = isClient ? [port, service] : [service, port]
            let numbers = isClient ? [sequences.client, sequences.server] : [sequences.server, sequences.client]
            var bytes: [UInt8] = [0x45, 0]
            bytes += Self.big(UInt16(40 + data.count)) + [0, 0, 0, 0, 64, 6, 0, 0]
            bytes += isClient ? [10, 0, 0, 2, 198, 51, 100, 1] : [198, 51, 100, 1, 10, 0, 0, 2]
            bytes += ports.flatMap(Self.big) + numbers.flatMap(Self.big)
            return bytes + [0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0] + data
        }
        append(packet: packet(true, 2))
        sequences.client += 1
        append(packet: packet(false, 0x12))
        sequences.server += 1
        for said in talk {
            switch said {
            case .client(let bytes):
                append(packet: packet(true, 0x18, bytes))
                sequences.client += UInt32(bytes.count)
            case .server(let bytes):
                append(packet: packet(false, 0x18, bytes))
                sequences.server += UInt32(bytes.count)
            }
        }
        append(packet: packet(true, 0x11))
        sequences.client += 1
        append(packet: packet(false, 0x11))
    }

    func write(to path: String) throws { try Data(file).write(to: URL(fileURLWithPath: path)) }

    private mutating func append(packet: [UInt8]) {
        time += 1
        for word in [1_000_000_000 + time, 0, UInt32(packet.count), UInt32(packet.count)] { append(word) }
        file += packet
    }

    private mutating func append(_ word: UInt32) { file += Self.big(word).reversed() }

    private static func big(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
