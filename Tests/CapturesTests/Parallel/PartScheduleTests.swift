// Which part is processed next, and when a batch is complete.

import TestSupport
import Testing

@testable import Captures

@Suite struct PartScheduleTests {
    private typealias Schedule = PartSchedule<Int, Int, Int>

    private func add(_ batch: Int, _ shards: [Int], to schedule: inout Schedule) -> Int {
        var parts = shards.map { (shard: $0, part: batch * 10 + $0) }
        return schedule.add(batch, &parts)
    }

    @Test func theOldestPartOfAFreeShardIsNext() {
        var schedule = Schedule(shards: 3, mostBatches: 4)
        #expect(add(0, [0, 1], to: &schedule) == 2)
        #expect(add(1, [0, 2], to: &schedule) == 1)
        #expect(schedule.next(for: 0, of: 1)?.part == 0)
        #expect(schedule.next(for: 0, of: 1)?.part == 1)
        // The first shard has another part, but is busy.
        #expect(schedule.next(for: 0, of: 1)?.part == 12)
        #expect(schedule.next(for: 0, of: 1) == nil)
        #expect(schedule.finish(.init(batch: 0, shard: 0), 0) == (true, false))
        #expect(schedule.next(for: 0, of: 1)?.part == 10)
        #expect(schedule.finish(.init(batch: 0, shard: 1), 1) == (false, true))
    }

    @Test func workersPreferTheirOwnShards() {
        var schedule = Schedule(shards: 4, mostBatches: 4)
        #expect(add(0, [0, 1, 2, 3], to: &schedule) == 4)
        #expect(schedule.next(for: 1, of: 2)?.part == 1)
        #expect(schedule.next(for: 1, of: 2)?.part == 3)
        #expect(schedule.next(for: 1, of: 2)?.part == 0)
        #expect(schedule.next(for: 0, of: 2)?.part == 2)
    }

    /// A stalled worker stops the others when the limit is reached, and memory does not grow.
    @Test func oneStalledPartLimitsTheBatches() {
        let most = 5
        var schedule = Schedule(shards: 4, mostBatches: most)
        _ = add(0, [0, 1, 2, 3], to: &schedule)
        #expect(schedule.next(for: 0, of: 1)?.part == 0)
        var added = 1
        for _ in 0..<100 {
            if !schedule.isFull {
                _ = add(added, [0, 1, 2, 3], to: &schedule)
                added += 1
            }
            while let (place, part) = schedule.next(for: 0, of: 1) { _ = schedule.finish(place, part) }
            #expect(schedule.takeComplete() == nil)
        }
        #expect(added == most && schedule.isFull)
        #expect(schedule.finish(.init(batch: 0, shard: 0), 0) == (true, true))
        #expect(schedule.takeComplete()?.plan == 0)
        #expect(!schedule.isFull && schedule.takeComplete() == nil)
    }

    @Test func aBatchWithoutPartsIsCompleteInItsTurn() {
        var schedule = Schedule(shards: 1, mostBatches: 2)
        #expect(add(0, [0], to: &schedule) == 1)
        #expect(add(1, [], to: &schedule) == 0)
        #expect(schedule.takeComplete() == nil)
        let next = schedule.next(for: 0, of: 1)
        #expect(next?.place == .init(batch: 0, shard: 0))
        #expect(schedule.finish(.init(batch: 0, shard: 0), 7) == (false, true))
        #expect(schedule.takeComplete()?.outputs == [7])
        #expect(schedule.takeComplete()?.plan == 1)
        #expect(schedule.isEmpty)
    }

    /// Whatever part is completed first: batches come in order, and each shard has its parts one by one, in order.
    @Test(arguments: 1...20) func theOrderIsKept(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let shards = Int.random(in: 1...6, using: &random)
        var schedule = Schedule(shards: shards, mostBatches: Int.random(in: 1...5, using: &random))
        var busy: [Schedule.Place] = []
        var lastBatch = Array(repeating: -1, count: shards)
        var added = 0
        var taken = 0
        while taken < 100 {
            if added < 100, !schedule.isFull, Bool.random(using: &random) {
                _ = add(added, (0..<shards).filter { _ in Bool.random(using: &random) }, to: &schedule)
                added += 1
            }
            if Bool.random(using: &random), let (place, part) = schedule.next(for: 0, of: 1) {
                #expect(part == place.batch * 10 + place.shard)
                #expect(!busy.contains { $0.shard == place.shard } && lastBatch[place.shard] < place.batch)
                lastBatch[place.shard] = place.batch
                busy.append(place)
            } else if !busy.isEmpty {
                let place = busy.remove(at: Int.random(in: busy.indices, using: &random))
                _ = schedule.finish(place, place.batch * 10 + place.shard)
            }
            while let (plan, outputs) = schedule.takeComplete() {
                #expect(plan == taken)
                for (shard, output) in outputs.enumerated() where output != nil {
                    #expect(output == plan * 10 + shard)
                }
                taken += 1
            }
        }
    }
}
