// Lines of a pasted log that are no commands: dates, statements about connections, lines of this program. Pure.

internal import MSNP

extension PastedLog {
    /// Handles a line by this program about a connection: `opened A → B`, `closed …`; others are derived and ignored.
    mutating func handle(annotation: ArraySlice<UInt8>, _ number: Int, _ role: Role?) {
        let words = String(decoding: annotation.prefix(512), as: UTF8.self).split(separator: " ")
        switch words.first {
        case "opened":
            guard words.count >= 4, words[2] == "→" else { return }
            close(.number(number))
            _ = begin(
                .number(number),
                .opened(number: number, role: role, client: String(words[1]), server: HostPort(words[3])))
        case "closed:", "closed;", "closed":
            // `closed: REASON; …`; reasons that start with this word stand alone.
            let reason = (words[0] == "closed:" ? words.dropFirst() : words[...]).joined(separator: " ")
            close(.number(number), reason: reason.split(separator: ";").first.map { String($0) })
        default: return
        }
    }

    /// Handles a line of prose: a date, or a statement that a connection begins or ends here.
    mutating func handle(prose line: ArraySlice<UInt8>) {
        let text = String(decoding: line.prefix(512), as: UTF8.self)
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        if words.count == 1 || words.count == 2 && words[1] == "UTC", let date = words.first.flatMap(LogTime.date) {
            midnight = date
            time = date
            hasTime = true
            return
        }
        if text.hasPrefix("# == ") {
            isBoundary = true
            address = Self.address(in: words.dropFirst(2))
            return
        }
        guard LogPayload.isBoundary(line) else { return }
        isBoundary = true
        if let named = Self.address(in: words) { address = named }
    }

    /// The first word that is an address: with a dot, and a digit at its end.
    private static func address(in words: ArraySlice<Substring>) -> HostPort? {
        for word in words {
            var word = word
            while let last = word.last, last == "." || last == "," || last == ")" { word.removeLast() }
            if word.contains("."), word.last?.isNumber == true, let address = HostPort(word) { return address }
        }
        return nil
    }

    private static func address(in words: [Substring]) -> HostPort? { address(in: words[...]) }

    static func isFence(_ line: ArraySlice<UInt8>) -> Bool { line.drop { $0 == 0x20 }.starts(with: "```".utf8) }

    static func contains(_ line: some BidirectionalCollection<UInt8>, _ part: String) -> Bool {
        let part = Array(part.utf8)
        return line.indices.contains { line[$0...].starts(with: part) }
    }
}
