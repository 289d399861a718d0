// The entries of one talk, in pages: what people saw, each with the address of its event.

import Analysis
import Archive
import Charsets
import Crypto
import Events
import MSNP
import Output
import Payloads
import Transcripts

extension DataService {
    /// A part of a talk.
    func entries(of number: Int64, _ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        try parameters.requireOneOf(["after", "before", "at"])
        let limit = try parameters.number("limit", in: 1...PageLimits.mostRows, standard: PageLimits.standardRows)
        let showsTyping = try parameters.flag("typing")
        let after = try EventMark(parameters, "after", kind: .entry)
        let before = try EventMark(parameters, "before", kind: .entry)
        let at = try parameters.text("at").map { try Self.place(at: $0) }
        return try await reading {
            guard let talk = try self.reader.talk(of: number, control),
                let conversation = try self.reader.conversation(of: number, control)
            else { throw RequestError(.notFound) }
            var names = NameHistory()
            for (account, name) in talk.names { names.note(name, of: account, at: talk.first) }
            let pages = TalkPages(
                conversation, names: names, sideEvents: nil, sha1: { Array(Insecure.SHA1.hash(data: $0)) },
                charsets: .iconv, showsTyping: showsTyping)
            let connections = conversation.segments.map { Int64($0.connection) }
            func page(_ direction: TalkPages.Direction, _ limit: Int) throws -> TalkPages.Page {
                try pages.page(direction, limit: limit) { around, back, ahead in
                    try self.reader.piece(
                        of: connections, around: around, back: back, ahead: ahead, SegmentFinder.analysis, control)
                }
            }
            var found: [ChatEntry]
            var (next, previous): (EventCursor?, EventCursor?)
            /// Where the answer begins when it cannot have all.
            var start = 0
            if let after = try after?.cursor(self.reader, control) {
                let part = try page(.after(after), limit)
                (found, next, previous) = (part.entries, part.next, part.previous)
            } else if let at {
                let middle = try self.cursor(of: at, control)
                let behind = try page(.from(middle), limit - limit / 2)
                (found, next, previous) = (behind.entries, behind.next, behind.previous)
                if limit > 1 {
                    let front = try page(.before(middle), limit / 2)
                    (found, previous) = (front.entries + found, front.previous)
                    start = front.entries.count
                }
            } else {
                let end = EventCursor(time: .max, connection: .max, number: .max)
                let part = try page(.before(before?.cursor(self.reader, control) ?? end), limit)
                (found, next, previous) = (part.entries, before == nil ? nil : part.next, part.previous)
                start = found.count
            }
            let shown = EntryRoom.shown(found, from: start)
            if shown.upperBound < found.count { next = found[shown.upperBound - 1].cursor }
            if shown.lowerBound > 0 { previous = found[shown.lowerBound].cursor }
            found = try self.completed(Array(found[shown]), control)
            var object = JSONObject()
            let id = talk.ids.first?.description ?? "v\(number)"
            object.add("items", try self.objects(found, id, control))
            object.add("next", next?.cursor(kind: .entry))
            object.add("previous", previous?.cursor(kind: .entry))
            return object
        }
    }

    /// Transfers that go on behind the part that was read, with what the archive knows of their end.
    private func completed(_ entries: [ChatEntry], _ control: ReadControl) throws -> [ChatEntry] {
        let addresses = entries.compactMap { entry -> EventAddress? in
            if case .file(let file) = entry.what, !file.isComplete { entry.address } else { nil }
        }
        guard !addresses.isEmpty else { return entries }
        let outcomes = try reader.outcomes(at: addresses, control)
        return entries.map { entry in
            guard case .file(var file) = entry.what, let address = entry.address, let outcome = outcomes[address],
                outcome.received >= Int64(clamping: file.received)
            else { return entry }
            file.isComplete = outcome.isComplete
            file.received = UInt64(clamping: outcome.received)
            file.reason = outcome.reason
            file.brokeOff = file.brokeOff && !outcome.isComplete
            var entry = entry
            entry.what = .file(file)
            return entry
        }
    }

    private func cursor(of place: EventPlace, _ control: ReadControl) throws -> EventCursor {
        switch place {
        case .around(let address):
            // Behind the last event of a connection, it is that one.
            guard let count = try reader.eventCount(of: address.connection, control),
                let cursor = try reader.cursor(
                    of: EventAddress(connection: address.connection, number: min(address.number, count)), control)
            else { throw RequestError(.notFound) }
            return cursor
        case .aroundTime(let time): return EventCursor(before: time)
        case .newest, .after, .before: return EventCursor(time: .max, connection: .max, number: .max)
        }
    }

