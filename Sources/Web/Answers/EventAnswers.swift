// Lists of events, single events, and their bytes.

import Archive
import Console
import Events
import MSNP
import Output
import Payloads
import Query

extension DataService {
    /// What a list of events is asked for.
    private struct EventRequest: Sendable {
        var scope = EventScope.everything
        var place = EventPlace.newest(after: nil)
        var limit = PageLimits.standardRows
        var isFull = false
        var isNewest = false
        var after: EventMark?
        var before: EventMark?
        var filter: EventFilter?
    }

    /// A part of a list of events.
    func events(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let request = try eventRequest(parameters)
        return try await reading(request.filter == nil ? .quick : .scan) { try self.list(request, control) }
    }

    private func eventRequest(_ parameters: Parameters) throws -> EventRequest {
        var request = EventRequest()
        request.scope = try Self.scope(of: parameters)
        switch try parameters.text("detail") {
        case nil, "row": break
        case "full": request.isFull = true
        default: throw RequestError.parameter("detail", "This parameter is row or full.")
        }
        let most = request.isFull ? PageLimits.mostFull : PageLimits.mostRows
        request.limit = try parameters.number(
            "limit", in: 1...most, standard: min(most, PageLimits.standardRows))
        request.isNewest = try parameters.flag("newest")
        try parameters.requireOneOf(request.isNewest ? ["before", "at"] : ["after", "before", "at"])
        if request.isNewest, try parameters.text("before") != nil || parameters.text("at") != nil {
            throw RequestError.parameter("newest", "newest goes with after only.")
        }
        request.after = try EventMark(parameters, "after")
        request.before = try EventMark(parameters, "before")
        if let text = try parameters.text("at") {
            request.place = try Self.place(at: text)
        }
        request.filter = try Self.eventFilter(parameters, presentation)
        return request
    }

    /// The filter of events in `where`.
    static func eventFilter(_ parameters: Parameters, _ presentation: Presentation) throws -> EventFilter? {
        guard let expression = try parameters.text("where"), !expression.isEmpty else { return nil }
        do {
            return try EventFilter(expression, presentation)
        } catch let error as FilterError {
            throw RequestError.filter(error.message, parameter: "where", column: error.column)
        }
    }

    /// What `of` names.
    static func scope(of parameters: Parameters) throws -> EventScope {
        guard let text = try parameters.text("of") else { return .everything }
        guard let id = ArchiveID(text) else {
            throw RequestError.parameter("of", "This parameter is an identifier such as s6, c14, v17 or r1.")
        }
        return .of(id)
    }

    /// An event's address, or a time.
    static func place(at text: String) throws -> EventPlace {
        if let address = EventAddress(text) { return .around(address) }
        guard let time = TimeText().period(of: text)?.lowerBound else {
            throw RequestError.parameter("at", "This parameter is an event such as c14.12, or a time.")
        }
        return .aroundTime(time)
    }

    private func list(_ request: EventRequest, _ control: ReadControl) throws -> JSONObject {
        try require(request.scope, control)
        var request = request
        if let after = try request.after?.cursor(reader, control) {
            request.place = request.isNewest ? .newest(after: after) : .after(after)
        } else if let before = try request.before?.cursor(reader, control) {
            request.place = .before(before)
        }
        if case .around(let address) = request.place {
            guard try reader.cursor(of: EventAddress(connection: address.connection, number: 1), control) != nil else {
                throw RequestError(.notFound)
            }
        }
        var filter = request.filter
        let isFull = request.isFull || filter?.needsAnalysis == true
        let window: EventWindow
        if filter == nil {
            window = try reader.events(
                request.scope, request.place, limit: request.limit, isFull ? .full : .row, control)
        } else {
            window = try reader.events(
                request.scope, request.place, limit: request.limit, isFull ? .full : .row, control,
                onlyCommands: filter?.isOfCommands ?? false
            ) { item in item.events.contains { filter?.matches($0) ?? true } }
        }
        var rows: [[UInt8]] = []
        if request.isFull {
            var format = JSONFormat(presentation)
            for item in window.items {
                for event in item.events where filter?.matches(event) ?? true {
                    var line: [UInt8] = []
                    format.append(event, to: &line)
                    guard !line.isEmpty else { continue }
                    var object = JSONObject(line: line)
                    object.add("at", item.address.description)
                    rows.append(object.bytes)
                }
                if let damage = item.damage { rows.append(Self.row(damage, item).bytes) }
            }
        } else {
            rows = try self.rows(window.items, &filter, control)
        }
        var object = JSONObject()
        object.add("items", json: Self.list(rows))
        object.add("next", window.next?.cursor)
        object.add("previous", window.previous?.cursor)
        object.add("done", window.isDone)
        object.add("scanned", window.scanned)
        object.add("total", try reader.total(of: request.scope, control))
        if request.isNewest { object.add("skipped", window.skipped) }
        return object
    }

