// Folders, captures and events for the archive's tests.

import Captures
import Foundation
import MSNP
import Testing
import Transcript

@testable import Archive

/// A folder that is gone after the test.
final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "archive-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }
}

/// Waits without keeping a thread from other tests.
func pause(_ seconds: Double) async throws { try await Task.sleep(for: .seconds(seconds)) }

/// The captures that lie beside the repository, where somebody has them.
enum SharedCaptures {
    static func files(neededFor test: String) -> [String] {
        let named = ProcessInfo.processInfo.environment["BUTTERFLYNET_SHARED"].map { URL(filePath: $0) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = (named ?? root.deletingLastPathComponent().appending(path: "shared")).appending(path: "captures")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let captures = names.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") || $0.hasSuffix(".gz") }
        if captures.isEmpty { print("SKIPPED: \(test): no captures in \(folder.path); set BUTTERFLYNET_SHARED") }
        return captures.sorted().map { folder.path + "/" + $0 }
    }
}

/// A capture of made-up TCP connections: Ethernet, IPv4, no checksums.
struct CaptureMaker {
    private(set) var bytes: [UInt8] = []
    private var time: UInt64 = 1_100_000_000_000_000

    init() {
        add32(0xA1B2_C3D4)
        add16(2)
        add16(4)
        for number: UInt32 in [0, 0, 65_535, 1] { add32(number) }
    }

    /// One connection: what both sides say, in order; nil is said but not captured.
    mutating func connection(
        from client: UInt8, port: UInt16, to serverPort: UInt16 = 1_863, _ said: [(Side, String, isCaptured: Bool)]
    ) {
        var sequence: [Side: UInt32] = [.client: 1_000, .server: 5_000]
        func segment(_ side: Side, _ flags: UInt8, _ payload: [UInt8] = [], isCaptured: Bool = true) -> [UInt8] {
            let ports = side == .client ? [port, serverPort] : [serverPort, port]
            let hosts: [[UInt8]] =
                side == .client ? [[10, 0, 0, client], [10, 0, 1, 1]] : [[10, 0, 1, 1], [10, 0, 0, client]]
            var packet: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]
            func big16(_ value: Int) {
                packet += [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
            }
            func big32(_ value: UInt32) {
                for shift in [24, 16, 8, 0] { packet.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
            }
            big16(40 + payload.count)
            packet += [0, 0, 0x40, 0, 64, 6, 0, 0] + hosts[0] + hosts[1]
            big16(Int(ports[0]))
            big16(Int(ports[1]))
            big32(sequence[side] ?? 0)
            big32(flags & 0x10 != 0 ? sequence[side.other] ?? 0 : 0)
            packet += [0x50, flags, 0x20, 0, 0, 0, 0, 0] + payload
            return packet
        }
        func send(_ side: Side, _ flags: UInt8, _ payload: [UInt8] = [], isCaptured: Bool = true) {
            if isCaptured { record(segment(side, flags, payload)) }
            sequence[side]? &+= UInt32(payload.count) + (flags & 3 != 0 ? 1 : 0)
        }
        send(.client, 0x02)
        send(.server, 0x12)
        send(.client, 0x10)
        for (side, text, isCaptured) in said { send(side, 0x18, Array(text.utf8), isCaptured: isCaptured) }
        send(.client, 0x11)
        send(.server, 0x11)
        send(.client, 0x10)
    }

    private mutating func record(_ packet: [UInt8]) {
        time += 1_237
        add32(UInt32(time / 1_000_000))
        add32(UInt32(time % 1_000_000))
        add32(UInt32(packet.count))
        add32(UInt32(packet.count))
        bytes += packet
    }

    private mutating func add32(_ value: UInt32) {
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }
    private mutating func add16(_ value: UInt16) {
        bytes += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }
}

/// A message command of the client, or of the server.
func message(_ text: String, from side: Side = .client, by account: String = "bob@example.com") -> String {
    let payload = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n\(text)"
    let head = side == .client ? "MSG 5 A" : "MSG \(account) Bob"
    return "\(head) \(payload.utf8.count)\r\n\(payload)"
}

/// A sign-in over two connections, a conversation with these texts, holes and junk.
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

/// Everything that a capture tells, as lines, by connection.
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
    /// Imports files as the command does.
    func importAll(_ paths: [String]) throws {
        let files = try paths.map { try SourceFile(path: $0) }
        try importing(files, toolVersion: "test", now: Clock.now()) { take in
            Captures.decode(paths, emit: take).troubles
        }
    }

    /// Everything about something, as lines, by connection.
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
        try sessions(where: filter.map { try Filter($0) }) { part in
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
