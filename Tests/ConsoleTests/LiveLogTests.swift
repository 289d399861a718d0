// The log on a pipe that nobody reads, and on one that is read again.

import Events
import Foundation
import MSNP
import NIOConcurrencyHelpers
import Output
import Testing

@testable import Console

/// A pipe with a log on it.
private final class PipedLog: Sendable {
    let log: LiveLog
    private let pipe: TestPipe
    let lines = NIOLockedValueBox<[String]>([])

    let isRecording = NIOLockedValueBox(true)

    init(_ overflow: LiveLog.Overflow, filter: String? = nil, style: LiveLog.Style = .jsonl) throws {
        let isRecording = isRecording
        pipe = try TestPipe(blocks: false)
        let lines = lines
        log = LiveLog(
            descriptor: pipe.writing, style: style, presentation: Presentation(),
            filter: try filter.map { try EventFilter($0) },
            overflow: overflow, isRecording: { isRecording.withLockedValue { $0 } },
            report: { line in lines.withLockedValue { $0.append(line) } }, onBrokenPipe: {})
    }

    /// Everything that is written until the pipe is closed.
    func readOn() -> Task<[Substring], Never> { pipe.readLines() }

    /// Ends the log and the pipe.
    func close() async -> Bool {
        let log = log
        let isWhole = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: log.close()) }
        }
        Foundation.close(pipe.writing)
        return isWhole
    }

    /// Waits until a line with these words was reported.
    func said(_ words: String, within seconds: Double) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if lines.withLockedValue({ $0.contains { $0.contains(words) } }) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    deinit { Foundation.close(pipe.reading) }
}

