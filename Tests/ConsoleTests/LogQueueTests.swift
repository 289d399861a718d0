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

    private let block = [UInt8](repeating: 0x41, count: 1 << 20)

    @Test func whatWaitsIsBoundedAndWhatIsLeftOutIsCounted() {
        var queue = LogQueue(.leaveOut)
        for time in 1...100 { queue.append(block, of: events(3, at: Int64(time))) }
        #expect(queue.waiting == LogQueue.mostWaiting(of: .leaveOut))
        #expect(!queue.isFull && queue.isReady, "nobody waits")
        var room: [UInt8] = []
        let omission = queue.take(into: &room)
        #expect(room.count == 4 << 20)
        #expect(omission?.events == 96 * 3)
        #expect(omission?.from.nanoseconds == 5 && omission?.to.nanoseconds == 100)
        // What is being written still counts.
        #expect(queue.waiting == room.count)
        queue.append(block, of: events(1))
        #expect(queue.isLeavingOut)
        queue.wrote(room.count)
        let isBehind = !queue.settle()
        #expect(isBehind, "one more was left out")
        let last = queue.take(into: &room)
        #expect(last?.events == 1)
        let hasCaughtUp = queue.settle()
        #expect(hasCaughtUp && queue.waiting == 0)
    }

    @Test func onceSomethingIsLeftOutSoIsAllThatFollowsUntilTheLogSaysIt() {
        var queue = LogQueue(.leaveOut)
        for _ in 1...3 { queue.append(block, of: events(1)) }
        // This one finds no room, and the next one would.
        queue.append(block + block, of: events(1))
        queue.append([0x42], of: events(1))
        var room: [UInt8] = []
        let omission = queue.take(into: &room)
        #expect(omission?.events == 2)
        #expect(room.allSatisfy { $0 == 0x41 })
    }

    @Test func aPieceLargerThanAllTheRoomIsPrintedWhereNothingWaits() {
        var queue = LogQueue(.leaveOut)
        queue.append([UInt8](repeating: 0x41, count: 9 << 20), of: events(1))
        #expect(queue.waiting == 9 << 20 && !queue.isLeavingOut)
    }

    @Test func withoutAnArchiveCallersWaitAndNothingIsLeftOut() {
        var queue = LogQueue(.wait)
        for _ in 1...10 { queue.append(block, of: events(1)) }
        #expect(queue.waiting == 10 << 20 && queue.isFull && !queue.isReady && !queue.isLeavingOut)
        // But what those bring who wait already is bounded, too.
        for _ in 1...100 { queue.append(block, of: events(1)) }
        #expect(queue.waiting == LogQueue.mostWaiting(of: .wait))
        #expect(queue.omission?.events == 110 - 32)
    }

    @Test func eachTimeThatItFallsBehindIsOne() {
        var queue = LogQueue(.wait)
        for _ in 1...5 { queue.append(block, of: events(1)) }
        #expect(queue.isBehind && queue.episode == 1)
        var room: [UInt8] = []
        _ = queue.take(into: &room)
        queue.append(block, of: events(1))
        let first = queue.settle()
        #expect(!first && queue.episode == 1)
        _ = queue.take(into: &room)
        let second = queue.settle()
        #expect(second && !queue.isBehind)
        for _ in 1...3 { queue.append(block, of: events(1)) }
        #expect(queue.episode == 2)
    }
}
