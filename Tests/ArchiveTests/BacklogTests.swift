// The backlog's bound, and what becomes of events that find no room. And a disk that is slow, or hangs.

import Events
import Foundation
import MSNP
import NIOConcurrencyHelpers
import Testing

@testable import Archive

@Suite struct BacklogTests {
    static func frame(_ length: Int, _ connection: Int = 1, at time: Int64 = 1) throws -> Event {
        let frame = try #require(Frame(Array("PNG \(String(repeating: "x", count: max(0, length - 6)))\r\n".utf8)))
        return Event(time: Timestamp(nanoseconds: time), connection: connection, kind: .frame(frame, from: .client))
    }

    @Test func whateverComesTheBoundHolds() throws {
        for length in [6, 1_000, 100_000] {
            var backlog = Backlog(most: 4 << 20)
            let event = try Self.frame(length)
            var kept = 0
            for number in 0..<200_000 where kept < 4 << 20 {
                kept += length
                var next = event
                next.connection = number % 7 + 1
                backlog.append([next], at: 1)
                #expect(backlog.size <= 4 << 20)
            }
            while backlog.size < 4 << 20 - (1 << 18), !backlog.isLosing { backlog.append([event], at: 1) }
        }
    }

    @Test func smallEventsCountWithTheirOverhead() throws {
        var backlog = Backlog(most: 1 << 20)
        let event = try Self.frame(7)
        for _ in 0..<100_000 { backlog.append([event], at: 1) }
        let kept = backlog.pieces.reduce(0) { $0 + $1.events.count }
        #expect(kept * MemoryLayout<Event>.stride * 2 < 1 << 20)
        #expect(kept > 500)
    }

    @Test func aHoleStandsWhereTheEventsAreMissing() throws {
        var backlog = Backlog(most: 64 << 10)
        let length = 10_000
        for number in 0..<20 { backlog.append([try Self.frame(length, at: Int64(number))], at: Int64(number)) }
        #expect(backlog.isLosing)
        let first = backlog.take(.max)
        let kept = first.flatMap(\.events).count
        let loss = try #require(first.last?.losses[1])
        #expect(kept == 6 && loss.commands == 14 && loss.bytes.client == UInt64(14 * length))
        // What was handed out still counts, so what comes now is lost, too.
        backlog.append([try Self.frame(length, at: 20)], at: 20)
        #expect(backlog.pieces.count == 1)
        backlog.settle(first)
        backlog.append([try Self.frame(length, at: 21)], at: 21)
        let second = backlog.take(.max)
        #expect(second.count == 2)
        #expect(second.first?.events.isEmpty == true && second.first?.losses[1]?.commands == 1)
        #expect(second.last?.events.count == 1 && second.last?.hasLosses == false)
        backlog.settle(second)
        #expect(backlog.size == 0)
    }

    @Test func lossesOfManyConnectionsAreBoundedAndNotForgotten() throws {
        var backlog = Backlog(most: 0)
        let count = Backlog.mostLosses + 10
        for number in 1...count { backlog.append([try Self.frame(10, number)], at: 1) }
        let piece = try #require(backlog.take(.max).first)
        #expect(piece.losses.count == Backlog.mostLosses && piece.further?.commands == 10)
        let last = try #require(piece.holes.last)
        guard case .finding(let finding) = last.kind else { return #expect(Bool(false), "\(last.kind)") }
        #expect(last.connection == 0 && finding.name.text == "not_recorded" && finding.text.contains("10 commands"))
    }

    @Test func whatTheLogLeftOutIsNothingToRecord() {
        var backlog = Backlog()
        let omission = Omission(
            events: 1, from: Timestamp(nanoseconds: 1), to: Timestamp(nanoseconds: 2), isRecorded: true)
        backlog.append([Event(time: Timestamp(nanoseconds: 1), connection: 0, kind: .notPrinted(omission))], at: 1)
        #expect(backlog.pieces.isEmpty)
    }
}

@Suite struct RecorderStateTests {
    private let second: Int64 = 1_000_000_000

