// The program started without standard input, output or error: other files must not get their numbers.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ClosedStreamsTests {
    @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    func aRelayWithoutStandardStreamsRecordsAll(closing: String) async throws {
        let folder = try Scratch()
        let archive = folder.path("a.sqlite")
        let ready = folder.path("ready")
        let program = try Program(
            [],
            shell: "exec \"$0\" relay --upstream 127.0.0.1:1 --listen 127.0.0.1:0 --archive \(archive) "
                + "--ready-file \(ready) \(closing)")
        let (address, pid) = try await program.ready(ready)
        let closed = closing.split(separator: " ")
        for (number, form) in ["<&-", ">&-", "2>&-"].enumerated() where closed.contains(Substring(form)) {
            let file = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(number)")
            #expect(file == "/dev/null")
        }
        for number in 1...20 {
            try Running(program: program, address: address).knock("VER \(number) MSNP8\r\n")
        }
        program.terminate()
        #expect(try await program.outcome().code == 143)
        let shown = try await Program.run("show", "r1", "--archive", archive, "--format", "jsonl")
        let events = try shown.lines.map { try object($0)["event"] as? String }
        #expect(events.count { $0 == "frame" } == 20 && events.count { $0 == "closed" } == 20, "\(events)")
        #expect(shown.errors.isEmpty, "\(shown.errors)")
    }

    @Test func anImportWithoutStandardStreamsIsWhole() async throws {
        let folder = try Scratch()
        let capture = folder.path("a.pcap")
        var small = SmallCapture()
        for number in 0..<20 { small.add([.c("VER \(number) MSNP8"), .s("VER \(number) MSNP8"), .c("OUT")]) }
        try small.write(to: capture)
        var shown: [String] = []
        for (number, closing) in ["", "<&- >&- 2>&-"].enumerated() {
            let archive = folder.path("\(number).sqlite")
            let outcome = try await Program.shell("\"$0\" import \(capture) --archive \(archive) \(closing)")
            #expect(outcome.code == 0)
            shown.append(try await Program.run("show", "r1", "--archive", archive, "--format", "jsonl").output)
        }
        #expect(!shown[0].isEmpty && shown[0] == shown[1])
    }
}
