// The search in messages.

import Archive
import ArchiveOutput
import Events
import MSNP
import Output
import Query

extension DataService {
    /// The largest number of words, as of the command.
    private static let mostWords = 64
    /// How far apart two clients' records of one message may be; both are one match.
    private static let copyTime: Int64 = 10_000_000_000

    /// Messages that contain words, the newest first; with a time, those up to it.
    func messages(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let words = SearchWords.split(try parameters.text("q") ?? "")
        guard !words.isEmpty, words.count <= Self.mostWords else {
            throw RequestError.parameter("q", "This parameter has 1 to \(Self.mostWords) words.")
        }
        let filter = try Self.condition(parameters, .messages)
        let limit = try parameters.number("limit", in: 1...PageLimits.mostRows, standard: 50)
        try parameters.requireOneOf(["before", "at"])
        let before =
            try parameters.text("before").map { try MessagePlace(cursor: $0) }
            ?? Self.time(parameters).map { MessagePlace(time: $0.nanoseconds, id: .max) }
        return try await reading(.scan) {
            try self.reader.lists(control) { try Self.find(words, filter, before, limit, $0, control) }
        }
    }

    private static func find(
        _ words: [String], _ filter: Filter?, _ before: MessagePlace?, _ limit: Int, _ archive: Archive,
        _ control: ReadControl
    ) throws -> JSONObject {
        var selection = ArchiveSelection.everything
        if let before {
            // Copies that were merged on the page before must be found again, to be merged again.
            let end = before.time.addingReportingOverflow(copyTime)
            selection.times = TimeSpan(
                since: nil, until: Timestamp(nanoseconds: end.overflow ? .max : end.partialValue))
        }
        var items: [(place: MessagePlace, found: FoundMessage)] = []
        var isMore = false
        var size = 0
        let part = try archive.searchPart(
            words, limit: .max, in: selection, where: filter, longestNeighbour: PageLimits.longestText * 4, control
        ) { found in
            let place = MessagePlace(time: found.message.time.nanoseconds, id: found.message.id)
            if let before, !(place < before) { return true }
            guard items.count < limit, size < PageLimits.longestList else {
                isMore = true
                return false
            }
            var found = found
            found.message.from = beginning(of: found.message.from)
            found.before = found.before.map(shortened)
            found.after = found.after.map(shortened)
            size += found.message.text.utf8.count
            items.append((place, found))
            return true
        }
        var object = JSONObject()
        object.add(
            "items",
            try items.map { item in
                var object = JSONObject(item.found)
                object.add("at", try archive.event(ofMessage: item.found.message.id)?.description)
                object.add("talk", item.found.conversation.id.description)
                return object
            })
        object.add("next", isMore ? items.last?.place.cursor : part.stop?.cursor)
        object.add("previous", String?.none)
        object.add("signs_only", !archive.usesIndex(for: words))
        object.add("done", part.stop == nil)
        object.add("scanned", part.looked)
        if part.stop != nil { object.add("total", try archive.messageCount()) }
        return object
    }
}

extension DataService {
    /// A neighbour of a match, of which a list shows the beginning.
    private static func shortened(_ message: ArchivedMessage) -> ArchivedMessage {
        var message = message
        message.from = beginning(of: message.from)
        message.text = beginning(of: message.text)
        return message
    }

    /// The beginning of a text as far as lists show it.
    static func beginning(of text: String) -> String {
        text.utf8.count > PageLimits.longestText ? String(text.prefix(PageLimits.longestText)) : text
    }
}

extension MessagePlace {
    fileprivate var cursor: String {
        var writer = CursorWriter(kind: .message)
        writer.add(time)
        writer.add(id)
        return writer.text
    }

    /// - Throws: `RequestError` for a text that `cursor` did not make.
    fileprivate init(cursor: String) throws {
        guard var reader = CursorReader(cursor, kind: .message), let time = reader.next(), let id = reader.next(),
            reader.isAtEnd
        else { throw RequestError.parameter("before", "This is not a place that the program has named.") }
        self.init(time: time, id: id)
    }
}

/// Splits what one types into words; what is in quotes is a phrase.
enum SearchWords {
    static func split(_ text: String) -> [String] {
        var words: [String] = []
        for (index, part) in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            if index % 2 == 1 {
                words.append(String(part))
            } else {
                words += part.split(whereSeparator: \.isWhitespace).map(String.init)
            }
        }
        return words.filter { !$0.allSatisfy(\.isWhitespace) }
    }
}
