// Copies for sharing hold nothing that tells of somebody, and otherwise say the same.

import Analysis
import Captures
import Events
import Foundation
import MSNP
import Output
import Query
import TestSupport
import Testing

@testable import Export
@testable import Redaction

/// The copy of a recording, and what was said about it.
struct Copy {
    var events: [Event] = []
    var report = RedactionReport()

    init(of events: [Event], key: (UInt64, UInt64) = (11, 47)) {
        var first = Redaction(key: key)
        for event in events { first.copy(event) { _ in } }
        var redaction = first.secondPass()
        var copies: [Event] = []
        for event in events { redaction.copy(event) { copies.append($0) } }
        self.events = copies
        report = redaction.report
    }

    /// What both forms of an export hold.
    var bytes: [UInt8] { Export.bytes(of: events) }
}

private enum Export {
    static func bytes(of events: [Event]) -> [UInt8] {
        var presentation = Presentation()
        presentation.includesBytes = true
        presentation.showsSecrets = true
        presentation.detail = 3
        var format = JSONFormat(presentation)
        var bytes = pcapng(events)
        for event in events { format.append(event, to: &bytes) }
        return bytes
    }
}

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

    /// The search finds what is there: in an export as it is, and in a copy with one thing put back.
    @Test func theSearchFindsWhatIsThere() throws {
        let recording = Recording([Repository.capture("sign-in-msnp12.pcap")])
        let telling = Telling(recording.events)
        #expect(telling.accounts.count >= 2 && telling.texts.count >= 3)
        #expect(telling.secrets.count >= 3 && telling.addresses.count >= 4)
        let found = Search.found(telling.all, in: Export.bytes(of: recording.events))
        #expect(Set(telling.all).subtracting(found).isEmpty)
        let copy = Copy(of: recording.events)
        let text = try #require(telling.texts.first)
        for form in Search.forms(of: text) where form.count >= 4 {
            #expect(Search.found(telling.all, in: copy.bytes + form).contains(text))
        }
    }

    private func isHarmless(_ recording: Recording, name: String, isOurs: Bool = true) throws {
        let copy = Copy(of: recording.events)
        let isReadable = !recording.events.contains {
            if case .noise(let noise, _) = $0.kind { ![.fileData, .peerData].contains(noise.reason) } else { false }
        }
        #expect(copy.report.refusals.isEmpty == isReadable, "\(name): \(copy.report.refusals.map(\.reason))")
        // Words of real people are not for test logs: only how many are left is told.
        let left = Search.found(Telling(recording.events).all, in: copy.bytes)
        #expect(left.count == 0, "\(name) \(isOurs ? left : [])")
        guard isReadable else { return }
        // Read again, a copy says the same commands with the same lengths in the same order.
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
