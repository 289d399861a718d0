// What happens at the edge of a rule of the log: one second, one digit or one character further it would be otherwise.

import MSNP
import Testing

@testable import Analysis
@testable import Events
@testable import Output
@testable import Query

@Suite struct EdgeTests {
    @Test(arguments: [
        ("trid > 9", true), ("trid < 9", false), ("trid > 15", false), ("trid >= 15", true), ("trid <= 15", true),
        ("trid < 15", false), ("trid < 100", true), ("trid > 14", true), ("trid <= 14", false),
    ])
    func numbersAreComparedAsNumbers(_ expression: String, _ isMet: Bool) throws {
        #expect(try Filter(expression).matches(try Sample.frame("XFR 15 SB\r\n")) == isMet)
    }

    @Test func aRewrittenRedirectCameFromTheServer() throws {
        let frame = try Sample.frame(Array("XFR 3 NS 10.0.0.5:1863\r\n".utf8))
        let event = Sample.event(
            .rewritten(Rewriting(original: frame, sent: frame, from: "10.0.0.5:1863", to: "192.0.2.7:1863")))
        #expect(try Filter("dir == s2c").matches(event))
        #expect(try !Filter("dir == c2s").matches(event))
    }

    private func verdict(_ answer: [UInt8], to challenge: String, _ dialect: UInt8) -> Annotation.Verdict {
        Challenge.check(
            challenge: challenge.utf8, product: "PROD0090YUAUV{2B".utf8, answer: answer, dialect: Dialect(dialect))
    }

    @Test func bothWaysToFillAChallengeAreRight() {
        let product = Array("PROD0090YUAUV{2B".utf8)
        let key = Array("YMM8C_H7KCQ2S_KL".utf8)
        for challenge in ["155704500118632", "1557045001186321"] {
            for padsFull in [true, false] {
                let answer = Challenge.answerOfMSNP11(
                    Array(challenge.utf8), product: product, key: key, padsFull: padsFull)
                for dialect: UInt8 in [10, 11, 12, 15] { #expect(verdict(answer, to: challenge, dialect) == .right) }
                #expect(verdict(answer, to: challenge, 9) == .wrong)
            }
        }
        #expect(verdict(Array(repeating: 0x30, count: 32), to: "1557045001186321", 11) == .wrong)
    }

    @Test(arguments: [
        (1_500_000, "1.500 ms"), (9_999_999_999, "9999.999 ms"), (10_000_000_000, "10.000 s"),
        (3_599_999_000_000, "3599.999 s"), (3_600_000_000_000, "1 h 0 min"), (90_061_000_000_000, "25 h 1 min"),
    ])
    func howLongAnAnswerTook(_ nanoseconds: Int64, _ words: String) throws {
        var event = try Sample.frame("USR 3 OK a@b.example A\r\n", .server)
        var annotation = Annotation()
        annotation.request = "USR"
        annotation.delay = nanoseconds
        event.annotation = annotation
        #expect(text(event, detail: 2).contains("answers USR after \(words)\n"))
    }

    @Test func ofTwoPromisesTheOneThatIsLeftIsTaken() {
        func promise(_ port: UInt16) -> CookieGrant {
            CookieGrant(
                address: HostPort("10.0.0.6", port), account: "a@b.example", clientHost: "10.1.1.1", dialect: nil,
                signIn: nil)
        }
        func claim(_ table: inout CookieRegistry) -> (UInt16?, String?) {
            switch table.claim(cookie: [1, 2], account: "a@b.example", clientHost: "10.1.1.1", now: 1) {
            case .known(let promise, let finding): (promise.address.port, finding?.name)
            case .unknown: (nil, nil)
            }
        }
        var table = CookieRegistry()
        table.record(promise(7), cookie: [1, 2], now: 0)
        table.record(promise(8), cookie: [1, 2], now: 0)
        #expect(claim(&table) == (8, nil))
        #expect(claim(&table) == (7, nil))
        var again = CookieRegistry()
        for _ in 0..<3 { again.record(promise(7), cookie: [1, 2], now: 0) }
        #expect(claim(&again) == (7, nil))
        #expect(claim(&again) == (7, "cookie_used_twice"))
    }

    @Test func anAccountThatBecomesKnownIsInTheNextLine() throws {
        var format = JSONFormat(Presentation())
        var bytes: [UInt8] = []
        for account in [nil, "alice@x.example"] {
            format.append(try Sample.frame("PNG\r\n", signIn: SignIn(number: 2, account: account)), to: &bytes)
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(!lines[0].contains("\"account\"") && lines[1].contains("\"account\":\"alice@x.example\""))
    }

    private static let ticket = "t=EwBgAXFvAQAU4vLb6zxKUuSHdIzmMLsnkIjrzIQQ&p="

    /// What could not be read holds secrets all the same.
    @Test func bytesOfNoiseShowNoSecrets() throws {
        let noise = Noise(bytes: Array("USR 4 TWN S \(Self.ticket)".utf8), reason: .unfinishedLine, offset: 0)
        let event = Sample.event(.noise(noise, from: .client))
        var presentation = Presentation()
        presentation.detail = 3
        presentation.includesBytes = true
        var text: [UInt8] = []
        var format = TextFormat(presentation)
        format.append(event, to: &text)
        let columns = String(decoding: text, as: UTF8.self).split(separator: "\n").map { $0.suffix(16) }.joined()
        #expect(columns.contains("USR 4 TWN S ") && !columns.contains("EwBgAXFv") && !columns.contains("vLb6zx"))
        let line = try Line(event, presentation)
        let raw = try #require(line.string("raw_base64"))
        #expect(!raw.contains("RXdCZ0FYRnZBUUFVNHZMYjZ6"))
        var bytes: [UInt8] = []
        for letter in raw.utf8 where letter != 0x3D { bytes.append(letter) }
        #expect(bytes.count == (noise.bytes.count * 8 + 5) / 6)
    }

    @Test func aCraftedArgumentMakesNoEndlessLine() throws {
        let pairs = (0..<200).map { number in
            "\(["a", "b", "c", "d", "e", "f", "g", "h"][number % 8])\(String(repeating: "x", count: number / 8))=1"
        }
        let token = Array(pairs.joined(separator: ",").utf8)
        guard case .fields(let fields, _)? = ArgumentMeaning(.pairs, token[...]) else {
            Issue.record("no pairs")
            return
        }
        #expect(fields.count == 32)
    }

    @Test func aDateIsToldAgainOnlyWhereTheDayIsAnother() throws {
        #expect(Timestamp(nanoseconds: 1_109_635_200_000_000_000 - 1).rfc3339.hasPrefix("2005-02-28T23:59:59"))
        #expect(Timestamp(nanoseconds: 1_109_635_200_000_000_000).rfc3339.hasPrefix("2005-03-01T00:00:00"))
        #expect(Timestamp(nanoseconds: 1_107_216_000_000_000_000).rfc3339.hasPrefix("2005-02-01T00:00:00"))
        #expect(Timestamp(nanoseconds: 1_104_537_600_000_000_000).rfc3339.hasPrefix("2005-01-01T00:00:00"))
    }
}
