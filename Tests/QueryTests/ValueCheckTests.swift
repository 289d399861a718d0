// Comparisons that can never hold are refused with the reason; other names of values are understood.

import EventSamples
import Events
import MSNP
import Testing

@testable import Query

@Suite struct ValueCheckTests {
    @Test(arguments: [
        ("trid > abc", 8, "trid is a number"), ("conn == abc", 9, "conn is a number"), ("bytes == 1.5", 10, "number"),
        ("trid == 99999999999999999999", 9, "too large"), ("payload_bytes in {1 x}", 21, "“x”"),
        ("time > yesterday", 8, "2005-05-06T15:28:18Z"), ("time == 2005-02-30", 9, "not a time"),
        ("from == anna", 9, "from contains anna"), ("verb == MSG and to != bob", 23, "to contains bob"),
        ("account in {a@b.example bob}", 25, "account contains bob"),
        ("verb == FOOBAR1", 9, "three letters"), ("verb == 12A", 9, "three digits"), ("role == XX", 9, "DS, NS, SB"),
        ("dialect == foo", 12, "MSNP21"), ("dialect > 0x9", 11, "CVR0"), ("dir == up", 8, "c2s, s2c"),
        ("text ~ hello", 6, "contains"), ("text =~ hello", 6, "contains"), ("text like hello", 6, "contains"),
        ("nothing ~ hello", 9, "not an operator"), ("verb is MSG", 6, "=="), ("trid gt 5", 6, ">="),
        ("verb:MSG", 1, "verb == MSG"), ("role: SB", 1, "role == …"),
    ])
    func isRefused(expression: String, column: Int, word: String) {
        let error = #expect(throws: FilterError.self) { try Filter(expression) }
        #expect(error?.column == column, "\(expression): \(error?.description ?? "")")
        #expect(error?.message.contains(word) == true, "\(expression): \(error?.message ?? "")")
    }

    /// Words that only look like operators or names are texts to search for.
    @Test(arguments: [
        "what is love", "\"text ~ hello\"", "http://a.example", "ciao ~/file", "who matches this", "10.0.0.5:1863",
    ])
    func isSearchedFor(expression: String) throws { _ = try Filter(expression) }

    @Test(arguments: [
        "dir == C", "dir == c", "dir == client", "dir == CLIENT", "dir == c2s", "dir in {C}", "dir != S",
        "dir != server",
        "conn == c3", "conn == 03", "trid == 015", "dialect == 8", "dialect == msnp8", "dialect < MSNP12",
        "dialect < 12", "dialect >= CVR0", "dialect in {7 8}", "dialect != 9", "dialect contains p8",
        "event == FRAME", "role == ns", "trid contains 5", "verb < YAA", "account != \"\"",
        "time == 2005-05-06", "time == 2005", "time >= 2005-05-06", "time > 2005-05-06 15:28",
        "time < \"2005-05-06 15:28:19\" and verb == XFR", "time == 2005-05-06T17:28:18.123456+02:00",
        "time in {2004 2005-05}", "time != 2006", "time contains 15:28", "not (time == 2004)",
    ])
    func holds(expression: String) throws {
        #expect(try Filter(expression).matches(try Sample.frame("XFR 15 SB\r\n")), "\(expression)")
    }

    @Test(arguments: [
        "dir == S", "dialect >= 9", "time > 2005-05-07", "time == 2005-05-06 15:29", "time < 2005-05-06",
        "time == 2005-05-06T15:28:18.123457Z", "conn == c4",
    ])
    func holdsNot(expression: String) throws {
        #expect(try !Filter(expression).matches(try Sample.frame("XFR 15 SB\r\n")), "\(expression)")
    }

    /// Not every word that resembles none is worth a suggestion.
    @Test(arguments: ["latency_ns > 1", "tcp.port == 3", "kind == nudge"])
    func noNameIsSuggestedForNothing(expression: String) {
        let error = #expect(throws: FilterError.self) { try Filter(expression) }
        #expect(error?.message.contains("did you mean") == false, "\(expression)")
    }
}
