// A pipe whose ends tests write and read.

import Foundation
import Testing

/// A pipe; whoever makes it closes both ends.
struct TestPipe {
    let reading: Int32
    let writing: Int32

    /// - Parameter blocks: whether a writer waits for room.
    init(blocks: Bool = true) throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
        if !blocks { _ = fcntl(writing, F_SETFL, O_NONBLOCK) }
    }

    /// All bytes until the other end is closed. They are read on a thread of their own, since other tests need theirs.
    func readAll(by size: Int = 65_536) -> Task<[UInt8], Never> {
        Task { [reading] in
            await withCheckedContinuation { done in
                Thread.detachNewThread {
                    var all: [UInt8] = []
                    var buffer = [UInt8](repeating: 0, count: size)
                    while true {
                        let count = read(reading, &buffer, buffer.count)
                        guard count > 0 else { break }
                        all += buffer.prefix(count)
                    }
                    done.resume(returning: all)
                }
            }
        }
    }

    /// The lines until the other end is closed.
    func readLines() -> Task<[Substring], Never> {
        let all = readAll()
        return Task { String(decoding: await all.value, as: UTF8.self).split(separator: "\n") }
    }
}