@Suite(.timeLimit(.minutes(1)), .serialized) struct LiveLogTests {
    private func frame(_ number: Int, _ verb: String = "PNG") throws -> Event {
        let frame = try #require(Frame(Array("\(verb) \(String(repeating: "x", count: 1_000))\r\n".utf8)))
        return Event(
            time: Timestamp(nanoseconds: 1_115_393_298_000_000_000 + Int64(number) * 1_000), connection: number,
            kind: .frame(frame, from: .client))
    }

    private func objects(_ lines: [Substring]) throws -> [[String: Any]] {
        try lines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test func anUnreadLogStopsNobodyAndSaysWhatIsMissing() async throws {
        let pipe = try PipedLog(.leaveOut)
        let total = 20_000
        for number in 0..<total {
            #expect(pipe.log.receive([try frame(number)]))
            #expect(pipe.log.waiting <= LiveLog.mostKept)
        }
        #expect(try await pipe.said("not read in time", within: 4))
        let reader = pipe.readOn()
        #expect(try await pipe.said("caught up", within: 20))
        #expect(pipe.log.receive([try frame(total)]))
        #expect(await pipe.close())
        let events = try objects(await reader.value)
        let gap = try #require(events.firstIndex { $0["event"] as? String == "not_printed" })
        #expect(events.count { $0["event"] as? String == "not_printed" } == 1)
        let printed = events.count { $0["event"] as? String == "frame" }
        let missing = try #require(events[gap]["events"] as? Int)
        #expect(printed + missing == total + 1 && missing > total / 2)
        #expect(events[gap]["recorded"] as? Bool == true)
        // It stands where they are missing: behind the last one before, before the first one after.
        #expect(gap == events.count - 2 && events.last?["conn"] as? Int == total)
        #expect(events[gap - 1]["conn"] as? Int == gap - 1)
        #expect(events[gap]["from_time"] as? String == (try frame(gap)).time.rfc3339)
        #expect(events[gap]["to_time"] as? String == (try frame(total - 1)).time.rfc3339)
        #expect(pipe.lines.withLockedValue { $0.count } == 2)
    }

    /// The archive may be failing at the same time: then no line says that it has the missing events.
    @Test func whatTheArchiveDoesNotTakeIsNotSaidToBeInIt() async throws {
        let pipe = try PipedLog(.leaveOut)
        for number in 0..<10_000 {
            if number == 9_000 { pipe.isRecording.withLockedValue { $0 = false } }
            _ = pipe.log.receive([try frame(number)])
        }
        #expect(try await pipe.said("not read in time", within: 4))
        #expect(pipe.lines.withLockedValue { $0.first?.contains("the archive cannot be written either") == true })
        let reader = pipe.readOn()
        #expect(await pipe.close())
        let gap = try #require(objects(await reader.value).first { $0["event"] as? String == "not_printed" })
        #expect(gap["recorded"] as? Bool == false)
    }

    /// What is given up at the end was not caught up with.
    @Test func givingUpIsNotCatchingUp() async throws {
        let pipe = try PipedLog(.leaveOut)
        for number in 0..<10_000 { _ = pipe.log.receive([try frame(number)]) }
        #expect(try await pipe.said("not read in time", within: 4))
        #expect(!(await pipe.close()))
        let lines = pipe.lines.withLockedValue { $0 }
        #expect(lines.last?.contains("the end of the log is missing") == true)
        #expect(!lines.contains { $0.contains("caught up") })
    }

    @Test func whatAFilterLeavesOutIsNotMissing() async throws {
        let pipe = try PipedLog(.leaveOut, filter: "verb == QNG")
        for number in 0..<10_000 { _ = pipe.log.receive([try frame(number), try frame(number, "QNG")]) }
        let reader = pipe.readOn()
        #expect(await pipe.close())
        let events = try objects(await reader.value)
        let missing = events.compactMap { $0["events"] as? Int }.reduce(0, +)
        let printed = events.count { $0["event"] as? String == "frame" }
        #expect(printed + missing == 10_000 && missing > 0, "\(printed) and \(missing)")
    }

    @Test func inTextItIsOneLine() async throws {
        let pipe = try PipedLog(.leaveOut, style: .text)
        for number in 0..<10_000 { _ = pipe.log.receive([try frame(number)]) }
        let reader = pipe.readOn()
        #expect(await pipe.close())
        let lines = await reader.value.filter { $0.contains("not_printed") }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.contains(" events from ") && line.contains("the archive has them"))
    }

    @Test func withoutAnArchiveCallersWaitForTheReader() async throws {
        let pipe = try PipedLog(.wait)
        var number = 0
        while pipe.log.receive([try frame(number)]) {
            number += 1
            try #require(number < 100_000)
        }
        let isReady = NIOLockedValueBox(false)
        pipe.log.whenReady { isReady.withLockedValue { $0 = true } }
        let start = ContinuousClock.now
        #expect(try await pipe.said("connections wait for the reader of standard output", within: 5))
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(!isReady.withLockedValue { $0 })
        let reader = pipe.readOn()
        #expect(try await pipe.said("connections continue", within: 20))
        #expect(isReady.withLockedValue { $0 })
        #expect(await pipe.close())
        let events = try objects(await reader.value)
        #expect(events.count == number + 1, "nothing is lost")
        #expect(pipe.lines.withLockedValue { $0.count } == 2, "once")
    }

    @Test func atTheEndItSaysWhatIsMissing() async throws {
        let pipe = try PipedLog(.leaveOut)
        for number in 0..<10_000 { _ = pipe.log.receive([try frame(number)]) }
        let start = ContinuousClock.now
        #expect(!(await pipe.close()))
        #expect(ContinuousClock.now - start < .seconds(20))
        let last = try #require(pipe.lines.withLockedValue { $0.last })
        #expect(last.contains("the end of the log is missing"))
    }

    @Test func aLogOnAFullDiskDelaysNobody() async throws {
        let full = open("/dev/full", O_WRONLY)
        guard full >= 0 else { return print("SKIPPED: there is no /dev/full") }
        let lines = NIOLockedValueBox<[String]>([])
        let log = LiveLog(
            descriptor: full, style: .jsonl, presentation: Presentation(), overflow: .leaveOut,
            isRecording: { true }, report: { line in lines.withLockedValue { $0.append(line) } }, onBrokenPipe: {})
        for number in 0..<20_000 { #expect(log.receive([try frame(number)])) }
        #expect(log.waiting <= LiveLog.mostKept)
        #expect(!log.close())
        let said = lines.withLockedValue { $0 }
        #expect(said.contains { $0.contains("cannot be written") && $0.contains("archive") })
        #expect(said.last?.contains("the end of the log is missing") == true)
        close(full)
    }

    /// A reply can come to the log before its request, on another thread.
    @Test func eventsOfSeveralConnectionsAreInOrderOfTime() async throws {
        let pipe = try PipedLog(.leaveOut)
        let reader = pipe.readOn()
        for number in 4..<100 { _ = pipe.log.receive([try frame(number ^ 3)]) }
        #expect(await pipe.close())
        let numbers = try objects(await reader.value).compactMap { $0["conn"] as? Int }
        #expect(numbers == Array(4..<100))
    }

    @Test func theDateIsPrintedOncePerDay() async throws {
        let pipe = try PipedLog(.leaveOut, style: .text)
        let reader = pipe.readOn()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for number in 0..<50 { _ = try? pipe.log.receive([frame(number)]) } }
            }
        }
        #expect(await pipe.close())
        let lines = await reader.value
        #expect(lines.first == "2005-05-06 UTC")
        #expect(lines.count { $0.hasSuffix("UTC") } == 1 && lines.count == 401)
    }

    /// Nothing is written to it, so only asking shows that its reader has left.
    @Test func aReaderThatLeavesAnIdleLogIsNoticed() async throws {
        let pipe = try TestPipe()
        let (ends, hasLeft) = AsyncStream.makeStream(of: Void.self)
        let log = LiveLog(
            descriptor: pipe.writing, style: .text, presentation: Presentation(), report: { _ in },
            onBrokenPipe: { hasLeft.yield() })
        close(pipe.reading)
        for await _ in ends { break }
        #expect(log.close())
        close(pipe.writing)
    }
}
