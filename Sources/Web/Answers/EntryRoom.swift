// How many entries of a talk one answer has room for.

import Payloads
import Transcripts

enum EntryRoom {
    /// The entries that an answer has room for: from a place on, and then those in front of it. One is always shown, and
    /// those of one event stay together, because a cursor names an event.
    ///
    /// - Parameter start: a place in the entries; their number for the last ones.
    static func shown(
        _ entries: [ChatEntry], from start: Int, room: Int = PageLimits.longestList
    ) -> Range<Int> {
        var (first, end, size) = (start, start, 0)
        while end < entries.count {
            let group = Self.end(of: entries, at: end)
            let more = entries[end..<group].reduce(0) { $0 + length(of: $1) }
            if end > start, size + more > room { return first..<end }
            (end, size) = (group, size + more)
        }
        while first > 0 {
            let group = Self.start(of: entries, before: first)
            let more = entries[group..<first].reduce(0) { $0 + length(of: $1) }
            if first < end, size + more > room { break }
            (first, size) = (group, size + more)
        }
        return first..<end
    }

    private static func end(of entries: [ChatEntry], at place: Int) -> Int {
        let cursor = entries[place].cursor
        return entries[place...].firstIndex { $0.cursor != cursor } ?? entries.count
    }

    private static func start(of entries: [ChatEntry], before place: Int) -> Int {
        let cursor = entries[place - 1].cursor
        return entries[..<place].lastIndex { $0.cursor != cursor }.map { $0 + 1 } ?? 0
    }

    /// About how long an entry is as JSON. Texts are in it twice: whole, and divided at emoticons.
    private static func length(of entry: ChatEntry) -> Int {
        guard case .text(let text, _) = entry.what else { return 512 }
        return 512 + 2 * text.text.utf8.reduce(0) { $0 + ($1 < 0x20 ? 6 : $1 == 0x22 || $1 == 0x5C ? 2 : 1) }
    }
}
