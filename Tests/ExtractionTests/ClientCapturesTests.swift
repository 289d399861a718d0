// The captures of the ways of clients: what was sent is extracted whole.

import Captures
import Crypto
import Events
import Foundation
import MSNP
import Payloads
import TestSupport
import Testing

@testable import Extraction

@Suite struct ClientCapturesTests {
    /// A capture, the files that come out of it with the beginning of their text, and its findings.
    struct Client: Sendable, CustomTestStringConvertible {
        var name: String
        var files: [String: String]
        var pictures: Int
        var findings: Set<String> = []
        var testDescription: String { name }
    }

    static let clients = [
        Client(
            name: "client-pidgin.pcap", files: ["notes.txt": "Pidgin tells the length of the packet before"],
            pictures: 1, findings: ["p2p_chunk_length"]),
        Client(
            name: "client-msn-pecan.pcap",
            files: [
                "to-ben.txt": "from Anna to Ben", "to-anna.txt": "from Ben to Anna, with the same number",
            ], pictures: 2),
        Client(
            name: "client-msn-pecan-one-way.pcap",
            files: [
                "marked.txt": "with the number of a picture", "unmarked.txt": "with the number of a picture",
            ], pictures: 2),
        Client(
            name: "client-wlm2009-to-older.pcap",
            files: ["notes.txt": "WLM 2009 marks what it sends to older contacts"], pictures: 1),
        Client(name: "client-loose-forms.pcap", files: [:], pictures: 1),
    ]

    @Test(arguments: clients) func everythingComesOutWhole(_ client: Client) throws {
        let scratch = try Scratch()
        var extractor = Extractor(into: try OutputFolder(scratch.path("out")))
        var failure: (any Error)?
        var findings: [String] = []
        _ = Captures.decode([Repository.capture(client.name)]) { event in
            if case .finding(let finding) = event.kind { findings.append(finding.name.text) }
            do { try extractor.take(event) } catch { failure = error }
            return failure == nil
        }
        if let failure { throw failure }
        try extractor.endOfRecording()
        #expect(Set(findings) == client.findings)
        #expect(extractor.extracts.allSatisfy { $0.isComplete && $0.transfer.reason == nil })
        let pictures = extractor.extracts.filter { $0.transfer.kind == "picture" }
        #expect(pictures.count == client.pictures)
        #expect(pictures.allSatisfy { $0.dataDigest == .holds && $0.ownDigest == .holds })
        // Each picture is that of who sent it.
        #expect(pictures.allSatisfy { $0.transfer.object?.creator == $0.transfer.sender })
        #expect(Set(pictures.map(\.sha1)).count == client.pictures)
        let files = extractor.extracts.filter { $0.transfer.kind == "file" }
        #expect(Set(files.compactMap(\.file)) == Set(client.files.keys))
        for file in files {
            let name = try #require(file.file)
            let said = try #require(client.files[name])
            let text = (1...60).map { "\($0). \(said)\r\n" }.joined()
            #expect(try scratch.read("out/\(name)") == Array(text.utf8))
            #expect(file.transfer.sender == (name == "to-anna.txt" ? "ben@example.org" : "anna@example.com"))
        }
        // Nothing is left beside them.
        #expect(try scratch.names(in: "out").count == client.files.count + client.pictures)
    }
}
