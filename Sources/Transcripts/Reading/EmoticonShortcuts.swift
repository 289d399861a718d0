// The letters for which somebody's pictures stand.

/// What letters stand for which pictures; the longest ones win: `:)` is in `:))`.
struct EmoticonShortcuts {
    private struct Shortcut {
        var letters: [UInt8]
        var picture: Int
    }

    /// In order of their letters, so that a text is held against all of them at once.
    private var sorted: [Shortcut] = []
    /// The letters in the order in which they were learned, the oldest first.
    private var order: [[UInt8]] = []
    private var isFirstLetter = [Bool](repeating: false, count: 256)

    /// How many emoticons one person can have at a time.
    static let most = 200
    /// A shortcut is up to seven letters with the official client.
    private static let longest = 50

    /// Notes that letters stand for a picture from now on; without room, the oldest are given up.
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

    /// The longest shortcut that stands at a place of a text.
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

    /// The first place whose letter at a depth does not fulfil a condition that all before it do.
    private func bound(_ low: Int, _ high: Int, _ depth: Int, _ isBefore: (UInt8) -> Bool) -> Int {
        var (low, high) = (low, high)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(sorted[middle].letters[depth]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
