// Filters know the events that stand for those that a log left out.

import EventSamples
import Events
import Testing

@testable import Query

@Suite struct NotPrintedTests {
    private func event() -> Event {
        let omission = Omission(
            events: 12, from: Timestamp(nanoseconds: 1_115_393_290_000_000_000), to: Sample.time,
            isRecorded: true)
        return Event(time: Sample.time, connection: 0, kind: .notPrinted(omission))
    }

    @Test func filtersKnowIt() throws {
        #expect(try Filter("event == not_printed").matches(event()))
        #expect(try !Filter("event == finding").matches(event()))
        #expect(try !Filter("has dir").matches(event()))
    }
}
