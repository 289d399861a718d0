// Arguments by name, also where a line does not have the form of its command.

import Analysis
import EventSamples
import Events
import MSNP
import Testing

@Suite struct NamedArgumentsTests {
    /// Before the server has answered VER, the dialect is unknown: the form that names every argument is used.
    @Test func whatClientsSayInOneGoIsNamed() throws {
        let line =
            "CVR 5 0x0409 winnt 6.1.0 i386 MSNMSGR 15.4.3502.0922 MSNMSGR a@b VmVyc2lvbjogMQ0KWGZyQ291bnQ6IDINCg=="
        var analyzer = FrameAnalyzer(connection: 1)
        let frame = try #require(Frame(Array("\(line)\r\n".utf8)))
        var event = Sample.event(.frame(frame, from: .client), role: .notification, dialect: nil)
        _ = analyzer.take(&event)
        let fields = try #require(try JSONLine(event)["fields"] as? [String: Any])
        #expect(fields["extra"] == nil && fields["email"] as? String == "a@b")
        #expect(fields["hop_base64_text"] as? String == "Version: 1\r\nXfrCount: 2\r\n")
    }

    @Test func linesOfAWrongFormAreNamedAsFarAsTheyGo() throws {
        let event = Sample.explained(try Sample.frame("CHG 15 AWY\r\n", dialect: Dialect(8)))
        let fields = try #require(try JSONLine(event)["fields"] as? [String: Any])
        #expect(fields["state_name"] as? String == "away" && fields["trid"] as? Int == 15)
        let more = Sample.explained(try Sample.frame("CHG 15 AWY 5 x y\r\n", dialect: Dialect(8)))
        #expect((try JSONLine(more)["fields"] as? [String: Any])?["extra"] as? [String] == ["x", "y"])
    }

    /// The bytes and `args` stay what they were.
    @Test func theArgumentsOnTheWireStay() throws {
        let line = try JSONLine(Sample.explained(Sample.frame("CHG 9 NLN 24  \r\n")))
        #expect(line.strings("args") == ["9", "NLN", "24", "", ""])
        let fields = try #require(line["fields"] as? [String: Any])
        #expect(fields["caps"] as? String == "24" && fields["extra"] == nil && fields["msnobj"] == nil)
    }
}
