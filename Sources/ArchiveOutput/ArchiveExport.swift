// Exports a part of an archive as JSON lines or pcapng, as it is or redacted for sharing.

internal import Analysis
package import Archive
internal import Console
package import Events
internal import Export
package import Output
package import Redaction

/// An export: what it contains, and its format.
package struct ArchiveExport: Sendable {
    /// The format of the file.
    package enum Format: String, Sendable, CaseIterable {
        case jsonl, pcapng
    }

    /// Writing failed, with the reason of the system.
    package struct WriteError: Error {
        package let reason: String
    }

    package var selection: ArchiveSelection
    package var format: Format
    /// Whether secrets are shown in JSON; in a redacted copy there are none.
    package var showsSecrets = false
    /// The connections that are left out.
    package var leftOut: Set<Int> = []
    /// The program and its version, as a capture names it.
    package var program: String

    package init(_ selection: ArchiveSelection, _ format: Format, program: String) {
        self.selection = selection
        self.format = format
        self.program = program
    }

    /// Makes a redacted copy. It is analysed itself, so that its digests are those of the copied bytes. It has no
    /// findings of its own, and no secrets to mask.
    ///
    /// - Parameter key: a random key that the caller does not keep.
    /// - Throws: `SharedCopy.Refused`, or `ArchiveError`.
    package func redacted(_ source: Archive, key: (UInt64, UInt64)) throws -> SharedCopy {
        try SharedCopy(
            of: { emit in try replay(source, .none, emit) },
            format == .pcapng ? .none : EventDetail(.events, hasDigests: true), key: key)
    }

    /// Writes the export as it is.
    ///
    /// - Parameters:
    ///   - note: receives each event.
    ///   - descriptor: where to write; stays open.
    /// - Throws: `WriteError`, or `ArchiveError`.
    package func write(
        _ source: Archive, to descriptor: Int32, note: @escaping (Event) -> Void = { _ in }
    ) throws {
        // A capture has comments for findings, but no digests and no masks.
        let detail: EventDetail = format == .pcapng ? EventDetail(.events) : .all
        try write(source, showsSecrets, [], to: descriptor, note) { emit in try replay(source, detail, emit) }
    }

    /// Writes a redacted copy.
    ///
    /// - Throws: `SharedCopy.Refused` if something new could not be redacted, `WriteError`, or `ArchiveError`.
    package func write(
        _ copy: SharedCopy, of source: Archive, to descriptor: Int32,
        note: @escaping (Event) -> Void = { _ in }
    ) throws {
        let comment = "A copy for sharing. Replaced by placeholders: \(copy.report.summary)."
        try write(source, true, [comment], to: descriptor, note, copy.events)
    }

    /// How events are shown in JSON lines.
    package func presentation(_ source: Archive, showsSecrets: Bool) -> Presentation {
        var presentation = Presentation()
        presentation.includesBytes = true
        presentation.maskKey = source.maskKey
        presentation.showsSecrets = showsSecrets
        return presentation
    }

    private func replay(_ source: Archive, _ detail: EventDetail, _ emit: (Event) -> Bool) throws {
        try source.replay(selection, detail) { event in leftOut.contains(event.connection) || emit(event) }
    }

    private func write(
        _ source: Archive, _ showsSecrets: Bool, _ comments: [String], to descriptor: Int32,
        _ note: @escaping (Event) -> Void, _ events: SharedCopy.Source
    ) throws {
        func print(_ sink: some EventSink) throws {
            try sink.receiveAll { emit in
                try withoutActuallyEscaping(emit) { emit in
                    try events { event in
                        note(event)
                        return emit(event)
                    }
                }
            }
        }
        switch format {
        case .jsonl:
            let sink = EventPrinter(JSONFormat(presentation(source, showsSecrets: showsSecrets)), to: descriptor)
            try print(sink)
            try Self.finish(&sink.printer)
        case .pcapng:
            let sink = EventPrinter(PcapngFormat(program: program, comments: comments), to: descriptor)
            try print(sink)
            sink.format.finish(to: &sink.printer.bytes)
            try Self.finish(&sink.printer)
        }
    }

    static func finish(_ printer: inout Printer) throws {
        printer.flush()
        if let failure = printer.failure { throw WriteError(reason: failure) }
    }
}