    private func rows(
        _ items: [EventItem], _ filter: inout EventFilter?, _ control: ReadControl
    ) throws -> [[UInt8]] {
        var format = RowFormat(presentation)
        let leads = try reader.leads(from: items.map(\.address), control)
        var rows: [[UInt8]] = []
        for (index, item) in items.enumerated() {
            if let damage = item.damage { rows.append(Self.row(damage, item).bytes) }
            let notes = item.events.compactMap { event in
                if case .finding(let finding) = event.kind { finding.name.text } else { String?.none }
            }
            for (place, event) in item.events.enumerated() where filter?.matches(event) ?? true {
                if case .message(let message) = event.kind, message.fragment != nil { continue }
                var object = format.object(event, at: item.address.description)
                let isRecorded = place == item.recorded
                object.add("notes", isRecorded ? notes : [])
                if isRecorded, let connection = leads[item.address] { object.add("leads_to", "c\(connection)") }
                if isRecorded, Self.isChanged(event, next: items[(index + 1)...].first) { object.add("changed", true) }
                rows.append(object.bytes)
            }
        }
        return rows
    }

    /// Whether the relay changed a frame: the entry behind it says so.
    private static func isChanged(_ event: Event, next: EventItem?) -> Bool {
        guard case .frame(let frame, .server) = event.kind, let next, let place = next.recorded,
            next.events.indices.contains(place), next.events[place].connection == event.connection,
            case .rewritten(let rewriting) = next.events[place].kind
        else { return false }
        return rewriting.original.bytes == frame.bytes
    }

    private static func row(_ damage: EventItem.Damage, _ item: EventItem) -> JSONObject {
        var object = JSONObject()
        object.add("at", item.address.description)
        object.add("event", "damaged")
        object.add("time", Timestamp(nanoseconds: item.cursor.time).rfc3339)
        object.add("ns", item.cursor.time)
        object.add("conn", item.address.connection)
        object.add("block", damage.block)
        object.add("events", damage.events)
        object.add("text", "These bytes cannot be read (block \(damage.block) of c\(item.address.connection)).")
        return object
    }

