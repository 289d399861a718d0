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
        discussion: """
            What to export is named as for show; without an identifier it is everything. jsonl is what decode prints, with \
            every byte in raw_base64; secrets are masked unless --show-secrets is given. pcapng has made-up TCP around the \
            real bytes and times, and holds all secrets as they were, for masks would break it.

            --redacted makes a copy that can be shared: accounts, names, addresses, secrets and texts are replaced by \
            placeholders of the same length, the same ones by the same. It says what it replaced, and refuses to write \
            anything where something could not be read and so might hide something.

            Examples:
              butterflynet export s1 --output monday.pcapng
              butterflynet export --format jsonl | jq -r '.verb // empty' | sort | uniq -c
              butterflynet export c12 --redacted --format pcapng --output shared.pcapng
            """)

    @Argument(help: ArgumentHelp("c12, v12, s3 or r1; everything without it.", valueName: "id"))
    var id: String?

    @OptionGroup var archive: ArchiveOptions

    @Option(help: "jsonl or pcapng (default: by the ending of --output, else jsonl).")
    var format: Style?

    @OptionGroup var output: OutputOptions

    @Flag(help: "A copy that can be shared: what tells of people is replaced.")
    var redacted = false

    @Flag(help: "Passwords, tickets and cookies as they are (jsonl).")
    var showSecrets = false

    @Flag(help: "Print nothing but results and errors.")
    var quiet = false

    private static let formats = FormatChoice(
        endings: ["pcapng": .pcapng, "pcap": .pcapng, "jsonl": .jsonl, "json": .jsonl], standard: Style.jsonl)

    private var style: Style { Self.formats.format(format, output: output.output) }

    func validate() throws {
        try ArchiveID.validate(id)
        if redacted, showSecrets {
            throw ValidationError("--redacted takes the secrets out that --show-secrets asks for.")
        }
        if style == .pcapng, output.isStandardOutput, isatty(STDOUT_FILENO) == 1 {
            throw ValidationError("pcapng is not for terminals: name a file with --output, or send it into one.")
        }
    }

    func run() throws {
        if let warning = Self.formats.warning(format, output: output.output) { Terminal.printMessage(warning) }
        let source = try archive.open()
        let id = id.flatMap(ArchiveID.init)
        // A capture has comments for findings, but no digests and no masks.
        let detail: EventDetail = style == .pcapng ? EventDetail(.events) : .all
        guard redacted else {
            return try write({ emit in try replay(source, id, detail, emit) }, source.maskKey)
        }
        do {
            // The copy is analysed itself, so that its digests are those of the copied bytes. It has no findings of its
            // own, and no secrets to mask.
            let copying = try SharedCopy(
                of: { emit in try replay(source, id, .none, emit) },
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

    private func replay(_ source: Archive, _ id: ArchiveID?, _ detail: EventDetail, _ emit: (Event) -> Bool) throws {
        try archive.convertingErrors { try source.replay(id, detail, emit: emit) }
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