    private func objects(_ entries: [ChatEntry], _ id: String, _ control: ReadControl) throws -> [JSONObject] {
        var digests: Set<String> = []
        for entry in entries {
            switch entry.what {
            case .annotation(.emoticons(let list, _), _): digests.formUnion(list.compactMap(\.digest))
            case .file(let file): if let picture = file.picture { digests.insert(picture) }
            default: break
            }
        }
        let media = try reader.pictures(sha1d: digests.sorted(), control).mapValues { Hexadecimal.text($0) }
        /// The emoticons that each person has sent so far.
        var shortcuts: [String: [String: String?]] = [:]
        return entries.map { entry in
            var object = ChatJSON.object(entry, id: id)
            object.add("at", entry.address?.description)
            object.add("conn", entry.address?.connection)
            switch entry.what {
            case .text(let text, _):
                object.add("style", text.style.map { JSONObject($0) })
                let known = shortcuts[entry.account] ?? [:]
                object.add("pieces", EmoticonPiece.split(text.text, known).map { JSONObject($0) })
            case .annotation(.emoticons(let list, _), _):
                for emoticon in list.prefix(EmoticonPiece.mostShortcuts) where !emoticon.shortcut.isEmpty {
                    shortcuts[entry.account, default: [:]][emoticon.shortcut] = emoticon.digest.flatMap { media[$0] }
                }
            case .file(let file): object.add("media", file.picture.flatMap { media[$0] })
            default: break
            }
            return object
        }
    }
}

/// A part of a text: words, or the place of an emoticon.
enum EmoticonPiece: Hashable {
    case words(String)
    case emoticon(shortcut: String, media: String?)

    /// The largest number of shortcuts of one message that are looked for.
    static let mostShortcuts = 200
    /// The largest number of parts of one text.
    private static let mostPieces = 500

    /// Splits a text at shortcuts; of those at one place the longest counts.
    static func split(_ text: String, _ shortcuts: [String: String?]) -> [EmoticonPiece] {
        guard !shortcuts.isEmpty else { return [.words(text)] }
        let keys = shortcuts.keys.map { Array($0.utf8) }.sorted { $0.count > $1.count }
        let first = Set(keys.compactMap(\.first))
        let bytes = Array(text.utf8)
        var pieces: [EmoticonPiece] = []
        var (start, index) = (0, 0)
        func words(to end: Int) {
            if end > start { pieces.append(.words(String(decoding: bytes[start..<end], as: UTF8.self))) }
        }
        while index < bytes.count, pieces.count < mostPieces {
            guard first.contains(bytes[index]), let key = keys.first(where: { bytes[index...].starts(with: $0) }) else {
                index += 1
                continue
            }
            words(to: index)
            let shortcut = String(decoding: key, as: UTF8.self)
            pieces.append(.emoticon(shortcut: shortcut, media: shortcuts[shortcut] ?? nil))
            index += key.count
            start = index
        }
        words(to: bytes.count)
        return pieces
    }
}

extension JSONObject {
    fileprivate init(_ style: TextStyle) {
        self.init()
        add("family", style.font.isEmpty ? nil : style.font)
        add(
            "color",
            style.color.map { color in
                "#" + Hexadecimal.text([16, 8, 0].map { UInt8(truncatingIfNeeded: color >> UInt32($0)) })
            })
        let names: [(TextStyle.Effects, String)] = [
            (.bold, "bold"), (.italic, "italic"), (.underlined, "underline"), (.struckThrough, "strike"),
        ]
        add("effects", names.filter { style.effects.contains($0.0) }.map(\.1))
        add("right_to_left", style.isRightToLeft)
    }

    fileprivate init(_ piece: EmoticonPiece) {
        self.init()
        switch piece {
        case .words(let text): add("text", text)
        case .emoticon(let shortcut, let media):
            add("emoticon", shortcut)
            add("media", media)
        }
    }

    /// Adds an object, or null.
    fileprivate mutating func add(_ key: StaticString, _ object: JSONObject?) {
        if let object { add(key, json: object.bytes) } else { add(key, String?.none) }
    }
}