    /// A state with a backlog that holds so much.
    private func state(_ bytes: Int, most: Int = 8 << 20) throws -> RecorderState {
        var state = RecorderState(backlog: Backlog(most: most))
        let event = try BacklogTests.frame(50_000)
        while state.backlog.size < bytes { state.backlog.append([event], at: 0) }
        return state
    }

    @Test func whileThereIsRoomNobodyWaits() throws {
        var state = try state(4 << 20)
        #expect(state.keepsUp(1))
        let batch = state.handOut(1)
        #expect(state.keepsUp(4 * second), "however long the disk takes")
        _ = state.settle(batch, 4 * second)
        #expect(state.keepsUp(4 * second) && state.news(4 * second).isEmpty)
        #expect(state.isSlow)
    }

    @Test func aDiskThatStillWritesDoesNotHang() throws {
        var state = try state(1 << 20)
        let event = try BacklogTests.frame(50_000)
        state.note(progress: 1, 0)
        let batch = state.handOut(0)
        while !state.backlog.isNearlyFull { state.backlog.append([event], at: 1) }
        for time in 1...20 {
            let now = Int64(time) * second
            if state.needsProgress(now) { state.note(progress: now, now) }
            #expect(!state.keepsUp(now) && state.isRecording(now), "there is no room, but it writes")
        }
        #expect(!state.needsProgress(20 * second + 1), "it was looked at just now")
        // Now it shows the same all the time.
        for time in 21...24 { state.note(progress: 20 * second, Int64(time) * second) }
        #expect(state.needsProgress(25 * second) && !state.keepsUp(25 * second))
        #expect(state.keepsUp(26 * second) && !state.isRecording(26 * second))
        _ = state.settle(batch, 26 * second)
        #expect(state.isSlow)
    }

    @Test func withoutRoomCallersWaitAndItIsSaidOnce() throws {
        var state = try state(1 << 20)
        let event = try BacklogTests.frame(50_000)
        let isCalled = NIOLockedValueBox(false)
        while !state.backlog.isNearlyFull { state.backlog.append([event], at: 1) }
        #expect(!state.keepsUp(1))
        #expect(state.news(1) == ["5 MiB are waiting for the archive: connections wait for its disk"])
        #expect(state.news(2).isEmpty, "once")
        let isAdded = state.add({ isCalled.withLockedValue { $0 = true } }, 2)
        let early = state.takeCallbacks(2)
        #expect(isAdded && early.isEmpty && state.isAwaited)
        _ = state.settle(state.handOut(3), second)
        #expect(state.keepsUp(3))
        for callback in state.takeCallbacks(3) { callback() }
        #expect(isCalled.withLockedValue { $0 } && !state.isAwaited)
        while !state.backlog.isNearlyFull { state.backlog.append([event], at: 4) }
        #expect(state.news(4).count == 1, "it is another occurrence")
    }

    @Test func theWriterIsCalledOnceForACommit() throws {
        var state = RecorderState(backlog: Backlog(most: 64 << 20))
        func expectCall(_ expected: RecorderState.Call?, _ reason: Comment? = nil) {
            let call = state.nextCall()
            #expect(call == expected, reason)
        }
        expectCall(nil, "there is nothing to write")
        state.backlog.append([try BacklogTests.frame(10)], at: 1)
        expectCall(.write)
        state.backlog.append([try BacklogTests.frame(10)], at: 2)
        expectCall(nil)
        while !state.isHurried { state.backlog.append([try BacklogTests.frame(50_000)], at: 3) }
        expectCall(.hurry)
        expectCall(nil)
        _ = state.handOut(4)
        state.backlog.append([try BacklogTests.frame(10)], at: 5)
        expectCall(.write, "what is being written needs no further call")
        state.isClosing = true
        expectCall(.hurry)
    }

