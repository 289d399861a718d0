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
        abstract: "Export the archive as JSON lines, or as a capture for Wireshark.",
        usage: "butterflynet export [<options>] [<id> ...]",
        discussion: """
            Exports what the identifiers name, as for show, or everything without one. --since, --until and --with select \
            connections, which are exported whole. jsonl is the format of decode, with every byte in raw_base64; secrets \
            are masked unless --show-secrets is given. pcapng has synthetic TCP packets with the recorded bytes and times; \
            it contains all secrets, because masks would change lengths.

            --redacted makes a copy that can be shared: accounts, names, addresses, secrets and texts are replaced by \
            placeholders of the same length, equal values by equal placeholders. It prints how much was replaced, and \
            writes nothing if some data cannot be parsed, because that might contain private values.

            Examples:
              butterflynet export s1 --output monday.pcapng
              butterflynet export --format jsonl | jq -r '.verb // empty' | sort | uniq -c
              butterflynet export c12 --redacted --format pcapng --output shared.pcapng
              butterflynet export --with bob@example.com --since 2005-05-06
            """)

    @OptionGroup var items: ItemOptions
    @OptionGroup var archive: ArchiveOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Format of the export (default: by the ending of --output, else jsonl).", valueName: "jsonl|pcapng"),
        completion: .list(["jsonl", "pcapng"]))
    var format: Style?

    @OptionGroup var output: OutputOptions

    @Flag(help: "Replace accounts, names, addresses, secrets and texts, for a copy to share.")
    var redacted = false

    @Flag(help: "Include passwords, tickets and cookies (jsonl).")
    var showSecrets = false

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    private static let formats = FormatChoice(
        endings: ["pcapng": .pcapng, "pcap": .pcapng, "jsonl": .jsonl, "json": .jsonl], standard: Style.jsonl)

    private var style: Style { Self.formats.format(format, output: output.output) }

    func validate() throws {
        if redacted, showSecrets {
            throw ValidationError("--redacted removes the secrets that --show-secrets would show; use one of them.")
        }
        if style == .pcapng, output.isStandardOutput, isatty(STDOUT_FILENO) == 1 {
            throw ValidationError(
                "pcapng cannot be printed on a terminal: name a file with --output, or redirect standard output to one."
            )
        }
    }

    func run() throws {
        if let warning = Self.formats.warning(format, output: output.output) { Terminal.printMessage(warning) }
        let source = try archive.open()
        let selection = try items.archiveSelection()
        // A capture has comments for findings, but no digests and no masks.
        let detail: EventDetail = style == .pcapng ? EventDetail(.events) : .all
        guard redacted else {
            return try write({ emit in try replay(source, selection, detail, emit) }, source.maskKey)
        }
        do {
            // The copy is analysed itself, so that its digests are those of the copied bytes. It has no findings of its
            // own, and no secrets to mask.
            let copying = try SharedCopy(
                of: { emit in try replay(source, selection, .none, emit) },
                style == .pcapng ? .none : EventDetail(.events, hasDigests: true),
                key: (UInt64.random(in: 0...(.max)), UInt64.random(in: 0...(.max))))
            if !quiet { Terminal.printMessage("replaced: \(copying.report.summary)") }
            try write(
                copying.events, source.maskKey,
                comments: ["A copy for sharing. Replaced by placeholders: \(copying.report.summary)."])
        } catch let error as SharedCopy.Refused {
            throw CommandError.refused(error.report)
        }
    }

    private func replay(
        _ source: Archive, _ selection: ArchiveSelection, _ detail: EventDetail, _ emit: (Event) -> Bool
    ) throws {
        try archive.convertingErrors { try source.replay(selection, detail, emit: emit) }
    }

    private func write(_ events: SharedCopy.Source, _ key: MaskKey, comments: [String] = []) throws {
        try output.fill { try write(events, key, comments, to: $0) }
    }

    private func write(_ events: SharedCopy.Source, _ key: MaskKey, _ comments: [String], to descriptor: Int32) throws {
        switch style {
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
            var ports = ServerPorts()
            try sink.receiveAll { emit in
                try withoutActuallyEscaping(emit) { emit in
                    try events { event in
                        ports.note(event)
                        return emit(event)
                    }
                }
            }
            sink.format.finish(to: &sink.printer.bytes)
            try sink.printer.finish()
            if let advice = ports.advice(file: output.output), !quiet { Terminal.printMessage(advice) }
        }
    }
}
