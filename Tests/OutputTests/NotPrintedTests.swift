// The lines of a log where events are missing in it.

import EventSamples
import Events
import MSNP
import Testing

@testable import Output

@Suite struct NotPrintedTests {
    private func event(_ count: UInt64 = 12, isRecorded: Bool = true) -> Event {
        let omission = Omission(
            events: count, from: Timestamp(nanoseconds: 1_115_393_290_000_000_000), to: Sample.time,
            isRecorded: isRecorded)
        return Event(time: Sample.time, connection: 0, kind: .notPrinted(omission))
    }

    @Test func asJSON() throws {
        let line = try JSONLine(event())
        #expect(line.keys == ["event", "time", "ns", "events", "from_time", "to_time", "recorded"])
        #expect(line.string("event") == "not_printed" && line.int("events") == 12)
        #expect(line.string("from_time") == "2005-05-06T15:28:10.000000Z")
        #expect(line.string("to_time") == "2005-05-06T15:28:18.123456Z")
        #expect(line["recorded"] as? Bool == true)
        #expect(try JSONLine(event(isRecorded: false))["recorded"] as? Bool == false)
    }

    @Test func asText() {
        func text(_ event: Event) -> String {
            var format = TextFormat(Presentation())
            var bytes: [UInt8] = []
            format.append(event, to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
        let shown = text(event())
        #expect(
            shown.hasSuffix(
                "! not_printed: 12 events from 2005-05-06T15:28:10.000000Z to 2005-05-06T15:28:18.123456Z left out of "
                    + "this log, because its output was blocked; the archive has them\n"))
        #expect(text(event(1)).contains("1 event from"))
        #expect(!text(event(isRecorded: false)).contains("archive"))
    }

    @Test func formatsSayWhatTheyShow() throws {
        let message = Message(from: "a@b", to: [], bytes: [0x61], conversation: "1", side: .client)
        let events = [try Sample.frame("PNG\r\n"), Sample.event(.message(message)), event()]
        var presentation = Presentation()
        for detail in 0...1 {
            presentation.detail = detail
            let formats: [any EventFormat] = [TextFormat(presentation), JSONFormat(presentation)]
            for format in formats {
                for event in events {
                    var format = format
                    var bytes: [UInt8] = []
                    format.append(event, to: &bytes)
                    #expect(format.shows(event) == !bytes.isEmpty)
                }
            }
        }
    }
}
