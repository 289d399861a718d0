// The ladder of connections, in pages and as a file.

import Analysis
import Archive
import Events
import Ladders
import MSNP
import Output

extension DataService {
    /// A part of a ladder. Columns are the same in all parts.
    func ladder(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        try parameters.requireOneOf(["after", "before", "at"])
        let wanted = try WantedLadder(parameters)
        let limit = try parameters.number("limit", in: 1...PageLimits.mostRows, standard: PageLimits.standardRows)
        let after = try LadderMark(parameters, "after")
        let before = try LadderMark(parameters, "before")
        let at = try parameters.text("at").map { try Self.place(at: $0) }
        return try await reading(.scan) {
            let ladder = try self.ladder(wanted, control)
            let rows = ladder.rows
            var start = max(0, rows.count - limit)
            var end = rows.count
            if let after {
                start = min(after.index(in: rows).map { $0 + 1 } ?? 0, rows.count)
                end = min(start + limit, rows.count)
            } else if let before {
                end = min(before.index(in: rows) ?? 0, rows.count)
                start = max(0, end - limit)
            } else if let at {
                let index = Self.index(of: at, in: rows)
                start = max(0, min(index - limit / 2, rows.count - limit))
                end = min(start + limit, rows.count)
            }
            var object = JSONObject()
            object.add("parties", ladder.parties.enumerated().map { Self.object($0.element, $0.offset) })
            object.add("rows", rows[start..<end].map { Self.object($0) })
            object.add("next", end < rows.count && end > 0 ? LadderMark.cursor(end - 1) : nil)
            object.add("previous", start > 0 ? LadderMark.cursor(start) : nil)
            object.add("omitted_rows", ladder.omittedRows)
            return object
        }
    }

    /// The whole ladder as a picture or text.
    func ladderText(_ parameters: Parameters, _ control: ReadControl) async throws -> Answer {
        let wanted = try WantedLadder(parameters)
        let format = try parameters.text("format") ?? "text"
        guard ["svg", "mermaid", "text"].contains(format) else {
            throw RequestError.parameter("format", "This parameter is svg, mermaid or text.")
        }
        return try await reading(.scan) {
            let ladder = try self.ladder(wanted, control)
            var bytes: [UInt8] = []
            switch format {
            case "svg": LadderSVG().append(ladder, to: &bytes)
            case "mermaid": LadderMermaid().append(ladder, to: &bytes)
            default: LadderText().append(ladder, to: &bytes)
            }
            // A picture is saved, not shown from here.
            return Answer(
                type: format == "svg" ? "image/svg+xml" : "text/plain; charset=utf-8", body: .bytes(bytes),
                fields: [
                    (
                        "Content-Disposition",
                        "attachment; filename=\"butterflynet-\(wanted.ids[0])-ladder.\(format == "mermaid" ? "mmd" : format == "svg" ? "svg" : "txt")\""
                    )
                ])
        }
    }

    /// The row of an event or time, or the first one behind it.
    private static func index(of place: EventPlace, in rows: [Ladder.Row]) -> Int {
        switch place {
        case .around(let address):
            rows.firstIndex { row in
                guard let place = row.place, Int64(place.connection) == address.connection else { return false }
                return Int64(place.number) >= address.number
            } ?? rows.count
        case .aroundTime(let time): rows.firstIndex { $0.time >= time } ?? rows.count
        case .newest, .after, .before: rows.count
        }
    }

    private static func object(_ party: Ladder.Party, _ index: Int) -> JSONObject {
        var object = JSONObject()
        object.add("id", "p\(index)")
        object.add("kind", party.kind == .others ? "server" : party.kind.rawValue)
        object.add("label", party.label)
        object.add("from", party.from?.rfc3339)
        object.add("to", party.to?.rfc3339)
        return object
    }

    private static func object(_ row: Ladder.Row) -> JSONObject {
        var object = JSONObject()
        object.add("at", row.place?.text)
        object.add("time", row.time.rfc3339)
        var ends: (String?, String?) = ("p\(row.from)", "p\(row.to)")
        let kind: String
        switch row.kind {
        case .command: kind = "frame"
        case .text: kind = "message"
        case .bytes: kind = "noise"
        case .folded(let count):
            kind = "fold"
            object.add("count", count)
        case .silence: (kind, ends) = ("silence", (nil, nil))
        case .opened, .gap, .finding, .closed: kind = row.kind.name
        }
        object.add("from", ends.0)
        object.add("to", ends.1)
        if case .finding = row.kind { object.add("label", row.label) } else { object.add("label", row.caption()) }
        object.add("kind", kind)
        if let sent = row.sent { object.add("sent", sent) }
        if let leadsTo = row.leadsTo { object.add("leads_to", "c\(leadsTo)") }
        if let cameFrom = row.cameFrom { object.add("leads_from", cameFrom.text) }
        if !row.findings.isEmpty { object.add("notes", row.findings) }
        return object
    }
}

/// A place in a ladder: a row, or the address of its event.
private enum LadderMark: Sendable {
    case row(Int)
    case address(EventAddress)

    init?(_ parameters: Parameters, _ name: String) throws {
        guard let text = try parameters.text(name) else { return nil }
        if let address = EventAddress(text) {
            self = .address(address)
            return
        }
        guard var reader = CursorReader(text, kind: .ladder), let row = reader.next(), reader.isAtEnd else {
            throw RequestError.parameter(name, "This is not a place that the program has named.")
        }
        self = .row(Int(clamping: row))
    }

    static func cursor(_ row: Int) -> String {
        var writer = CursorWriter(kind: .ladder)
        writer.add(Int64(row))
        return writer.text
    }

    func index(in rows: [Ladder.Row]) -> Int? {
        switch self {
        case .row(let row): max(0, row)
        case .address(let address):
            rows.lastIndex { row in
                row.place.map {
                    Int64($0.connection) == address.connection && Int64($0.number) <= address.number
                } ?? false
            }
        }
    }
}
