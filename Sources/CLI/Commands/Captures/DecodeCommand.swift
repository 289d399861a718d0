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
        abstract: "Decode captures and print every command.",
        usage: "butterflynet decode [<options>] <file> ...",
        discussion: """
            Reads pcap and pcapng files, also compressed by gzip, with traffic on any port, also through SOCKS, CONNECT \
            and the HTTP gateway. Also reads pages and logs with C: and S:, or >>> and <<<, in front of commands, up to \
            64 MiB.

            Files given together are read as one capture, merged by time: decode unrelated captures one by one. From a \
            folder only captures are read; logs have to be named.

            Examples:
              butterflynet decode captures/demo.pcap
              butterflynet decode --format jsonl old/*.pcap | jq 'select(.event=="gap")'
              butterflynet decode --where 'event == message' captures/
              butterflynet decode --with bob@example.com --since 2005-05 old/*.pcap
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

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var password: PasswordOptions
    @OptionGroup var threads: JobOptions
    @OptionGroup(title: "Output") var log: LogOptions

    func validate() throws {
        if !selection.people.isEmpty, files.contains("-") {
            throw ValidationError("--with reads its files twice, which standard input does not allow.")
        }
    }

    func run() throws {
        var presentation = log.presentation
        presentation.namesFiles = Captures.files(in: files).count > 1
        let makeCondition = try log.conditionMaker(log.presentation)
        let hasDigests = makeCondition()?.readsJSON ?? false
        switch log.format {
        case .text:
            try run(
                { [presentation] in TextFormat(presentation, showsDates: false) }, makeCondition,
                EventDetail(findings ? .events : .all, hasDigests: hasDigests))
        case .jsonl:
            try run(
                { [presentation] in JSONFormat(presentation) }, makeCondition, findings ? EventDetail(.events) : .all)
        }
    }

    /// Prints the events in one format. Generic, so that the compiler specializes the hot path for each format.
    private func run<Format: EventFormat & Sendable>(
        _ makeFormat: @escaping @Sendable () -> Format, _ makeCondition: @escaping @Sendable () -> EventFilter?,
        _ detail: EventDetail
    ) throws {
        let (jobs, onlyFindings, connections) = (threads.count, findings, connectionsWithPeople())
        let times = try selection.span(log.time.times)
        let (result, writer) = try CaptureRun.run(
            files, detail: detail, passwords: password.read(), quiet: log.quiet, jobs: jobs
        ) {
            var format = makeFormat()
            format.divideCaches(by: jobs)
            return DecodedEventWriter(
                format, where: makeCondition(), in: times, of: connections, onlyFindings: onlyFindings)
        }
        if findings, !log.quiet { Terminal.printLines(writer.summary.lines) }
        if !findings, writer.count == 0, result.connections > 0, !log.quiet {
            Terminal.printMessage("no event matches")
        }
        try result.finish()
    }

    /// The connections of the people of `--with`; nil without the option. Who takes part is known only at the end of a
    /// connection, so the files are read once for this.
    private func connectionsWithPeople() -> Set<Int>? {
        guard !selection.people.isEmpty else { return nil }
        var finder = PeopleFinder(selection.persons)
        _ = Captures.decode(files, detail: EventDetail(.events)) { event in
            finder.take(event)
            return true
        }
        return finder.connections
    }
}