    /// A list of objects as JSON.
    static func list(_ objects: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = [0x5B]
        for (index, object) in objects.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            bytes += object
        }
        bytes.append(0x5D)
        return bytes
    }

    /// Throws if nothing has the identifier of a scope.
    func require(_ scope: EventScope, _ control: ReadControl) throws {
        guard case .of(let id) = scope else { return }
        guard try reader.lists(control, { try $0.contains(id) }) else { throw RequestError(.notFound) }
    }

    // MARK: One event

    /// How long one answer may read what precedes an event, in milliseconds.
    private static let eventTime = 1_000

    /// One event with all that is known of it. Where much has to be read for that, the answer says how far it came;
    /// the next request goes on from there.
    func event(_ address: EventAddress, _ control: ReadControl) throws -> JSONObject {
        let limited = ReadControl()
        let end = ContinuousClock.now + .milliseconds(Self.eventTime)
        var scanned: Int64 = 0
        let found: EventDetails?
        do {
            found = try reader.event(address, limited) { events, _ in
                scanned = events
                if control.isCancelled || ContinuousClock.now >= end { limited.cancel() }
            }
        } catch is ReadControl.Cancelled where !control.isCancelled {
            var object = JSONObject()
            object.add("at", address.description)
            object.add("done", false)
            object.add("scanned", scanned)
            object.add("total", address.number)
            return object
        }
        guard let details = found else { throw RequestError(.notFound) }
        let item = details.item
        guard let place = item.recorded, item.events.indices.contains(place) else {
            guard let damage = item.damage else { throw RequestError(.notFound) }
            return Self.row(damage, item)
        }
        let event = item.events[place]
        var line: [UInt8] = []
        var format = JSONFormat(presentation)
        format.append(event, to: &line)
        var object = JSONObject(line: line)
        object.add("at", address.description)
        object.add("line", lineOfText(event))
        object.add("size", EventBytes.count(of: event))
        object.add("request_at", details.request?.description)
        object.add("answer_at", details.answer?.description)
        object.add("leads_to", details.leadsTo.map { "c\($0)" })
        var message: Message?
        var findings: [JSONObject] = []
        for other in item.events {
            switch other.kind {
            case .message(let found) where found.fragment == nil: message = found
            case .finding(let finding):
                var found = JSONObject()
                found.add("name", finding.name.text)
                found.add("text", finding.text)
                found.add("severity", finding.severity.rawValue)
                findings.append(found)
            default: break
            }
        }
        object.add("findings", findings)
        if let message {
            var found = JSONObject()
            found.add("from", message.from)
            found.add("to", message.to)
            found.add("text", message.text)
            object.add("message", found)
        } else {
            object.add("message", String?.none)
        }
        object.add("talk", try reader.talk(of: address.connection, control)?.ids.first?.description)
        addSpans(of: event, to: &object)
        return object
    }

    /// The row's line, whole.
    private func lineOfText(_ event: Event) -> String? {
        EventBytes(presentation).maskedLine(of: event).map { String(decoding: $0, as: UTF8.self) }
    }

    private func addSpans(of event: Event, to object: inout JSONObject) {
        guard case .frame(let frame, let side) = event.kind else {
            object.add("spans", json: Array("[]".utf8))
            object.add("names", JSONObject())
            return
        }
        let spans = FrameSpans(frame, from: side, reading: event.annotation?.reading)
        var bytes: [UInt8] = [0x5B]
        for (index, span) in spans.spans.enumerated() {
            bytes.append(plain: index > 0 ? ",[" : "[")
            bytes.append(number: span.range.lowerBound)
            bytes.append(0x2C)
            bytes.append(number: span.range.upperBound)
            bytes.append(0x2C)
            bytes.append(json: span.path)
            bytes.append(0x5D)
        }
        bytes.append(0x5D)
        object.add("spans", json: bytes)
        var names = JSONObject()
        for (path, name) in spans.names { names.add(name: path, name) }
        object.add("names", names)
    }

    /// The bytes of an event.
    func bytes(of address: EventAddress, _ parameters: Parameters, _ control: ReadControl) async throws -> Answer {
        let offset = try parameters.number("offset", in: 0...(1 << 30), standard: 0)
        let length = try parameters.number("length", in: 1...PageLimits.mostBytes, standard: PageLimits.mostBytes)
        return try await reading {
            guard let details = try self.reader.event(address, control) else { throw RequestError(.notFound) }
            let item = details.item
            guard let place = item.recorded, item.events.indices.contains(place) else { throw RequestError(.notFound) }
            let bytes = EventBytes(self.presentation).bytes(of: item.events[place])
            return Answer(
                type: "application/octet-stream", body: .bytes(Array(bytes.dropFirst(offset).prefix(length))),
                fields: [("X-Total", "\(bytes.count)")])
        }
    }
}

/// A place that a request names: one that the program made, or an event's address.
enum EventMark: Sendable {
    case cursor(EventCursor)
    case address(EventAddress)

    /// - Throws: `RequestError` for a text that is neither.
    init?(_ parameters: Parameters, _ name: String, kind: CursorKind = .event) throws {
        guard let text = try parameters.text(name) else { return nil }
        if let address = EventAddress(text) {
            self = .address(address)
        } else {
            self = .cursor(try EventCursor(cursor: text, name, kind: kind))
        }
    }

    /// The place.
    ///
    /// - Throws: `RequestError` if there is no such event.
    func cursor(_ reader: ArchiveReader, _ control: ReadControl) throws -> EventCursor {
        switch self {
        case .cursor(let cursor): return cursor
        case .address(let address):
            guard let cursor = try reader.cursor(of: address, control) else { throw RequestError(.notFound) }
            return cursor
        }
    }
}

extension EventCursor {
    /// The place as an opaque text.
    var cursor: String { cursor(kind: .event) }

    /// The place in a list of another kind.
    func cursor(kind: CursorKind) -> String {
        var writer = CursorWriter(kind: kind)
        writer.add(time)
        writer.add(connection)
        writer.add(number)
        return writer.text
    }

    /// - Throws: `RequestError` for a text that `cursor` did not make.
    init(cursor: String, _ parameter: String, kind: CursorKind = .event) throws {
        guard var reader = CursorReader(cursor, kind: kind), let time = reader.next(),
            let connection = reader.next(), let number = reader.next(), reader.isAtEnd
        else { throw RequestError.parameter(parameter, "This is not a place that the program has named.") }
        self.init(time: time, connection: connection, number: number)
    }
}
