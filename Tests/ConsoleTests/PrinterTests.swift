// Results on pipes that take a part, on full disks, and on pipes that nobody reads.

import Foundation
import Testing

@testable import Console

@Suite(.timeLimit(.minutes(1)), .serialized) struct PrinterTests {
    @Test func whatAPipeTakesInPartsComesWhole() async throws {
        let pipe = try TestPipe(blocks: false)
        let results = (0..<60_000).flatMap { Array("line \($0)\n".utf8) }
        let reader = pipe.readAll(by: 5_000)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread {
                var printer = Printer(descriptor: pipe.writing)
                printer.bytes = results
                printer.flush()
                close(pipe.writing)
                done.resume()
            }
        }
        #expect(await reader.value == results)
        close(pipe.reading)
    }

    @Test func resultsLeaveWhenThereAreMany() throws {
        let pipe = try TestPipe(blocks: false)
        var printer = Printer(descriptor: pipe.writing)
        printer.bytes = [0x41]
        let waits = printer.flushIfFull()
        #expect(waits && printer.bytes.count == 1)
        let null = open("/dev/null", O_WRONLY)
        var many = Printer(descriptor: null)
        many.bytes = [UInt8](repeating: 0x41, count: 1 << 20)
        let hasLeft = many.flushIfFull()
        #expect(hasLeft && many.bytes.isEmpty)
        for descriptor in [pipe.reading, pipe.writing, null] { close(descriptor) }
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
        let pipe = try TestPipe(blocks: false)
        close(pipe.reading)
        var printer = Printer(descriptor: pipe.writing)
        printer.bytes = [0x41]
        printer.flush()
        #expect(printer.isBroken && printer.failure == nil)
        close(pipe.writing)
    }
}
