// The log's queue: what finds room, what is left out, who waits.

import Events
import MSNP
import Testing

@testable import Console

@Suite struct LogQueueTests {
    private func events(_ count: UInt64, at time: Int64 = 1) -> Omission {
        Omission(
            events: count, from: Timestamp(nanoseconds: time), to: Timestamp(nanoseconds: time), isRecorded: true)
    }

    /// Queues one piece at a time of the log.
    private func append(
        _ bytes: [UInt8], of events: Omission, at time: Int64 = 1, arrived arrival: Int64 = 1, to queue: inout LogQueue
    ) {
        let piece = LogQueue.Piece(time: Timestamp(nanoseconds: time), start: 0, end: bytes.count)
        var bytes = bytes
        queue.append([piece], in: &bytes, at: Timestamp(nanoseconds: arrival), of: events)
    }

    private func text(of queue: inout LogQueue, until limit: Int64) -> String {
        var room: [UInt8] = []
        _ = queue.take(arrivedUntil: Timestamp(nanoseconds: limit), into: &room)
        return String(decoding: room, as: UTF8.self)
    }

    private let block = [UInt8](repeating: 0x41, count: 1 << 20)

    @Test func whatWaitsIsBoundedAndWhatIsLeftOutIsCounted() {
        var queue = LogQueue(.leaveOut)
        for time in 1...100 { append(block, of: events(3, at: Int64(time)), to: &queue) }
        #expect(queue.waiting == LogQueue.mostWaiting(of: .leaveOut))
        #expect(!queue.isFull && queue.isReady, "nobody waits")
        var room: [UInt8] = []
        let omission = queue.take(arrivedUntil: Timestamp(nanoseconds: .max), into: &room)
        #expect(room.count == 4 << 20)
        #expect(omission?.events == 96 * 3)
        #expect(omission?.from.nanoseconds == 5 && omission?.to.nanoseconds == 100)
        // What is being written still counts.
        #expect(queue.waiting == room.count)
        append(block, of: events(1), to: &queue)
        #expect(queue.isLeavingOut)
        queue.wrote(room.count)
        let isBehind = !queue.settle()
        #expect(isBehind, "one more was left out")
        let last = queue.take(arrivedUntil: Timestamp(nanoseconds: .max), into: &room)
        #expect(last?.events == 1)
        let hasCaughtUp = queue.settle()
        #expect(hasCaughtUp && queue.waiting == 0)
    }

    @Test func onceSomethingIsLeftOutSoIsAllThatFollowsUntilTheLogSaysIt() {
        var queue = LogQueue(.leaveOut)
        for _ in 1...3 { append(block, of: events(1), to: &queue) }
        // This one finds no room, and the next one would.
        append(block + block, of: events(1), to: &queue)
        append([0x42], of: events(1), to: &queue)
        var room: [UInt8] = []
        let omission = queue.take(arrivedUntil: Timestamp(nanoseconds: .max), into: &room)
        #expect(omission?.events == 2)
        #expect(room.allSatisfy { $0 == 0x41 })
    }

    @Test func aPieceLargerThanAllTheRoomIsPrintedWhereNothingWaits() {
        var queue = LogQueue(.leaveOut)
        append([UInt8](repeating: 0x41, count: 9 << 20), of: events(1), to: &queue)
        #expect(queue.waiting == 9 << 20 && !queue.isLeavingOut)
    }

    @Test func withoutAnArchiveCallersWaitAndNothingIsLeftOut() {
        var queue = LogQueue(.wait)
        for _ in 1...10 { append(block, of: events(1), to: &queue) }
        #expect(queue.waiting == 10 << 20 && queue.isFull && !queue.isReady && !queue.isLeavingOut)
        // But what those bring who wait already is bounded, too.
        for _ in 1...100 { append(block, of: events(1), to: &queue) }
        #expect(queue.waiting == LogQueue.mostWaiting(of: .wait))
        #expect(queue.omission?.events == 110 - 32)
    }

