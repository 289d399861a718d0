// What happens at the edge of a rule of filters: one digit further it would be otherwise.

import EventSamples
import Events
import Testing

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
}
