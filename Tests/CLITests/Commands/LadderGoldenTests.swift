// The ladders of captures beside their golden texts.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LadderGoldenTests {
    private static let folder = Repository.root.appending(path: "Tests/CLITests/Ladders")

    /// A missing golden is written, and fails; with BUTTERFLYNET_RECORD=1 all are written anew.
    @Test(arguments: [
        "client-pidgin.pcap", "demo.pcap", "log-papyon.log", "proxy-gateway.pcap", "sign-in-msnp12.pcap",
        "sign-in-msnp7.pcap", "tcp-hole.pcap", "transfers.pcap", "two-views.pcap",
    ])
    func isDrawnAsItsGolden(name: String) async throws {
        let archived = try await ExportCommandTests.Archived(name)
        let outcome = try await archived.run("ladder", "r1")
        #expect(outcome.code == 0, "\(outcome.errors)")
        // Each archive has its own key for masks.
        let text = outcome.output.replacing(/‹secret:([0-9a-f]+)/) { mask in
            "‹secret:\(String(repeating: "0", count: mask.1.count))"
        }
        let golden = Self.folder.appending(path: "\(name.prefix { $0 != "." }).txt")
        let isThere = FileManager.default.fileExists(atPath: golden.path)
        if ProcessInfo.processInfo.environment["BUTTERFLYNET_RECORD"] == "1" || !isThere {
            try Data(text.utf8).write(to: golden)
            #expect(isThere, "\(golden.lastPathComponent) was missing; read what was written before you commit it")
            return
        }
        #expect(text == (try String(contentsOf: golden, encoding: .utf8)), "\(name)")
    }
}
