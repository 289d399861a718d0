// The emoticon shortcuts of one participant, and a search for them in text.

/// Maps shortcuts to picture numbers. The longest match wins: `:)` is a prefix of `:))`.
struct EmoticonShortcuts {
    private struct Shortcut {
        var letters: [UInt8]
        var picture: Int
    }

    /// Sorted by their bytes, so that one binary search compares a text with all of them.
    private var sorted: [Shortcut] = []
    /// The shortcuts in the order in which they were learned, the oldest first.
    private var order: [[UInt8]] = []
    private var isFirstLetter = [Bool](repeating: false, count: 256)

    /// The largest number of shortcuts kept for one participant.
    static let most = 200
    /// The longest shortcut in bytes; the official client allows seven characters.
    private static let longest = 50

    /// Maps a shortcut to a picture from now on. At the limit the oldest shortcut is removed.
    mutating func learn(_ text: String, _ picture: Int) {
        let letters = Array(text.utf8)
        guard (1...Self.longest).contains(letters.count) else { return }
        order.removeAll { $0 == letters }
        order.append(letters)
        if order.count > Self.most {
            let oldest = order.removeFirst()
            sorted.removeAll { $0.letters == oldest }
        }
        sorted.removeAll { $0.letters == letters }
        let place = sorted.firstIndex { letters.lexicographicallyPrecedes($0.letters) } ?? sorted.count
        sorted.insert(Shortcut(letters: letters, picture: picture), at: place)
        isFirstLetter[Int(letters[0])] = true
    }

    /// The longest shortcut at an index of a text: its length in bytes and its picture.
    func find(in text: [UInt8], at index: Int) -> (count: Int, picture: Int)? {
        guard isFirstLetter[Int(text[index])] else { return nil }
        var low = 0
        var high = sorted.count
        var depth = 0
        var found: (count: Int, picture: Int)?
        while low < high {
            if sorted[low].letters.count == depth {
                found = (depth, sorted[low].picture)
                low += 1
                continue
            }
            guard index + depth < text.count else { break }
            let letter = text[index + depth]
            if sorted[low].letters[depth] != letter { low = bound(low, high, depth) { $0 < letter } }
            if low < high, sorted[high - 1].letters[depth] != letter { high = bound(low, high, depth) { $0 <= letter } }
            depth += 1
        }
        return found
    }

    /// The first index in `low..<high` whose byte at `depth` does not fulfil `isBefore` (binary search).
    private func bound(_ low: Int, _ high: Int, _ depth: Int, _ isBefore: (UInt8) -> Bool) -> Int {
        var (low, high) = (low, high)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(sorted[middle].letters[depth]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
