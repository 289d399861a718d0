// Keeps the received bytes of a transfer in memory.

internal import MSNP

/// Bytes at offsets, as one run between any two gaps.
struct ByteStore: Sendable {
    private var runs: [(start: UInt64, bytes: [UInt8])] = []
    /// The number of bytes kept.
    private(set) var count = 0

    /// Adds bytes.
    ///
    /// - Parameter fresh: the ranges of them that are not kept yet.
    /// - Returns: whether all other bytes equal the kept ones, which are not replaced.
    mutating func add(_ bytes: ByteSlice, at offset: UInt64, fresh: [Range<UInt64>]) -> Bool {
        var isSame = true
        let freshCount = fresh.reduce(0) { $0 + $1.count }
        if freshCount < bytes.count { isSame = agrees(bytes, at: offset) }
        for range in fresh {
            let start = bytes.startIndex + Int(range.lowerBound - offset)
            insert(bytes[start..<start + range.count], at: range.lowerBound)
        }
        count += freshCount
        return isSame
    }

    /// All bytes; empty if there is a gap.
    var whole: [UInt8] { runs.count == 1 && runs[0].start == 0 ? runs[0].bytes : [] }

    /// Adds the bytes from an offset up to the next gap to a digest.
    ///
    /// - Returns: their number.
    func add(to digest: inout (any RunningDigest)?, from offset: UInt64) -> Int {
        let index = firstRun { $0.start > offset } - 1
        guard index >= 0, offset - runs[index].start < UInt64(runs[index].bytes.count) else { return 0 }
        let run = runs[index]
        let bytes = run.bytes.span
        let start = Int(offset - run.start)
        let rest = bytes.extracting(start...)
        digest?.update(rest)
        return rest.count
    }

    /// Discards the bytes before an offset.
    mutating func discard(below offset: UInt64) {
        while let first = runs.first, first.start < offset {
            let length = min(offset - first.start, UInt64(first.bytes.count))
            count -= Int(length)
            if length == UInt64(first.bytes.count) {
                runs.removeFirst()
            } else {
                runs[0].bytes.removeSubrange(..<Int(length))
                runs[0].start = offset
            }
        }
    }

    private mutating func insert(_ bytes: ByteSlice, at offset: UInt64) {
        let index = firstRun { $0.start > offset }
        if index > 0, runs[index - 1].start + UInt64(runs[index - 1].bytes.count) == offset {
            runs[index - 1].bytes += bytes
            join(index - 1)
        } else {
            runs.insert((offset, Array(bytes)), at: index)
            join(index)
        }
    }

    /// Joins a run with the next if they touch.
    private mutating func join(_ index: Int) {
        guard index + 1 < runs.count, runs[index].start + UInt64(runs[index].bytes.count) == runs[index + 1].start
        else { return }
        let next = runs.remove(at: index + 1)
        runs[index].bytes += next.bytes
    }

    private func agrees(_ bytes: ByteSlice, at offset: UInt64) -> Bool {
        let end = offset + UInt64(bytes.count)
        var index = max(0, firstRun { $0.start > offset } - 1)
        while index < runs.count, runs[index].start < end {
            let run = runs[index]
            let low = max(offset, run.start)
            let high = min(end, run.start + UInt64(run.bytes.count))
            if low < high {
                let kept = run.bytes[Int(low - run.start)..<Int(high - run.start)]
                let start = bytes.startIndex + Int(low - offset)
                if !kept.elementsEqual(bytes[start..<start + kept.count]) { return false }
            }
            index += 1
        }
        return true
    }

    private func firstRun(_ fulfils: ((start: UInt64, bytes: [UInt8])) -> Bool) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if fulfils(runs[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
