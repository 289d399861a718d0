// Many lines of trouble on a terminal that is not read, and a log whose reader leaves.

import Events
import Foundation
import MSNP
import NIOConcurrencyHelpers
import Output
import Testing

@testable import Console

@Suite(.timeLimit(.minutes(1)), .serialized) struct TroubleTests {
    @Test func linesThatFindNoRoomAreCountedOnce() async throws {
        let pipe = try TestPipe()
        let reporter = Reporter(prefix: "p", descriptor: pipe.writing)
        let long = String(repeating: "x", count: 2_000)
        for number in 0..<400 { reporter.report("\(number) \(long)") }
        let reader = pipe.readLines()
        // Until the thread has written what waits, further lines may find no room either.
        var number = 0
        for _ in 0..<200 {
            try await Task.sleep(for: .milliseconds(5))
            number += 1
            reporter.report("then \(number)")
        }
        reporter.close()
        close(pipe.writing)
        let lines = await reader.value
        let counts = lines.compactMap { line -> Int? in
            guard line.hasSuffix(" lines left out)") else { return nil }
            return Int(line.dropFirst("p: (".count).prefix { $0.isNumber })
        }
        #expect(!counts.isEmpty)
        #expect(lines.count - counts.count + counts.reduce(0, +) == 600, "each is printed or counted")
        #expect(counts.reduce(0, +) >= 400 - 100 - 64, "no more wait than may")
        #expect(lines.last == "p: then 200")
        close(pipe.reading)
    }

    @Test func aThousandLinesThatAreReadAreAllThere() async throws {
        let pipe = try TestPipe()
        let reader = pipe.readLines()
        let reporter = Reporter(prefix: "p", descriptor: pipe.writing)
        for number in 0..<500 {
            reporter.report("\(number)")
            if number % 20 == 19 { try await Task.sleep(for: .milliseconds(20)) }
        }
        reporter.close()
        close(pipe.writing)
        #expect(await reader.value.count == 500)
        close(pipe.reading)
    }

    private func event(_ number: Int) throws -> Event {
        let frame = try #require(Frame(Array("PNG \(String(repeating: "x", count: 1_000))\r\n".utf8)))
        return Event(
            time: Timestamp(nanoseconds: 1_115_393_298_000_000_000), connection: number,
            kind: .frame(frame, from: .client))
    }

    @Test func aReaderThatLeavesIsToldOf() async throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = try TestPipe()
        let hasLeft = NIOLockedValueBox(false)
        let log = LiveLog(
            descriptor: pipe.writing, style: .jsonl, presentation: Presentation(), report: { _ in },
            onBrokenPipe: { hasLeft.withLockedValue { $0 = true } })
        close(pipe.reading)
        #expect(log.receive([try event(1)]))
        for _ in 0..<500 where !hasLeft.withLockedValue({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(hasLeft.withLockedValue { $0 })
        // Nobody waits for somebody who has left.
        for number in 0..<20_000 { #expect(log.receive([try event(number)])) }
        _ = log.close()
        close(pipe.writing)
    }

    @Test func whatIsWrittenNoLongerWaits() async throws {
        let pipe = try TestPipe(blocks: false)
        let log = LiveLog(
            descriptor: pipe.writing, style: .jsonl, presentation: Presentation(), overflow: .leaveOut,
            report: { _ in },
            onBrokenPipe: {})
        for number in 0..<1_000 { _ = log.receive([try event(number)]) }
        let before = log.waiting
        #expect(before > 1 << 19)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var taken = 0
        while taken < 1 << 19 { taken += max(0, read(pipe.reading, &buffer, buffer.count)) }
        for _ in 0..<500 where log.waiting > before - 1 << 18 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(log.waiting <= before - 1 << 18)
        let rest = pipe.readLines()
        let isWhole = await withCheckedContinuation { done in
            Thread.detachNewThread { done.resume(returning: log.close()) }
        }
        #expect(isWhole)
        close(pipe.writing)
        _ = await rest.value
        close(pipe.reading)
    }

    /// Some events never come into a log of text; they are not missing in it either.
    @Test func whatTheLogNeverShowsIsNotLeftOutOfIt() async throws {
        let pipe = try TestPipe(blocks: false)
        let log = LiveLog(
            descriptor: pipe.writing, style: .text, presentation: Presentation(), overflow: .leaveOut,
            isRecording: { true }, report: { _ in }, onBrokenPipe: {})
        let words = Message(
            from: "a@example.com", to: ["b@example.com"], bytes: Array("hello".utf8), conversation: "1", side: .client,
            parts: 1)
        let message = Event(
            time: Timestamp(nanoseconds: 1_115_393_298_000_000_000), connection: 1, kind: .message(words))
        let total = 12_000
        for number in 0..<total { _ = log.receive([try event(number), message]) }
        let all = pipe.readLines()
        _ = await withCheckedContinuation { done in
            Thread.detachNewThread { done.resume(returning: log.close()) }
        }
        close(pipe.writing)
        let lines = await all.value
        let missing = lines.compactMap { line -> Int? in
            guard let start = line.range(of: "not_printed: ") else { return nil }
            return Int(line[start.upperBound...].prefix { $0.isNumber })
        }.reduce(0, +)
        let printed = lines.count { $0.contains("C: PNG") }
        #expect(missing > 0 && printed + missing == total)
        close(pipe.reading)
    }
}
