// Copies take time in proportion to what is copied: a change in a draft never copies the rest of it.

import Events
import MSNP
import Testing

@testable import Redaction

@Suite(.serialized) struct CostTests {
    private let placeholders = Placeholders(key: (1, 2))

    /// Where the bytes lie: a copy of them lies elsewhere while the original is still there.
    private func place(_ draft: RedactionBuffer) -> UInt {
        draft.bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }

    private static let values: [(Replacement, String)] = [
        (.account, "1:anna@example.com;via=9:ben@b.c"), (.name, "Anna"), (.text, "some words"),
        (.address, "10.1.2.3:1863"),
        (.addresses, "10.1.2.3 10.1.2.4"), (.reversedAddresses, "3.2.1.01"), (.token(.text), "a1-b2"),
        (.hex(.text), "0a1b"),
        (.base64(.text), "QUJDREVG"), (.capabilities, "268435507:48"),
        (.nonce, "{5A1E0C3D-77AA-4B1C-9D0E-8BADF00DCAFE}"),
        (.digest, "T2thcGlaZWJyYVF1YWdnYTEyMw="), (.xml, "<a b=\"c\">d</a>"),
        (.object, "<msnobj Creator=\"a@b\" Location=\"x\"/>"),
    ]

    @Test(arguments: values.indices) func aValueIsReplacedInItsPlace(index: Int) {
        let (treatment, text) = Self.values[index]
        var draft = RedactionBuffer(Array(text.utf8) + [UInt8](repeating: 0x20, count: 100_000), placeholders)
        // The first change may copy what is shared with nobody but the test.
        draft.redact(0..<text.utf8.count, treatment)
        let before = place(draft)
        draft.redact(0..<text.utf8.count, treatment)
        #expect(place(draft) == before)
    }

    @Test(arguments: [
        "Content-Type: text/plain; charset=x", "X-MMS-IM-Format: FN=Okapi; EF=z", "To: \"A\" <a@b.c>",
        "Subject: <a>b</a>",
        "Okapi: x", "Via: MSNSLP/1.0/TLP ;branch={0a}", "Content-Length: 1234567", "no name",
    ])
    func aHeaderIsReplacedInItsPlace(line: String) {
        var draft = RedactionBuffer(Array(line.utf8) + [UInt8](repeating: 0x20, count: 100_000), placeholders)
        draft.header(0..<line.utf8.count)
        let before = place(draft)
        draft.header(0..<line.utf8.count)
        #expect(place(draft) == before)
    }

    /// Shapes that cost much once; each is a message of 256 KiB.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            ("a: b\r\n", "text/plain", ""), ("", "text/x-msmsgsinitialmdatanotification", "<a>"),
            ("Content-Length: 1234567\r\n", "text/plain", ""), ("", "text/x-mms-emoticon", ":)\t<msnobj a=\"b\"/>\t"),
            ("", "text/x-mms-emoticon", "<a>"), ("", "text/x-mms-emoticon", "<"),
            ("", "text/x-mms-emoticon", "<a b=\""),
            ("", "text/x-mms-emoticon", "<a b='x' c"), ("", "text/x-msmsgsinvite", "a: b\r\n\r\n"),
            ("", "text/x-mms-emoticon", "<!--"), ("", "text/x-mms-emoticon", "<a b=\"c\" d=\"e\">"),
        ])
    func aLargeMessageTakesLittleTime(header: String, type: String, body: String) throws {
        func repeated(_ text: String) -> String {
            text.isEmpty ? "" : String(repeating: text, count: (256 << 10) / text.utf8.count)
        }
        let payload = SecretCorpus.message(type, repeated(header), repeated(body))
        let frame = try #require(Frame(SecretCorpus.framed("MSG a@b.c x", payload)))
        let event = Event(
            time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard, kind: .frame(frame, from: .server))
        var redaction = Redaction(key: (1, 2))
        let clock = ContinuousClock()
        let time = clock.measure { redaction.copy(event) { _ in } }
        // Seconds even where nothing is optimised; a quadratic one takes minutes there.
        #expect(time < .seconds(20), "\(time)")
    }
}
