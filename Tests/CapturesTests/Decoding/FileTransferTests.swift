// MSNFTP: lines, then blocks, then lines again.

import Events
import MSNP
import TestSupport
import Testing

@testable import Captures
@testable import Packets

@Suite struct FileTransferTests {
    private static let file: [UInt8] =
        [0, 0xFD, 7] + [UInt8](repeating: 0x41, count: 2_045) + [0, 5, 0] + Array("\r\nBYE".utf8)

    private static func opening(_ playback: inout Playback, _ line: inout Playback.Line) {
        playback.send(.a, "VER MSNFTP\r\n", on: &line)
        playback.send(.b, "VER MSNFTP\r\n", on: &line)
        playback.send(.a, "USR bob@example.com 93301\r\n", on: &line)
    }

    private static let dialogue = ["C: VER MSNFTP", "S: VER MSNFTP", "C: USR bob@example.com 93301", "S: FIL 2050"]

    @Test(arguments: [1, 2, 3, 5, 700, 5_000])
    func blocksAreNoiseAndLinesAreLines(step: Int) throws {
        var playback = Playback()
        var line = playback.open(port: 6_891)
        Self.opening(&playback, &line)
        playback.send(.b, "FIL 2050\r\n", on: &line)
        playback.send(.a, "TFR\r\n", on: &line)
        let blocks = Self.file + [1, 0, 0]
        for start in stride(from: 0, to: blocks.count, by: step) {
            playback.send(.b, Array(blocks[start..<min(start + step, blocks.count)]), on: &line)
        }
        playback.send(.a, "CCL\n", on: &line)
        playback.send(.b, "BYE 2164261683\r\n", on: &line)
        playback.send(.a, "BYE 16777989\r\n", on: &line)
        playback.close(line)
        let lines = try #require(playback.lines[1])
        let expected = Self.dialogue + ["C: TFR", "C: CCL", "S: BYE 2164261683", "C: BYE 16777989"]
        #expect(lines.filter { $0 != "S: noise file_data" } == expected)
        let end = try #require(playback.ends[1])
        #expect(end.event.role == .fileTransfer)
        #expect(end.server.noiseBytes == UInt64(blocks.count) && end.client.noiseBytes == 0)
    }

    /// The sender's bytes may come before the receiver's `TFR`, with `FIL` in one packet.
    @Test func blocksBeforeTFR() {
        var playback = Playback()
        var line = playback.open(port: 6_891)
        Self.opening(&playback, &line)
        playback.send(.b, Array("FIL 2050\r\n".utf8) + Self.file, on: &line)
        playback.send(.a, "TFR\r\nBYE 16777989\r\n", on: &line)
        playback.close(line)
        let expected = Self.dialogue + ["S: noise file_data", "C: TFR", "C: BYE 16777989"]
        #expect(playback.lines[1] == expected)
    }

    @Test func holesInBlocks() {
        for (hole, isSmall) in [(1_000 as Int64, true), (2_046, false)] {
            var playback = Playback()
            var line = playback.open(port: 6_891)
            Self.opening(&playback, &line)
            playback.send(.b, "FIL 2050\r\n", on: &line)
            playback.send(.a, "TFR\r\n", on: &line)
            playback.send(.b, Array(Self.file.prefix(3)), on: &line)
            playback.miss(.b, hole, on: &line)
            playback.send(.b, Array(Self.file.dropFirst(3 + Int(hole))), on: &line)
            playback.send(.b, "BYE 2164261683\r\n", on: &line)
            playback.close(line)
            let tail = playback.lines[1]?.suffix(4)
            #expect(tail?.first == "S: noise file_data")
            #expect(playback.lines[1]?.contains("S: BYE 2164261683") == isSmall)
            #expect(playback.lines[1]?.contains { $0.hasSuffix("not_msnp") } == false)
        }
    }

    @Test func theWorkedSession() throws {
        guard let page = SharedFolder.text("protocol/sessions.md", neededFor: "the worked file transfer") else {
            return
        }
        var lines: [String] = []
        PastedLog.read(Array(page.utf8)) { entry in
            if case .frame(let frame, let side) = entry.kind {
                lines.append((side == .client ? "C: " : "S: ") + String(decoding: frame.line, as: UTF8.self))
            }
            return true
        }
        let start = try #require(lines.firstIndex(of: "C: VER MSNFTP"))
        #expect(
            lines[start...].prefix(6) == [
                "C: VER MSNFTP", "S: VER MSNFTP", "C: USR bob@hotmail.com 93301", "S: FIL 4100", "C: TFR",
                "C: BYE 16777989",
            ])
    }
}
