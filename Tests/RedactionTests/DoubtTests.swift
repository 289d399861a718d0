// What cannot be read makes no copy; the report has its place.

import Analysis
import EventSamples
import Events
import MSNP
import Testing

@testable import Redaction

@Suite struct DoubtTests {
    private func event(_ kind: Event.Kind, role: Role = .switchboard) -> Event {
        Event(time: Timestamp(nanoseconds: 0), connection: 4, role: role, kind: kind)
    }

    private func frame(_ text: String) throws -> Frame { try #require(Frame(Array(text.utf8))) }

    @Test func noiseIsADoubtWithItsPlace() throws {
        for reason in Noise.Reason.allCases where reason != .fileData && reason != .httpMessage {
            let copy = RedactedCopy(of: [
                event(.frame(try frame("PNG\r\n"), from: .client)), event(.gap(bytes: 7, offset: 5, from: .client)),
                event(.noise(Noise(bytes: Array(SecretCorpus.text.utf8), reason: reason, offset: 12), from: .client)),
            ])
            let doubt = try #require(copy.report.refusals.first)
            #expect(doubt.connection == 4 && doubt.side == .client && doubt.offset == 12)
            #expect(
                doubt.reason
                    == (reason == .peerData ? .linkPacket : .noise(bytes: SecretCorpus.text.utf8.count, reason)))
            #expect(copy.report.refusalCount == 1)
            #expect(Search.found(SecretCorpus.index, in: copy.bytes).isEmpty)
        }
    }

    @Test func aGapHidesNothing() {
        #expect(RedactedCopy(of: [event(.gap(bytes: 700, offset: 0, from: .server))]).report.refusals.isEmpty)
    }

    @Test func anUnknownCommandIsADoubt() throws {
        let copy = RedactedCopy(of: [
            event(.frame(try frame("ZBR 4 \(SecretCorpus.percent(SecretCorpus.text))\r\n"), from: .client))
        ])
        #expect(copy.report.refusals.map(\.reason) == [.unknownCommand("ZBR")])
        #expect(Search.found(SecretCorpus.index, in: copy.bytes).isEmpty)
    }

    @Test func manyDoubtsAreCounted() throws {
        let noise = event(.noise(Noise(bytes: [1, 2], reason: .notMSNP, offset: 0), from: .server))
        let report = RedactedCopy(of: Array(repeating: noise, count: 50)).report
        #expect(report.refusalCount == 50 && report.refusals.count == RedactionReport.maxListedRefusals)
    }

    @Test func aDoubtEndsTheCopyBeforeItsFirstEvent() {
        let noise = event(.noise(Noise(bytes: [1, 2], reason: .notMSNP, offset: 0), from: .server))
        #expect {
            try SharedCopy(of: { emit in _ = emit(noise) }, .all, key: (1, 2))
        } throws: {
            ($0 as? SharedCopy.Refused)?.report.refusals.map(\.reason) == [.noise(bytes: 2, .notMSNP)]
        }
    }

    /// A relay may record further events between the two passes.
    @Test func aDoubtInTheSecondPassEndsTheCopyThere() throws {
        let frame = event(.frame(try frame("PNG\r\n"), from: .client))
        let noise = event(.noise(Noise(bytes: [1, 2], reason: .notMSNP, offset: 0), from: .server))
        var passes = 0
        let copy = try SharedCopy(
            of: { emit in
                passes += 1
                for event in passes == 1 ? [frame] : [frame, noise, frame] where !emit(event) { return }
            }, .all, key: (1, 2))
        var commands = 0
        #expect(throws: SharedCopy.Refused.self) {
            try copy.events { event in
                if case .frame = event.kind { commands += 1 }
                return true
            }
        }
        #expect(passes == 2 && commands == 1)
    }

    @Test func whatIsSaidBesideTellsNothingEither() throws {
        var line = event(
            .frame(try frame("XFR 3 NS \(SecretCorpus.host):1863 0 \(SecretCorpus.host):1863\r\n"), from: .server),
            role: .notification)
        line.signIn = SignIn(number: 1, account: SecretCorpus.account.lowercased())
        let rewritten = Rewriting(
            original: try frame("XFR 3 NS \(SecretCorpus.host):1863 0 1.1.1.1:1863\r\n"),
            sent: try frame("XFR 3 NS \(SecretCorpus.host):1 0 1.1.1.1:1\r\n"),
            from: "\(SecretCorpus.host):1863", to: "\(SecretCorpus.host):1")
        let sums = Tally().sums
        let copy = RedactedCopy(of: [
            event(.opened(Endpoints(client: "\(SecretCorpus.host):4000", server: "Okapi-Mail.example:1863"))), line,
            event(.rewritten(rewritten)),
            event(
                .closed(
                    Endpoints(client: "\(SecretCorpus.host):4000", server: "[2001:db8::77]:1863"),
                    reason: .noConnection(to: HostPort(SecretCorpus.host, 1), why: SecretCorpus.text),
                    client: sums, server: sums)),
            event(.listening(HostPort(SecretCorpus.host, 1_863))),
        ])
        #expect(Search.found(SecretCorpus.words + ["Okapi-Mail", "2001:db8::77"], in: copy.bytes).isEmpty)
        #expect(copy.events.count == 4)
    }

    /// A file on its way: blocks of 3 bytes and what they announce, cut anywhere.
    @Test(arguments: [1, 2, 3, 5, 64]) func aFileIsFilledAndItsBlocksStay(size: Int) {
        let text = Array(SecretCorpus.text.utf8)
        let file = [0, UInt8(text.count), 0] + text + [0, UInt8(text.count), 0] + text + [1, 0, 0]
        let pieces = stride(from: 0, to: file.count, by: size).map { start in
            event(
                .noise(
                    Noise(
                        bytes: Array(file[start..<min(file.count, start + size)]), reason: .fileData,
                        offset: UInt64(start)),
                    from: .server), role: .fileTransfer)
        }
        let copy = RedactedCopy(of: pieces)
        #expect(copy.report.refusals.isEmpty)
        let bytes = copy.events.flatMap { event -> [UInt8] in
            if case .noise(let noise, _) = event.kind { Array(noise.bytes) } else { [] }
        }
        let filled = [UInt8](repeating: 0x2E, count: text.count)
        #expect(bytes == [0, UInt8(text.count), 0] + filled + [0, UInt8(text.count), 0] + filled + [1, 0, 0])
    }

    /// Behind a gap that goes beyond a block, the places of the headers are unknown.
    @Test(arguments: [(6, 0), (7, 1)]) func behindAGapAFileMayBeADoubt(missing: UInt64, refusals: Int) {
        func data(_ bytes: [UInt8], at offset: UInt64) -> Event {
            event(.noise(Noise(bytes: bytes, reason: .fileData, offset: offset), from: .server), role: .fileTransfer)
        }
        let copy = RedactedCopy(of: [
            data([0, 10, 0, 1, 2, 3, 4], at: 0),
            event(.gap(bytes: missing, offset: 7, from: .server), role: .fileTransfer),
            data([1, 0, 0], at: 7 + missing),
        ])
        #expect(copy.report.refusalCount == refusals)
        guard case .noise(let last, _)? = copy.events.last?.kind else {
            Issue.record("the last event is no file data")
            return
        }
        #expect(last.bytes == (refusals == 0 ? [1, 0, 0] : [0x2E, 0x2E, 0x2E]))
    }
}
