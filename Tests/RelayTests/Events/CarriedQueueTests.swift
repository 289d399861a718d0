// What waits between a loop and the event thread, and who is woken.

import Analysis
import Events
import MSNP
import NIOCore
import NIOPosix
import Testing

@testable import Relay

@Suite struct CarriedQueueTests {
    private let isFull = Observable<[Bool]>([])
    private let queues: [CarriedQueue]
    private let most: Int

    init() {
        let isFull = isFull
        queues = (0..<3).map { _ in
            CarriedQueue(MultiThreadedEventLoopGroup.singleton.next(), loops: 3) { now in
                isFull.change { $0.append(now) }
            }
        }
        most = queues[0].most
    }

    private func carried(_ connection: Int, bytes: Int = 10) -> Carried {
        Carried(
            connection: connection,
            [
                Event(
                    time: Timestamp(nanoseconds: 1), connection: connection,
                    kind: .gap(bytes: 1, offset: 0, from: .client))
            ], bytes: bytes)
    }

    @Test func theThreadIsWokenOnceWhenItSleeps() {
        #expect(CarriedQueue.collect(queues).isEmpty)
        var share = CarriedQueue.Share()
        #expect(queues[0].add(carried(1), &share).wakes)
        #expect(!queues[0].add(carried(1), &share).wakes)
        let collection = CarriedQueue.collect(queues)
        #expect(collection.carried.map { $0.map(\.connection) } == [[1, 1]])
        // It pauses now, and comes back by itself unless there is much.
        #expect(!queues[1].add(carried(2), &share).wakes)
        #expect(queues[1].add(carried(2, bytes: CarriedQueue.enoughBytes), &share).wakes)
        #expect(!queues[1].add(carried(2), &share).wakes)
        #expect(!CarriedQueue.collect(queues).isEmpty)
        #expect(CarriedQueue.collect(queues).isEmpty)
        #expect(queues[2].add(carried(3), &share).wakes)
    }

    @Test func eachConnectionHasItsPartAndTheLoopItsLimit() {
        var (busy, quiet) = (CarriedQueue.Share(), CarriedQueue.Share())
        #expect(queues[0].add(carried(1, bytes: CarriedQueue.mostBytesOfOne / 2), &busy).isReady)
        #expect(!queues[0].add(carried(1, bytes: CarriedQueue.mostBytesOfOne / 2), &busy).isReady)
        #expect(queues[0].add(carried(2), &quiet).isReady, "the quiet one goes on")
        _ = CarriedQueue.collect(queues)
        #expect(queues[0].add(carried(1), &busy).isReady, "what was collected counts no more")
        for number in 3..<10 {
            var share = CarriedQueue.Share()
            #expect(queues[0].add(carried(number, bytes: most / 32), &share).isReady)
        }
        #expect(!queues[0].add(carried(1, bytes: most / 32), &busy).isReady, "there is much now")
        #expect(queues[0].add(carried(2, bytes: CarriedQueue.fewBytes / 2), &quiet).isReady, "but little of this one")
        #expect(!queues[0].add(carried(2, bytes: CarriedQueue.fewBytes / 2), &quiet).isReady)
        _ = CarriedQueue.collect(queues)
        for number in 10..<80 {
            var share = CarriedQueue.Share()
            _ = queues[0].add(carried(number, bytes: CarriedQueue.mostBytesOfOne / 2), &share)
        }
        #expect(!queues[0].add(carried(2), &quiet).isReady, "the memory of all is bounded")
        #expect(isFull.value == [true], "nor is anybody new accepted")
        #expect(queues[1].add(carried(2), &quiet).isReady)
        _ = CarriedQueue.collect(queues)
        #expect(isFull.value == [true, false])
    }

    @Test func aFullSinkStopsAll() {
        var share = CarriedQueue.Share()
        queues[0].setSinkFull(true)
        #expect(!queues[0].add(carried(1), &share).isReady)
        queues[0].setSinkFull(false)
        #expect(queues[0].add(carried(1), &share).isReady)
    }
}