    @Test func eachTimeThatItFallsBehindIsOne() {
        var queue = LogQueue(.wait)
        for _ in 1...5 { append(block, of: events(1), to: &queue) }
        #expect(queue.isBehind && queue.episode == 1)
        var room: [UInt8] = []
        _ = queue.take(arrivedUntil: Timestamp(nanoseconds: .max), into: &room)
        append(block, of: events(1), to: &queue)
        let first = queue.settle()
        #expect(!first && queue.episode == 1)
        _ = queue.take(arrivedUntil: Timestamp(nanoseconds: .max), into: &room)
        let second = queue.settle()
        #expect(second && !queue.isBehind)
        for _ in 1...3 { append(block, of: events(1), to: &queue) }
        #expect(queue.episode == 2)
    }

    @Test func eventsOfSeveralConnectionsAreInOrderOfTime() {
        var queue = LogQueue(.leaveOut)
        append(Array("reply ".utf8), of: events(1), at: 20, arrived: 25, to: &queue)
        append(Array("request ".utf8), of: events(1), at: 10, arrived: 30, to: &queue)
        append(Array("later ".utf8), of: events(1), at: 40, arrived: 45, to: &queue)
        append(Array("same time ".utf8), of: events(1), at: 20, arrived: 31, to: &queue)
        #expect(text(of: &queue, until: 30) == "request reply ", "the request happened before one that is old enough")
        #expect(queue.isHolding && queue.waiting > 0)
        #expect(text(of: &queue, until: 31) == "same time ")
        #expect(text(of: &queue, until: 44) == "")
        #expect(text(of: &queue, until: 45) == "later ")
        #expect(!queue.isHolding && queue.waiting == 0 + "later ".utf8.count, "it is still being written")
    }

    /// Buffers change hands where nothing has to be put in order.
    @Test func bytesAreNotCopiedIfTheyAreInOrder() {
        var queue = LogQueue(.wait)
        for times in [[1, 2], [4, 3], [5, 6]] as [[Int64]] {
            for time in times { append(Array("\(time) ".utf8), of: events(1), at: time, arrived: time, to: &queue) }
            #expect(text(of: &queue, until: 9) == times.sorted().map { "\($0) " }.joined())
            #expect(!queue.isHolding)
        }
        append([0x41], of: events(1), at: 7, arrived: 7, to: &queue)
        append([0x42], of: events(1), at: 8, arrived: 20, to: &queue)
        #expect(text(of: &queue, until: 9) == "A")
        append([0x43], of: events(1), at: 9, arrived: 20, to: &queue)
        #expect(text(of: &queue, until: 20) == "BC")
    }

    @Test func eventsThatStayKeepTheirBytesWhenOthersAreTaken() {
        var queue = LogQueue(.leaveOut)
        var expected: [String] = []
        for number in 0..<1_000 {
            append(Array("\(number) ".utf8), of: events(1), at: Int64(number ^ 1), arrived: Int64(number), to: &queue)
            expected.append("\(number ^ 1) ")
        }
        var found = ""
        for limit in stride(from: Int64(0), through: 1_001, by: 7) { found += text(of: &queue, until: limit) }
        #expect(found == expected.joined())
    }

    /// At full speed callers would otherwise wait until events were held long enough.
    @Test func manyBytesAreNotHeldBack() {
        var queue = LogQueue(.wait)
        let piece = [UInt8](repeating: 0x41, count: LogQueue.mostHeldBack - 1)
        append(piece, of: events(1), at: 5, arrived: 5, to: &queue)
        #expect(text(of: &queue, until: 1) == "")
        append([0x42], of: events(1), at: 4, arrived: 6, to: &queue)
        #expect(text(of: &queue, until: 1).hasPrefix("BA") && !queue.isHolding)
    }

    @Test func atTheEndNothingIsHeldBack() {
        var queue = LogQueue(.wait)
        append([0x41], of: events(1), at: 5, arrived: 5, to: &queue)
        #expect(text(of: &queue, until: 1) == "")
        queue.isClosing = true
        #expect(text(of: &queue, until: 1) == "A")
    }

    @Test func anOmissionFollowsAllEventsBeforeIt() {
        var queue = LogQueue(.leaveOut)
        append(block, of: events(1), at: 9, arrived: 9, to: &queue)
        queue.leaveOut(events(7))
        var room: [UInt8] = []
        let omission = queue.take(arrivedUntil: Timestamp(nanoseconds: 0), into: &room)
        #expect(omission?.events == 7 && room.count == block.count)
    }
}
