// Capture files of given commands.

import Foundation
import TestSupport

/// Connections, one after the other, as a capture file of bare IP packets.
struct SmallCapture {
    private var packets: [CapturedPacket] = []
    private var now: Int64
    private var port = 20_000

    /// - Parameter now: the time of the first packet, in nanoseconds since 1970; each further one follows a second later.
    init(at now: Int64 = 1_000_000_000_000_000_000) { self.now = now }

    enum Segment {
        case client([UInt8])
        case server([UInt8])
        /// A client's or a server's line.
        static func c(_ line: String) -> Segment { .client(Array("\(line)\r\n".utf8)) }
        static func s(_ line: String) -> Segment { .server(Array("\(line)\r\n".utf8)) }
        /// A line without its length, and what follows it.
        static func c(_ line: String, _ payload: [UInt8]) -> Segment {
            .client(Array("\(line) \(payload.count)\r\n".utf8) + payload)
        }
        static func s(_ line: String, _ payload: [UInt8]) -> Segment {
            .server(Array("\(line) \(payload.count)\r\n".utf8) + payload)
        }
        static func c(_ line: String, _ payload: String) -> Segment { .c(line, Array(payload.utf8)) }
        static func s(_ line: String, _ payload: String) -> Segment { .s(line, Array(payload.utf8)) }
    }

    /// Adds a connection from its first packet to its last.
    mutating func add(to service: Int = 1_863, _ segments: [Segment]) {
        port += 1
        var conversation = TCPConversation(client: port, from: 2, server: service)
        conversation.server.host = [198, 51, 100, 1]
        conversation.now = now
        conversation.interval = 1_000_000_000
        conversation.wrap = { $0 }
        conversation.handshake()
        for segment in segments {
            switch segment {
            case .client(let bytes): conversation.transmit(true, bytes)
            case .server(let bytes): conversation.transmit(false, bytes)
            }
        }
        conversation.close()
        now = conversation.now
        packets += conversation.packets
    }

    func write(to path: String) throws {
        try Data(CaptureFile.pcap(packets, link: 101)).write(to: URL(filePath: path))
    }
}
