// Times as dates and clocks.

import Events
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (-1_000_000_000, "1969-12-31T23:59:59.000000Z"), (999_999_999, "1970-01-01T00:00:00.999999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
        (1_078_012_799_999_999_999, "2004-02-28T23:59:59.999999Z"),
        (1_078_012_800_000_000_000, "2004-02-29T00:00:00.000000Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000Z"),
        (-2_203_891_200_000_000_000, "1900-03-01T00:00:00.000000Z"),
        (1_115_370_000_000_000_500, "2005-05-06T09:00:00.000000Z"),
        (Int.max, "2262-04-11T23:47:16.854775Z"), (Int.min, "1677-09-21T00:12:43.145224Z"),
    ])
    func times(nanoseconds: Int, shown: String) {
        #expect(Timestamp(nanoseconds: Int64(nanoseconds)).rfc3339 == shown)
    }

    @Test func aDateIsToldAgainOnlyWhereTheDayIsAnother() throws {
        #expect(Timestamp(nanoseconds: 1_109_635_200_000_000_000 - 1).rfc3339.hasPrefix("2005-02-28T23:59:59"))
        #expect(Timestamp(nanoseconds: 1_109_635_200_000_000_000).rfc3339.hasPrefix("2005-03-01T00:00:00"))
        #expect(Timestamp(nanoseconds: 1_107_216_000_000_000_000).rfc3339.hasPrefix("2005-02-01T00:00:00"))
        #expect(Timestamp(nanoseconds: 1_104_537_600_000_000_000).rfc3339.hasPrefix("2005-01-01T00:00:00"))
    }
}
