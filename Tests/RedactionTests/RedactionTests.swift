// Copies for sharing identify nobody, and are otherwise like their originals.

import EventSamples
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Redaction

@Suite(.serialized) struct RedactionTests {
    @Test(arguments: Repository.captureFiles) func aCopyTellsOfNobody(path: String) throws {
        try isHarmless(Recording([path]), name: URL(filePath: path).lastPathComponent)
    }

    @Test func copiesOfRealCapturesTellOfNobody() throws {
        for path in SharedFolder.captureFiles(neededFor: "copies of real captures") {
            try isHarmless(Recording([path]), name: URL(filePath: path).lastPathComponent, isOurs: false)
        }
    }

    @Test func copiesOfInventedCapturesTellOfNobody() throws {
        guard let capture = try syntheticCapture("--ipv6 .2") else { return }
        try isHarmless(Recording([capture.path]), name: "invented")
    }

    /// A capture may be called after a person.
    @Test func aCopyDoesNotNameItsFile() {
        let recording = Recording([Repository.capture("sign-in-msnp12.pcap")])
        let files = { (events: [Event]) in
            events.compactMap { event -> String? in
                switch event.kind {
                case .opened(let ends), .closed(let ends, _, _, _): ends.file
                default: nil
                }
            }
        }
        #expect(!files(recording.events).isEmpty)
        #expect(files(RedactedCopy(of: recording.events).events).isEmpty)
    }

    /// The search finds what is there: in an export as it is, and in a copy with one thing put back.
    @Test func theSearchFindsWhatIsThere() throws {
        let recording = Recording([Repository.capture("sign-in-msnp12.pcap")])
        let words = IdentifyingWords(recording.events)
        #expect(words.accounts.count >= 2 && words.texts.count >= 3)
        #expect(words.secrets.count >= 3 && words.addresses.count >= 4)
        let found = Search.found(words.all, in: exportedBytes(of: recording.events))
        #expect(Set(words.all).subtracting(found).isEmpty)
        let copy = RedactedCopy(of: recording.events)
        let text = try #require(words.texts.first)
        for form in Search.forms(of: text) where form.count >= 4 {
            #expect(Search.found(words.all, in: copy.bytes + form).contains(text))
        }
    }

    private func isHarmless(_ recording: Recording, name: String, isOurs: Bool = true) throws {
        let copy = RedactedCopy(of: recording.events)
        let isReadable = !recording.events.contains {
            if case .noise(let noise, _) = $0.kind { ![.fileData, .peerData].contains(noise.reason) } else { false }
        }
        #expect(copy.report.refusals.isEmpty == isReadable, "\(name): \(copy.report.refusals.map(\.reason))")
        // Words of real people are not for test logs: only their number is shown.
        let left = Search.found(IdentifyingWords(recording.events).all, in: copy.bytes)
        #expect(left.count == 0, "\(name) \(isOurs ? left : [])")
        guard isReadable else { return }
        // A copy that is read again has the same commands with the same lengths in the same order.
        let scratch = try Scratch()
        let again = Recording([try scratch.write(pcapng(copy.events), to: "copy.pcapng")]).connections
        let original = recording.connections
        let areSame = original.map(\.pieces.count) == again.map(\.pieces.count)
        #expect(areSame, "\(name): \(original.count) connections, and \(again.count)")
        for (index, (old, new)) in zip(original, again).enumerated() {
            let areSamePieces = old.pieces.map(\.what) == new.pieces.map(\.what)
            #expect(areSamePieces, "\(name), connection \(index)")
            let areSameLines = zip(old.bytes, new.bytes).allSatisfy { Self.shape($0) == Self.shape($1) }
            #expect(areSameLines, "\(name), connection \(index)")
            #expect(old.role == new.role && old.dialect == new.dialect && old.reason == new.reason, "\(name), \(index)")
            #expect(old.messages.count == new.messages.count, "\(name), connection \(index)")
        }
    }

    /// Where the words of a line stand.
    private static func shape(_ bytes: [UInt8]) -> [Range<Int>] { Frame(bytes)?.argumentRanges ?? [] }
}
