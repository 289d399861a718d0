// The subcommand `decode`: prints the events of captures and pasted logs as text or JSON lines.

internal import Analysis
import ArgumentParser
import Console
internal import Events
internal import Output
internal import Query

struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Read captures and print what was said.",
        usage: "butterflynet decode [<options>] <file> ...",
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

    @Argument(
        help: ArgumentHelp("Captures, pasted logs, folders, or - for standard input.", valueName: "file"),
        completion: .file())
    var files: [String]

    @Flag(help: "Only print findings: what a strict client or server would reject, or a reader should know.")
    var findings = false

    @OptionGroup var password: PasswordOptions
    @OptionGroup(title: "Output") var log: LogOptions

    func run() throws {
        switch log.format {
        case .text: try run(TextFormat(log.presentation), EventDetail(findings ? .events : .all))
        case .jsonl: try run(JSONFormat(log.presentation), findings ? EventDetail(.events) : .all)
        }
    }

    /// Prints the events in one format. Generic, so that the compiler specializes the hot path for each format.
    private func run(_ format: some EventFormat, _ detail: EventDetail) throws {
        var format = format
        let condition = log.condition
        let onlyFindings = findings
        try CaptureRun.run(
            files, detail: detail, passwords: password.read(), quiet: log.quiet, begin: { format.mask(with: $0) }
        ) { event, printer in
            if onlyFindings {
                guard case .finding = event.kind else { return }
            }
            if let condition, !condition.matches(event) { return }
            format.append(event, to: &printer.bytes)
        }
    }
}
