// Results on pipes that take a part, on full disks, and on pipes that nobody reads.

import Foundation
import Testing

@testable import Console

@Suite(.timeLimit(.minutes(1)), .serialized) struct PrinterTests {
    /// A pipe that holds little and does not block whoever writes.
    private func pipes() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    @Test func whatAPipeTakesInPartsComesWhole() async throws {
        let (reading, writing) = try pipes()
        let results = (0..<60_000).flatMap { Array("line \($0)\n".utf8) }
        let reader = Task {
            await withCheckedContinuation { (done: CheckedContinuation<[UInt8], Never>) in
                Thread.detachNewThread {
                    var all: [UInt8] = []
                    var buffer = [UInt8](repeating: 0, count: 5_000)
                    while true {
                        let count = read(reading, &buffer, buffer.count)
                        guard count > 0 else { break }
                        all += buffer.prefix(count)
                    }
                    done.resume(returning: all)
                }
            }
        }
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread {
                var printer = Printer(descriptor: writing)
                printer.bytes = results
                printer.flush()
                close(writing)
                done.resume()
            }
        }
        #expect(await reader.value == results)
        close(reading)
    }

    @Test func resultsLeaveWhenThereAreMany() throws {
        let (reading, writing) = try pipes()
        var printer = Printer(descriptor: writing)
        printer.bytes = [0x41]
        let waits = printer.flushIfFull()
        #expect(waits && printer.bytes.count == 1)
        let null = open("/dev/null", O_WRONLY)
        var many = Printer(descriptor: null)
        many.bytes = [UInt8](repeating: 0x41, count: 1 << 20)
        let hasLeft = many.flushIfFull()
        #expect(hasLeft && many.bytes.isEmpty)
        for descriptor in [reading, writing, null] { close(descriptor) }
    }

    @Test func aFullDiskIsAFailure() throws {
        let full = open("/dev/full", O_WRONLY)
        guard full >= 0 else { return print("SKIPPED: there is no /dev/full") }
        var printer = Printer(descriptor: full)
        printer.bytes = [0x41]
        printer.flush()
        #expect(printer.isBroken && printer.failure?.isEmpty == false)
        let goesOn = printer.flushIfFull()
        #expect(!goesOn)
        close(full)
    }

    @Test func aReaderThatLeavesIsNone() throws {
        signal(SIGPIPE, SIG_IGN)
        let (reading, writing) = try pipes()
        close(reading)
        var printer = Printer(descriptor: writing)
        printer.bytes = [0x41]
        printer.flush()
        #expect(printer.isBroken && printer.failure == nil)
        close(writing)
    }
}
