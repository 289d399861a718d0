// What happens at the edge of a rule of the log: one second, one digit or one character further it would be otherwise.

import EventSamples
import Events
import MSNP
import Testing

@testable import Output

@Suite struct EdgeTests {
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
        #expect(logText(event, detail: 2).contains("answers USR after \(words)\n"))
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
        let line = try JSONLine(event, presentation)
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
        guard case .fields(let fields, _)? = ArgumentMeaning(.pairs, ByteSlice(token)) else {
            Issue.record("no pairs")
            return
        }
        #expect(fields.count == 32)
    }
}
