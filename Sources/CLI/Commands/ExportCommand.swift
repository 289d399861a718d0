// The subcommand `export`: writes recorded events as JSON lines or pcapng, optionally redacted for sharing.

internal import Analysis
import Archive
import ArgumentParser
import Console
internal import Events
import Export
import Glibc
import MSNP
internal import Output
internal import Redaction

struct ExportCommand: ParsableCommand {
    enum Style: String, ExpressibleByArgument, CaseIterable {
        case jsonl, pcapng
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what was recorded as JSON lines, or as a capture that Wireshark opens.",
        usage: "butterflynet export [<options>] [<id>]",
        discussion: """
            What to export is named as for show; without an identifier it is everything. jsonl is what decode prints, with \
            every byte in raw_base64; secrets are masked unless --show-secrets is given. pcapng has made-up TCP around the \
            real bytes and times, and holds all secrets as they were, for masks would break it.

            --redacted makes a copy that can be shared: accounts, names, addresses, secrets and texts are replaced by \
            placeholders of the same length, the same ones by the same. It says what it replaced, and refuses to write \
            anything where something could not be read and so might hide something.

            Examples:
              butterflynet export s1 --format pcapng --output monday.pcapng
              butterflynet export --format jsonl | jq -r '.verb // empty' | sort | uniq -c
              butterflynet export c12 --redacted --format pcapng --output shared.pcapng
            """)

    @Argument(
        help: ArgumentHelp(
            "Connection c12, conversation v12, sign-in s3 or recording r1 (default: everything).", valueName: "id"))
    var id: String?

    @OptionGroup var archive: ArchiveOptions

    @Option(name: .shortAndLong, help: "Format of the export.")
    var format: Style = .jsonl

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to a new file (never overwrites; default: standard output).", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(help: "Replace accounts, names, addresses, secrets and texts, for a copy to share.")
    var redacted = false

    @Flag(help: "Include passwords, tickets and cookies (jsonl).")
    var showSecrets = false

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    func validate() throws {
        if let id, ArchiveID(id) == nil {
            throw ValidationError("“\(id)” is not an identifier (like s1, c12, v12); the command sessions lists them.")
        }
        if redacted, showSecrets {
            throw ValidationError("--redacted takes the secrets out that --show-secrets asks for.")
        }
        if format == .pcapng, output == nil, isatty(STDOUT_FILENO) == 1 {
            throw ValidationError("pcapng is not for terminals: name a file with --output, or send it into one.")
        }
    }

    func run() throws {
        let source = try archive.open()
        let id = id.flatMap(ArchiveID.init)
        // Redaction analyses the copy itself, so that its digests are those of the copied bytes.
        let detail: ReplayDetail = redacted ? [] : format == .pcapng ? .analysis : .all
        let recorded: EventSource = { emit in
            try archive.convertingErrors { try source.replay(id, detail, emit: emit) }
        }
        guard redacted else { return try write(recorded, source.maskKey) }
        let copying = try SharedCopy(of: recorded)
        if !quiet { Terminal.printMessage("replaced: \(copying.report.summary)") }
        try write(
            copying.events, source.maskKey,
            comments: ["A copy for sharing. Replaced by placeholders: \(copying.report.summary)."])
    }

    private func write(_ events: EventSource, _ key: MaskKey, comments: [String] = []) throws {
        guard let output else { return try write(events, key, comments, to: STDOUT_FILENO) }
        try OutputFile(path: output).fill { try write(events, key, comments, to: $0) }
    }

    private func write(_ events: EventSource, _ key: MaskKey, _ comments: [String], to descriptor: Int32) throws {
        switch format {
        case .jsonl:
            var presentation = Presentation()
            presentation.includesBytes = true
            presentation.maskKey = key
            presentation.showsSecrets = showSecrets || redacted
            let sink = EventPrinter(JSONFormat(presentation), to: descriptor)
            try sink.receiveAll(of: events)
            try sink.printer.finish()
        case .pcapng:
            let format = PcapngFormat(program: "butterflynet \(ProgramInfo.version)", comments: comments)
            let sink = EventPrinter(format, to: descriptor)
            try sink.receiveAll(of: events)
            sink.format.finish(to: &sink.printer.bytes)
            try sink.printer.finish()
        }
    }
}

/// Emits events until `emit` returns false.
typealias EventSource = (_ emit: (Event) -> Bool) throws -> Void

/// A redacted copy, made in two passes: the first checks that everything can be redacted, the second emits the copy.
private struct SharedCopy {
    /// What the first pass replaced.
    let report: RedactionReport
    private let recorded: EventSource
    private let first: Redaction

    init(of recorded: @escaping EventSource) throws {
        self.recorded = recorded
        let key = (UInt64.random(in: 0...(.max)), UInt64.random(in: 0...(.max)))
        var redaction = Redaction(key: key)
        try recorded { event in
            redaction.copy(event) { _ in }
            return true
        }
        report = redaction.report
        first = redaction
        try Self.refuse(report)
    }

    /// The second pass: emits the copy's events.
    ///
    /// - Throws: `CommandError` if something could not be redacted.
    func events(_ emit: (Event) -> Bool) throws {
        var redaction = first.secondPass()
        try recorded { event in
            var isWanted = true
            redaction.copy(event) { copy in isWanted = isWanted && emit(copy) }
            // A running relay may have recorded more events since the first pass.
            return isWanted && redaction.report.refusals.isEmpty
        }
        try Self.refuse(redaction.report)
    }

    private static func refuse(_ report: RedactionReport) throws {
        guard !report.refusals.isEmpty else { return }
        var lines: [String] = []
        for refusal in report.refusals {
            let side = refusal.side == .client ? "the client's" : "the server's"
            lines.append("  c\(refusal.connection): \(refusal.reason), \(side) byte \(refusal.offset)")
        }
        let left = report.refusalCount - report.refusals.count
        if left > 0 { lines.append("  and \(left) more") }
        lines.append("export sign-ins or connections without these: \(ProgramInfo.command) sessions lists them")
        throw CommandError.failed(
            "this cannot be shared: something in it could not be read, and might tell of somebody", lines)
    }
}