    @Test func aDiskThatHangsCostsNeither() throws {
        var state = try state(1 << 20)
        let batch = state.handOut(0)
        let event = try BacklogTests.frame(50_000)
        while !state.backlog.isNearlyFull { state.backlog.append([event], at: second) }
        #expect(!state.keepsUp(4 * second) && state.news(4 * second).count == 1)
        #expect(state.keepsUp(6 * second))
        #expect(state.news(6 * second).map { $0.hasPrefix("NOT RECORDING") } == [true])
        #expect(state.news(7 * second).isEmpty, "once")
        for _ in 0..<1_000 { state.backlog.append([event], at: 7 * second) }
        #expect(state.news(8 * second).map { $0.contains("will be missing") } == [true])
        #expect(state.backlog.size <= 8 << 20)
        #expect(state.keepsUp(9 * second))
        let isNews = state.settle(batch, 9 * second)
        #expect(isNews, "it can be written again")
    }
}

/// A disk that hangs until it is let go.
private final class HangingWriter: BatchWriter {
    let kept: NIOLockedValueBox<[Event]>
    let hangs: ConditionLock<Bool>

    init(_ kept: NIOLockedValueBox<[Event]>, _ hangs: ConditionLock<Bool>) {
        self.kept = kept
        self.hangs = hangs
    }

    func open() {}
    func write(_ pieces: [Backlog.Piece]) {
        guard !pieces.isEmpty else { return }
        hangs.lock(whenValue: false)
        hangs.unlock()
        for piece in pieces { kept.withLockedValue { $0 += piece.events + piece.holes } }
    }
    func finish() {}
}

@Suite(.timeLimit(.minutes(1))) struct HangingDiskTests {
    @Test func chatGoesOnAndAHoleIsRecorded() async throws {
        let words = NIOLockedValueBox<[String]>([])
        let kept = NIOLockedValueBox<[Event]>([])
        let hangs = ConditionLock(value: true)
        let recorder = try Recorder(HangingWriter(kept, hangs), most: 2 << 20) { line in
            words.withLockedValue { $0.append(line) }
        }
        let event = try BacklogTests.frame(10_000)
        _ = recorder.receive([event])
        try await pause(0.5)
        // While there is room, nobody waits, however long the disk takes.
        var sent = 1
        for _ in 0..<100 {
            #expect(recorder.receive([event]))
            sent += 1
        }
        // With the room used up, callers wait until the disk has shown no life for seconds; then they go on.
        while recorder.receive([event]), sent < 10_000 { sent += 1 }
        sent += 1
        let isReady = NIOLockedValueBox(false)
        recorder.whenReady { isReady.withLockedValue { $0 = true } }
        let deadline = ContinuousClock.now + .seconds(20)
        while !isReady.withLockedValue({ $0 }), ContinuousClock.now < deadline { try await pause(0.02) }
        #expect(isReady.withLockedValue { $0 })
        for _ in 0..<1_000 {
            #expect(recorder.receive([event]))
            sent += 1
        }
        #expect(words.withLockedValue { $0.count { $0.hasPrefix("NOT RECORDING: the disk has not answered") } } == 1)
        #expect(words.withLockedValue { $0.count { $0.contains("will be missing") } } == 1)
        hangs.lock()
        hangs.unlock(withValue: false)
        recorder.close()
        let events = kept.withLockedValue { $0 }
        let bytes = events.reduce(0) { sum, event in
            switch event.kind {
            case .frame(let frame, _): sum + frame.bytes.count
            case .gap(let bytes, _, _): sum + Int(bytes)
            default: sum
            }
        }
        #expect(bytes == sent * 10_000, "what is not there is a hole of the right length")
        #expect(events.contains { if case .gap = $0.kind { true } else { false } })
        #expect(words.withLockedValue { $0.last } == "the archive can be written again")
    }

    @Test func theEndDoesNotWaitForADiskThatHangs() async throws {
        let words = NIOLockedValueBox<[String]>([])
        let hangs = ConditionLock(value: true)
        let recorder = try Recorder(HangingWriter(NIOLockedValueBox([]), hangs), most: 2 << 20) { line in
            words.withLockedValue { $0.append(line) }
        }
        _ = recorder.receive([try BacklogTests.frame(100)])
        let start = ContinuousClock.now
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                recorder.close()
                continuation.resume()
            }
        }
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(words.withLockedValue { $0.last?.contains("could not be recorded") } == true)
        hangs.lock()
        hangs.unlock(withValue: false)
    }
}
