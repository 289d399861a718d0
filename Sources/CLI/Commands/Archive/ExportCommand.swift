// The subcommand `export`: writes recorded events as JSON lines or pcapng, optionally redacted for sharing.

import Archive
import ArchiveOutput
import ArgumentParser
import Glibc
internal import Redaction

struct ExportCommand: ParsableCommand {
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
    var format: ArchiveExport.Format?

    @OptionGroup var output: OutputOptions

    @Flag(help: "Replace accounts, names, addresses, secrets and texts, for a copy to share.")
    var redacted = false

    @Flag(help: "Include passwords, tickets and cookies (jsonl).")
    var showSecrets = false

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    private static let formats = FormatChoice(
        endings: ["pcapng": .pcapng, "pcap": .pcapng, "jsonl": .jsonl, "json": .jsonl],
        standard: ArchiveExport.Format.jsonl)

    private var style: ArchiveExport.Format { Self.formats.format(format, output: output.output) }

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
        var export = ArchiveExport(
            try items.archiveSelection(), style, program: "butterflynet \(ProgramInfo.version)")
        export.showsSecrets = showSecrets
        let ports = ServerPorts.Notes()
        guard redacted else {
            try output.fill { descriptor in
                try converting { try export.write(source, to: descriptor) { ports.note($0) } }
            }
            return advise(ports)
        }
        do {
            let copy = try converting {
                try export.redacted(source, key: (UInt64.random(in: 0...(.max)), UInt64.random(in: 0...(.max))))
            }
            if !quiet { Terminal.printMessage("replaced: \(copy.report.summary)") }
            try output.fill { descriptor in
                try converting { try export.write(copy, of: source, to: descriptor) { ports.note($0) } }
            }
            advise(ports)
        } catch let error as SharedCopy.Refused {
            throw CommandError.refused(error.report)
        }
    }

    /// Says how to open a capture.
    private func advise(_ ports: ServerPorts.Notes) {
        guard style == .pcapng, !quiet, let advice = ports.ports.advice(file: output.output) else { return }
        Terminal.printMessage(advice)
    }

    private func converting<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try archive.convertingErrors(body)
        } catch let error as ArchiveExport.WriteError {
            throw CommandError.failed("cannot write the results: \(error.reason)")
        }
    }
}

extension ArchiveExport.Format: ExpressibleByArgument {}
