// What a copy for sharing would contain: what is replaced, what is refused, and how the first rows change.

import Analysis
import Archive
import ArchiveOutput
import Events
import MSNP
import Output
import Redaction

extension DataService {
    /// The number of rows that are shown before and after.
    private static let mostPreviewed = 200
    /// What a packet or line needs beside the recorded bytes, for the estimated size.
    private static let packetBytes: Int64 = 96
    private static let lineBytes: Int64 = 420

    /// The kinds of replaced values as the answer names them.
    private static let kinds: [(RedactionReport.Kind, String)] = [
        (.account, "accounts"), (.name, "names"), (.address, "addresses"), (.secret, "secrets"), (.text, "texts"),
        (.identifier, "identifiers"), (.data, "pieces_of_data"),
    ]
    /// What a copy for sharing still shows.
    private static let stays = [
        "times", "lengths", "statuses", "client versions", "who talked with whom how often",
    ]

    /// The line of a frame, with the beginning of its payload if that is text.
    private static func line(_ event: Event, _ bytes: EventBytes) -> String {
        guard case .frame(let frame, let side) = event.kind else { return "" }
        let all = ByteSlice(bytes.bytes(of: event))
        var text = (side == .client ? "C: " : "S: ") + String(decoding: all[..<frame.lineEnd], as: UTF8.self)
        let body = all[Headers.bodyStart(in: all[frame.payloadStart...])...].prefix(longestBody)
        if !body.isEmpty, let words = String(validating: body, as: UTF8.self) { text += "  “\(words)”" }
        return text
    }

    /// How much of a payload a line shows, in bytes.
    private static let longestBody = 120

    /// The preview of an export.
    func exportPreview(_ parameters: Parameters, _ control: ReadControl) async throws -> JSONObject {
        let id = try Downloads.id(parameters.text("of"))
        let isRedacted = try parameters.flag("redacted")
        let name = try parameters.text("format") ?? "jsonl"
        if let format = TranscriptExport.Format(rawValue: name), Self.transcripts.contains(format) {
            if isRedacted { throw RequestError.parameter("redacted", "Only jsonl and pcapng can be redacted.") }
            return try await transcriptPreview(of: id, format, control)
        }
        guard let format = ArchiveExport.Format(rawValue: name) else {
            throw RequestError.parameter("format", "This parameter is jsonl, pcapng, text, html or xml.")
        }
        let names = try parameters.text("leave_out")?.split(separator: ",").map(String.init) ?? []
        let leftOut = try Downloads.connections(names)
        return try await reading(.whole) {
            try self.reader.lists(control) { archive in
                if let id, try !archive.contains(id) { throw RequestError(.notFound) }
                return try self.preview(
                    archive, ArchiveSelection(id.map { [$0] } ?? []), format, isRedacted: isRedacted, leftOut, control)
            }
        }
    }

    /// The formats for conversations.
    private static let transcripts: Set<TranscriptExport.Format> = [.text, .html, .xml]
    /// How much of a transcript is looked at for its first lines, in bytes.
    private static let previewedBytes = 65_536

    /// The size of a transcript, and its first lines; of HTML, which cannot be read as it is, those of the text.
    private func transcriptPreview(
        of id: ArchiveID?, _ format: TranscriptExport.Format, _ control: ReadControl
    ) async throws -> JSONObject {
        try await reading(.whole) {
            try self.reader.lists(control) { archive in
                if let id, try !archive.contains(id) { throw RequestError(.notFound) }
                let selection = ArchiveSelection(id.map { [$0] } ?? [])
                func file(_ format: TranscriptExport.Format) throws -> TemporaryFile {
                    let file = try TemporaryFile()
                    try TranscriptExport(archive, selection, format).write(
                        zone: .utc, typing: false, to: file.descriptor)
                    return file
                }
                let whole = try file(format)
                let shown = try format == .html ? file(.text) : whole
                let text = String(decoding: shown.read(at: 0, count: Self.previewedBytes), as: UTF8.self)
                var object = JSONObject()
                object.add("format", format.rawValue)
                object.add("redacted", false)
                object.add("about_bytes", Int64(whole.count))
                object.add(
                    "rows",
                    text.split(separator: "\n").prefix(Self.mostPreviewed).map { line in
                        var row = JSONObject()
                        row.add("before", String(line))
                        return row
                    })
                return object
            }
        }
    }

    private func preview(
        _ archive: Archive, _ selection: ArchiveSelection, _ format: ArchiveExport.Format, isRedacted: Bool,
        _ leftOut: Set<Int>, _ control: ReadControl
    ) throws -> JSONObject {
        var redaction = Redaction(key: options.redactionKey())
        var (events, bytes): (Int64, Int64) = (0, 0)
        var before: [String] = []
        let rows = EventBytes(presentation)
        try archive.replay(selection, .none) { event in
            guard !leftOut.contains(event.connection) else { return !control.isCancelled }
            events += 1
            bytes += Int64(EventBytes.count(of: event))
            if case .frame = event.kind, before.count < Self.mostPreviewed {
                before.append(Self.line(event, rows))
            }
            if isRedacted { redaction.copy(event) { _ in } }
            // Nobody may wait for it any more: interrupting ends only a statement that runs at that moment.
            return !control.isCancelled
        }
        try control.check()
        var object = JSONObject()
        object.add("format", format.rawValue)
        object.add("redacted", isRedacted)
        object.add("events", events)
        object.add(
            "about_bytes",
            format == .pcapng ? bytes + events * Self.packetBytes : bytes * 7 / 3 + events * Self.lineBytes)
        let report = redaction.report
        var counts = JSONObject()
        for (kind, name) in Self.kinds { counts.add(name: name, number: report.counts[kind] ?? 0) }
        object.add("counts", counts)
        object.add("stays", isRedacted ? Self.stays : [])
        object.add("refused", report.refusals.map { JSONObject($0) })
        object.add("refused_count", report.refusalCount)
        var after: [String] = []
        if isRedacted { after = try copies(redaction, archive, selection, leftOut, before.count) }
        object.add(
            "rows",
            before.enumerated().map { index, row in
                var pair = JSONObject()
                pair.add("before", row)
                if after.indices.contains(index) { pair.add("after", after[index]) }
                return pair
            })
        return object
    }

    /// The first rows of the copy.
    private func copies(
        _ first: Redaction, _ archive: Archive, _ selection: ArchiveSelection, _ leftOut: Set<Int>, _ count: Int
    ) throws -> [String] {
        // A copy has no secrets to mask.
        var presentation = presentation
        presentation.showsSecrets = true
        let rows = EventBytes(presentation)
        var second = first.secondPass(.none)
        var copies: [String] = []
        try archive.replay(selection, .none) { event in
            guard !leftOut.contains(event.connection) else { return true }
            second.copy(event) { copy in
                if case .frame = copy.kind, copies.count < count {
                    copies.append(Self.line(copy, rows))
                }
            }
            return copies.count < count
        }
        return copies
    }
}

extension JSONObject {
    fileprivate init(_ refusal: RedactionReport.Refusal) {
        self.init()
        add("id", "c\(refusal.connection)")
        add("dir", refusal.side == .client ? "c2s" : "s2c")
        add("offset", refusal.offset)
        add("text", refusal.reason.text)
    }
}
