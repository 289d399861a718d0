// Who receives notices of commits, and who learns that somebody follows.

import NIOConcurrencyHelpers
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(1))) struct NoticeTests {
    @Test func theRecordingKnowsWhetherSomebodyFollows() async {
        let calls = NIOLockedValueBox<[Bool]>([])
        let slots = NoticeSlots(interval: .seconds(60), followed: { call in calls.withLockedValue { $0.append(call) } })
        { 1 }
        let (first, _) = slots.open()
        let (second, _) = slots.open()
        #expect(calls.withLockedValue { $0 } == [true])
        slots.close(first)
        slots.close(first)
        #expect(calls.withLockedValue { $0 } == [true])
        slots.close(second)
        #expect(calls.withLockedValue { $0 } == [true, false])
        let (_, slot) = slots.open()
        slots.stop()
        #expect(calls.withLockedValue { $0 } == [true, false, true, false])
        for await _ in slot {}
        _ = slots.open()
        #expect(calls.withLockedValue { $0.count } == 4)
    }

    /// A notice does not wait for the next time that the archive is asked.
    @Test func aNoticeWakesAStreamAtOnce() async {
        let slots = NoticeSlots(interval: .seconds(3_600)) { 1 }
        let (id, slot) = slots.open()
        let before = slots.commit
        slots.note()
        slots.note()
        var iterator = slot.makeAsyncIterator()
        await iterator.next()
        #expect(slots.commit == before + 2)
        slots.close(id)
        #expect(await iterator.next() == nil)
    }

    /// Commits that nobody notes, those of other programs, are found by asking.
    @Test func othersAreAskedFor() async {
        let number = NIOLockedValueBox<Int64>(1)
        let slots = NoticeSlots(interval: .milliseconds(1)) {
            number.withLockedValue { number in
                number += 1
                return number
            }
        }
        let (id, slot) = slots.open()
        for await _ in slot { break }
        #expect(slots.commit > 1)
        slots.close(id)
    }
}
