// Offsets of a zone at each point in time, and times as text in it.

import Events
import Testing

@Suite struct TimeZoneRulesTests {
    /// St John's in 2005: -03:30, and from 2005-04-03T03:31:00Z to 2005-10-30T02:31:00Z -02:30.
    private static let spring: Int64 = 1_112_499_060
    private static let autumn: Int64 = 1_130_639_460
    private static let zone = TimeZoneRules { (spring..<autumn).contains($0) ? -9_000 : -12_600 }

    @Test func offsetsChangeToTheSecond() {
        for (second, offset) in [
            (Self.spring - 1, -12_600), (Self.spring, -9_000), (Self.autumn - 1, -9_000), (Self.autumn, -12_600),
            (-1 << 40, -12_600), (1 << 40, -12_600),
        ] as [(Int64, Int64)] {
            #expect(Self.zone.offset(at: second) == offset, "\(second)")
        }
        #expect(Self.zone.isLocal && !TimeZoneRules.utc.isLocal && TimeZoneRules.utc.offset(at: 0) == 0)
    }

    @Test func localTimesThatAreSkippedOrComeTwice() {
        func local(_ second: Int64, _ offset: Int64) -> Int64 { Self.zone.second(ofLocal: second + offset) }
        #expect(local(Self.spring - 1, -12_600) == Self.spring - 1)
        #expect(local(Self.spring, -9_000) == Self.spring)
        // From 00:01 to 01:01 there is no time on that day.
        #expect(local(Self.spring + 60, -12_600) == Self.spring)
        // From 23:01 to 00:01 each time comes twice.
        #expect(local(Self.autumn + 60, -12_600) == Self.autumn + 60 - 3_600)
        #expect(local(Self.autumn + 3_600, -12_600) == Self.autumn + 3_600)
    }

    @Test func textsHaveTheOffset() {
        let time = Timestamp(nanoseconds: 1_115_393_298_123_456_789)
        #expect(time.text(in: .utc) == "2005-05-06T15:28:18.123456Z")
        #expect(time.text(in: Self.zone) == "2005-05-06T12:58:18.123456-02:30")
        #expect(
            time.dateInWords(in: Self.zone) == "2005-05-06 -02:30" && time.dateInWords(in: .utc) == "2005-05-06 UTC")
        #expect(time.clock(in: Self.zone) == "12:58:18" && time.offsetText(in: Self.zone) == "-02:30")
        #expect(time.offsetText(in: .utc).isEmpty)
        #expect(time.text(in: TimeZoneRules { _ in 20_700 }) == "2005-05-06T21:13:18.123456+05:45")
        #expect(time.text(in: TimeZoneRules { _ in -2_670 }) == "2005-05-06T14:43:48.123456-00:44:30")
        #expect(time.text(in: TimeZoneRules { _ in 0 }) == "2005-05-06T15:28:18.123456+00:00")
    }

    /// A log with times of day but no dates does not say which offset was in force.
    @Test func timesWithoutADateAreNotConverted() {
        let time = Timestamp(nanoseconds: 3_600_000_000_000)
        #expect(time.text(in: Self.zone) == "1970-01-01T01:00:00.000000Z" && time.offsetText(in: Self.zone).isEmpty)
        #expect(time.dateInWords(in: Self.zone) == "no date")
    }

    @Test func spans() {
        let (a, b, c) = (Timestamp(nanoseconds: 1), Timestamp(nanoseconds: 2), Timestamp(nanoseconds: 3))
        let span = TimeSpan(since: b, until: c)
        #expect(!span.contains(a) && span.contains(b) && !span.contains(c))
        #expect(span.overlaps(a, b) && span.overlaps(a, c) && span.overlaps(b, b) && !span.overlaps(c, c))
        #expect(!span.overlaps(a, a) && TimeSpan.always.contains(a) && TimeSpan.always.isAlways && !span.isAlways)
    }
}
