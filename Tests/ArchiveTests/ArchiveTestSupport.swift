// Captures and events for the tests of the archive.

import Analysis
import Captures
import Events
import Foundation
import MSNP
import Output
import Query
import TestSupport
import Testing

@testable import Archive

/// Waits without blocking a thread.
func pause(_ seconds: Double) async throws { try await Task.sleep(for: .seconds(seconds)) }

/// A capture of invented TCP connections, one after the other.
struct CaptureMaker {
    private var packets: [CapturedPacket] = []
    private var now: Int64 = 1_100_000_000_000_000_000
    var bytes: [UInt8] { CaptureFile.pcap(packets) }

    /// Adds a connection with the segments of both sides in order; those that are not captured leave a gap.
    mutating func connection(
        from client: UInt8, port: Int, to serverPort: Int = 1_863, _ segments: [(Side, String, isCaptured: Bool)]
    ) {
        var conversation = TCPConversation(client: port, from: client, server: serverPort)
        conversation.server.host = [10, 0, 1, 1]
        conversation.now = now
        conversation.interval = 1_237_000
        conversation.handshake()
        for (side, text, isCaptured) in segments {
            let fromClient = side == .client
            if isCaptured {
                conversation.transmit(fromClient, Array(text.utf8))
            } else {
                conversation.omit(fromClient, text.utf8.count)
            }
        }
        conversation.close()
        now = conversation.now
        packets += conversation.packets
    }
}

/// A message command of the client, or of the server.
func message(_ text: String, from side: Side = .client, by account: String = "bob@example.com") -> String {
    let payload = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n\(text)"
    let head = side == .client ? "MSG 5 A" : "MSG \(account) Bob"
    return "\(head) \(payload.utf8.count)\r\n\(payload)"
}

/// A sign-in over two connections, and a conversation with these texts, gaps and noise.
func sampleCapture(_ texts: [String] = ["Hello Bob", "how are you?"]) -> [UInt8] {
    var capture = CaptureMaker()
    let open = "VER 1 MSNP12 CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.0.0813 MSMSGS alice@example.com\r\n"
    capture.connection(
        from: 2, port: 4_000,
        [
            (.client, open + "USR 3 TWN I alice@example.com\r\n", true),
            (
                .server, "VER 1 MSNP12\r\nCVR 2 1 1 1 http://a http://b\r\nXFR 3 NS 10.0.1.1:1864 0 10.0.1.1:1863\r\n",
                true
            ),
        ])
    capture.connection(
        from: 2, port: 4_001, to: 1_864,
        [
            (
                .client,
                open.replacing(" 2 0x", with: " 5 0x").replacing("VER 1", with: "VER 4")
                    + "USR 6 TWN I alice@example.com\r\n", true
            ),
            (.server, "VER 4 MSNP12\r\nCVR 5 1 1 1 http://a http://b\r\nUSR 6 TWN S ct=1\r\n", true),
            (.client, "USR 7 TWN S t=secret\r\n", true),
            (.server, "USR 7 OK alice@example.com 1 0\r\nLST N=bob@example.com F=Bob%20B C=1 11 0\r\n", true),
            (.server, "ILN 8 NLN bob@example.com Bob%20B 0\r\nXFR 9 SB 10.0.1.1:1865 CKI 17.25\r\n", true),
            (.server, "NLN AWY carol@example.com Carol 0\r\nJUN", true), (.server, "K lost here\r\n", false),
            (.server, "QNG 40\r\nQNG 41\r\nFLN bob@example.com\r\nQNG 42\r\n", true),
        ])
    var chat: [(Side, String, isCaptured: Bool)] = [
        (.client, "USR 1 alice@example.com 17.25\r\n", true),
        (.server, "USR 1 OK alice@example.com Alice\r\n", true),
        (.client, "CAL 2 bob@example.com\r\n", true),
        (.server, "CAL 2 RINGING 4711\r\nJOI bob@example.com Bob%20B 0\r\n", true),
    ]
    for (index, text) in texts.enumerated() {
        chat.append((index % 2 == 0 ? .client : .server, message(text, from: index % 2 == 0 ? .client : .server), true))
    }
    chat.append((.server, "BYE bob@example.com\r\nthis is no protocol\r\n", true))
    capture.connection(from: 2, port: 4_002, to: 1_865, chat)
    return capture.bytes
}

/// All events of captures as lines, by connection.
func decoded(_ paths: [String]) -> [Int: [String]] {
    var lines = Lines()
    _ = Captures.decode(paths) { event in
        lines.append(event)
        return true
    }
    return lines.byConnection
}

/// Events as JSON lines with all bytes, kept apart by connection.
struct Lines {
    private(set) var byConnection: [Int: [String]] = [:]
    private var format: JSONFormat

    init() {
        var presentation = Presentation()
        presentation.showsSecrets = true
        presentation.includesBytes = true
        format = JSONFormat(presentation)
    }

    mutating func append(_ event: Event) {
        guard event.connection > 0 else { return }
        var bytes: [UInt8] = []
        format.append(event, to: &bytes)
        byConnection[event.connection, default: []].append(String(decoding: bytes, as: UTF8.self))
    }
}

extension Archive {
    /// A new archive in a folder, with a capture imported into it.
    static func importing(_ capture: [UInt8] = sampleCapture(), in scratch: Scratch) throws -> Archive {
        let archive = try openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([scratch.write(capture, to: "a.pcap")])
        return archive
    }

    /// Imports files as the command does.
    func importAll(_ paths: [String]) throws {
        let files = try paths.map { try SourceFile(path: $0) }
        try importing(files, toolVersion: "test", now: Clock.now()) { sink in
            sink.receiveAll { Captures.decode(paths, detail: EventDetail(Archive.storedAnalysis), emit: $0) }.troubles
        }
    }

    /// All events of a part of the archive as lines, by connection.
    func lines(_ id: ArchiveID) throws -> [Int: [String]] {
        var lines = Lines()
        try replay(id) { event in
            lines.append(event)
            return true
        }
        return lines.byConnection
    }

    /// A sign-in with its connections.
    @dynamicMemberLookup struct Listed {
        var signIn: SignInSummary
        var connections: [ConnectionSummary] = []
        subscript<Value>(dynamicMember path: KeyPath<SignInSummary, Value>) -> Value { signIn[keyPath: path] }
    }

    /// The sign-ins.
    func list(_ filter: String? = nil) throws -> [Listed] {
        var result: [Listed] = []
        try sessions(SessionQuery(filter: filter.map { try Filter($0) })) { part in
            switch part {
            case .begins(let signIn): result.append(Listed(signIn: signIn))
            case .connection(let connection): result[result.count - 1].connections.append(connection)
            case .ends: break
            }
            return true
        }
        return result
    }

    /// The texts that a search finds.
    func texts(_ words: String..., limit: Int = 100) throws -> [String] {
        var result: [String] = []
        try search(words, limit: limit) { found in
            result.append(found.message.text)
            return true
        }
        return result
    }
}
