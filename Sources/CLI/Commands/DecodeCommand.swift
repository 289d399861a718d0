// The subcommand `decode`: prints the events of captures and pasted logs as text or JSON lines.

internal import Analysis
import ArgumentParser
import Captures
import Console
internal import Events
internal import Output
internal import Query

struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Read captures and print what was said.",
        discussion: """
            Reads pcap and pcapng files, compressed by gzip or not, whatever port the traffic was on; through SOCKS, CONNECT \
            and the HTTP gateway too. Also reads what people pasted: pages and logs with C: and S:, or >>> and <<<, in \
            front of commands, up to 64 MiB.

            Examples:
              butterflynet decode captures/demo.pcap
              butterflynet decode --format jsonl old/*.pcap | jq 'select(.event=="gap")'
              butterflynet decode --where 'event == message' captures/
              butterflynet decode --findings old/*.pcap
              tcpdump -w - port 1863 | butterflynet decode -
              butterflynet decode protocol-page.md
            """)

    @Argument(help: ArgumentHelp("Captures, pasted logs, folders, or - for standard input.", valueName: "file"))
    var files: [String]

    @Flag(help: "Print nothing but findings: what a strict client or server would not accept, or a reader should know.")
    var findings = false

    @OptionGroup var password: PasswordOptions
    @OptionGroup var log: LogOptions

    func run() throws {
        var presentation = log.presentation
        presentation.namesFiles = Captures.files(in: files).count > 1
        switch log.format {
        case .text: try run(TextFormat(presentation), EventDetail(findings ? .events : .all))
        case .jsonl: try run(JSONFormat(presentation), findings ? EventDetail(.events) : .all)
        }
    }

    /// Prints the events in one format. Generic, so that the compiler specializes the hot path for each format.
    private func run(_ format: some EventFormat, _ detail: EventDetail) throws {
        var format = format
        let condition = log.condition
        let onlyFindings = findings
        var summary = FindingSummary()
        let result = try CaptureRun.run(
            files, detail: detail, passwords: password.read(), quiet: log.quiet, begin: { format.mask(with: $0) }
        ) { event, printer in
            if onlyFindings {
                guard case .finding(let finding) = event.kind, condition?.matches(event) ?? true else { return }
                summary.count(finding)
                return format.append(event, to: &printer.bytes)
            }
            if let condition, !condition.matches(event) { return }
            format.append(event, to: &printer.bytes)
        }
        if onlyFindings, !log.quiet { Terminal.printLines(summary.lines) }
        try result.finish()
    }
}
