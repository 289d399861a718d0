// Findings, and how events are spread over time.

import Archive
import Console
import Events
import MSNP
import Output

extension DataService {
    /// Findings, the oldest first; with a time, from the first one of that time on.
    func findings(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let scope = try Self.scope(of: parameters)
        let name = try parameters.text("name")
        let limit = try parameters.number("limit", in: 1...PageLimits.mostRows, standard: PageLimits.standardRows)
        var after: Int64?
        if let text = try parameters.text("after") {
            guard var reader = CursorReader(text, kind: .finding), let row = reader.next(), reader.isAtEnd else {
                throw RequestError.parameter("after", "This is not a place that the program has named.")
            }
            after = row
        }
        try parameters.requireOneOf(["after", "at"])
        let time = try Self.time(parameters)
        return try await reading(time == nil ? .quick : .scan) { [after] in
            try self.require(scope, control)
            let place = try time.map { time in
                try RowPlace.before(time) { row, limit in
                    try self.reader.findings(scope, name: name, after: row, limit: limit, control).rows
                        .map { (id: $0.id, time: $0.time) }
                }
            }
            let (rows, isMore) = try self.reader.findings(
                scope, name: name, after: place ?? after, limit: limit, control)
            var object = JSONObject()
            object.add("items", rows.map { JSONObject($0) })
            var next: String?
            if isMore, let last = rows.last {
                var writer = CursorWriter(kind: .finding)
                writer.add(last.id)
                next = writer.text
            }
            object.add("next", next)
            object.add("previous", String?.none)
            return object
        }
    }

    /// How often each finding occurs.
    func findingCounts(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let scope = try Self.scope(of: parameters)
        return try await reading {
            try self.require(scope, control)
            var object = JSONObject()
            object.add(
                "items",
                try self.reader.findingCounts(scope, control).map { count in
                    var item = JSONObject()
                    item.add("name", count.name.text)
                    item.add("count", count.count)
                    item.add("severity", count.severity)
                    return item
                })
            return object
        }
    }

    /// How events are spread over time. With a filter it looks at the events themselves, as far as the time allows.
    func overview(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let scope = try Self.scope(of: parameters)
        let count = try parameters.number("buckets", in: 1...400, standard: 200)
        let filter = try Self.eventFilter(parameters, presentation)
        return try await reading(.scan) {
            try self.require(scope, control)
            var overview = try self.reader.overview(scope, buckets: count, control)
            var isDone = overview?.isDone ?? true
            if filter != nil, let all = overview {
                var filter = filter
                overview?.buckets = all.buckets.map { ArchiveOverview.Bucket(from: $0.from) }
                var place = EventCursor(before: all.from)
                let isFull = filter?.needsAnalysis == true
                isDone = true
                while true {
                    let window = try self.reader.events(
                        scope, .after(place), limit: PageLimits.mostRows, isFull ? .full : .row, control,
                        onlyCommands: filter?.isOfCommands ?? false
                    ) { item in item.events.contains { filter?.matches($0) ?? true } }
                    for item in window.items {
                        overview?.buckets[all.place(item.cursor.time)].events += 1
                    }
                    guard let next = window.next else { break }
                    isDone = window.isDone
                    if !isDone { break }
                    place = next
                }
            }
            var object = JSONObject()
            object.add("from", overview?.from.rfc3339)
            object.add("to", overview?.to.rfc3339)
            object.add(
                "buckets",
                (overview?.buckets ?? []).map { bucket in
                    var item = JSONObject()
                    item.add("from", bucket.from.rfc3339)
                    item.add("events", Int64(bucket.events.rounded()))
                    item.add("findings", bucket.findings)
                    item.add("gaps", bucket.gaps)
                    return item
                })
            object.add("done", isDone)
            return object
        }
    }
}

extension JSONObject {
    fileprivate init(_ row: FindingRow) {
        self.init()
        add("at", row.address?.description)
        add("conn", row.connection)
        add("time", row.time.rfc3339)
        add("ns", row.time.nanoseconds)
        add("name", row.finding.name.text)
        add("text", row.finding.text)
        add("severity", row.finding.severity.rawValue)
        add("dir", row.finding.side.map { $0 == .client ? "c2s" : "s2c" })
    }
}
