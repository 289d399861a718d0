// Replies and the requests that they answer.

import Events
import MSNP
import Testing

@testable import Analysis

@Suite struct RequestTrackerTests {
    private func remarks(
        _ lines: [(Int64, String)], dialect: UInt8 = 8, from start: Int64 = 1_115_371_077_000_000_000
    ) -> [Annotation] {
        var analyzer = FrameAnalyzer(connection: 1)
        return lines.compactMap { time, line in
            let side: Side = line.hasPrefix("C: ") ? .client : .server
            guard let frame = Frame(Array((line.dropFirst(3) + "\r\n").utf8)) else { return nil }
            var event = Event(
                time: Timestamp(nanoseconds: start + time), connection: 1, role: .notification,
                dialect: Dialect(dialect), kind: .frame(frame, from: side))
            _ = analyzer.take(&event)
            return event.annotation
        }
    }

    @Test func repliesKnowTheirRequestAndHowLongItTook() {
        let found = remarks([
            (1_000, "C: VER 1 MSNP8"), (3_500, "S: VER 1 MSNP8"), (4_000, "C: SYN 2 0"), (5_000, "C: XFR 3 SB"),
            (9_000, "S: XFR 3 SB 10.0.0.5:1863 CKI 1.2"), (9_500, "S: SYN 2 3"), (9_600, "S: QNG"),
        ])
        #expect(found.map { $0.request?.description } == [nil, "VER", nil, nil, "XFR", "SYN", nil])
        #expect(found.map(\.delay) == [nil, 2_500, nil, nil, 4_000, 5_500, nil])
    }

    /// Without times in the capture there are no delays.
    @Test func standInsTellNothing() {
        let found = remarks([(1_000, "C: VER 1 MSNP8"), (3_000, "S: VER 1 MSNP8")], from: 0)
        #expect(found.last?.request == "VER" && found.last?.delay == nil)
    }

    @Test func manyRequestsStayBounded() {
        var requests = RequestTracker(isComplete: true)
        for number in 1...100_000 {
            let isRepeated = requests.record("CHG", UInt32(number), at: 0)
            #expect(!isRepeated)
        }
        #expect(requests.request(answeredBy: "CHG", 100_000) != nil && requests.request(answeredBy: "CHG", 1) == nil)
        #expect(!requests.isCertainlyUnused(1), "it was overwritten, so it is not certain")
        #expect(requests.isCertainlyUnused(200_000))
    }

    @Test func theNewestRequestOfANumberIsTheOneMeant() {
        let found = remarks([(0, "C: CHG 9 NLN 0"), (10, "C: CHG 9 NLN 0"), (15, "S: CHG 9 NLN 0")])
        #expect(found.last?.delay == 5)
    }
}
