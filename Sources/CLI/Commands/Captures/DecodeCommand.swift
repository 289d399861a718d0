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

            Files given together are read as one capture, merged by time. For unrelated captures use --series, which reads \
            the files of each capture point by themselves, one series after the other. From a folder only captures are \
            read; logs have to be named.

            With --resume an interrupted run goes on where it stopped: append its output to the same file.

            Examples:
              butterflynet decode captures/demo.pcap
              butterflynet decode --format jsonl old/*.pcap | jq 'select(.event=="gap")'
              butterflynet decode --where 'event == message' captures/
              butterflynet decode --with bob@example.com --since 2005-05 old/*.pcap
              butterflynet decode --findings old/*.pcap
              butterflynet decode --series auto --format jsonl captures/
              butterflynet decode --resume done --format jsonl captures/ >> all.jsonl
              tcpdump -w - port 1863 | butterflynet decode -
              butterflynet decode protocol-page.md
            """)

    @Argument(
        help: ArgumentHelp("Captures, pasted logs, folders, or - for standard input.", valueName: "file"),
        completion: .file())
    var files: [String]

    @Flag(help: "Only print findings: what a strict client or server would reject, or a reader should know.")
    var findings = false

    @Option(
        help: ArgumentHelp(
            "Only these kinds of events, separated by commas: \(EventKinds.names).", valueName: "kinds"),
        completion: .list(EventKind.allCases.map(\.rawValue)))
    var events: EventKinds?

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var password: PasswordOptions
    @OptionGroup var series: SeriesOptions
    @OptionGroup var slice: SliceOption
    @OptionGroup var threads: JobOptions
    @OptionGroup(title: "Output") var log: LogOptions

    func validate() throws {
        if findings, events != nil {
            throw ValidationError("--findings is short for --events finding: use one of them.")
        }
        if !selection.people.isEmpty, files.contains("-") {
            throw ValidationError("--with reads its files twice, which standard input does not allow.")
        }
        if series.resume != nil, files.contains("-") {
            throw ValidationError("--resume cannot recognise standard input.")
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
                detail(hasDigests: hasDigests))
        case .jsonl:
            try run(
                { [presentation] in JSONFormat(presentation) }, makeCondition,
                detail(hasDigests: !findings && events?.kinds.contains(.closed) ?? true || hasDigests))
        }
    }

    /// What the selected kinds of events need. A condition may ask for everything in them.
    private func detail(hasDigests: Bool) -> EventDetail {
        if findings { return EventDetail(.events, hasDigests: hasDigests) }
        guard let events, log.filter == nil else { return EventDetail(.all, hasDigests: hasDigests) }
        return EventDetail(events.analysis, hasDigests: hasDigests)
    }

    /// Prints the events in one format. Generic, so that the compiler specializes the hot path for each format.
    private func run<Format: EventFormat & Sendable>(
        _ makeFormat: @escaping @Sendable () -> Format, _ makeCondition: @escaping @Sendable () -> EventFilter?,
        _ detail: EventDetail
    ) throws {
        let (jobs, onlyFindings, kinds) = (threads.count, findings, events?.kinds)
        let times = try selection.span(log.time.times)
        let passwords = try password.read()
        var sums: DecodedEventWriter<Format>?
        var total: CaptureResult?
        var run = try SeriesRun(series, files, settings: settings, hasOutput: true, quiet: log.quiet)
        try run.forEach { one, numbers in
            let connections = connectionsWithPeople(in: one.files, after: numbers)
            let (result, writer) = try CaptureRun.run(
                one.files, slice: slice.value, detail: detail, passwords: passwords, after: numbers, quiet: log.quiet,
                explains: !series.isWanted, jobs: jobs
            ) {
                var format = makeFormat()
                format.divideCaches(by: jobs)
                return DecodedEventWriter(
                    format, where: makeCondition(), in: times, of: connections, kinds: kinds,
                    onlyFindings: onlyFindings)
            }
            if sums == nil { sums = writer } else { sums?.addCounts(of: writer) }
            if total == nil { total = result } else { total?.add(result) }
            return SeriesRun.Outcome(
                isReadable: result.summary.readable > 0, isDamaged: !result.summary.troubles.isEmpty,
                isWhole: result.isWhole, numbers: result.summary.numbers,
                figures: [
                    result.summary.packets.counting("packet"), result.connections.counting("connection"),
                ])
        }
        if let sums, findings, !log.quiet { Terminal.printLines(sums.summary.lines) }
        if let total, let sums, !findings, sums.count == 0, total.connections > 0, !log.quiet {
            Terminal.printMessage("no event matches")
        }
        try run.finish(total)
    }

    /// What the output depends on beside the files.
    private var settings: [String] {
        [
            "decode", "\(log.format)", "\(events?.kinds.map(\.rawValue).sorted() ?? [])", "\(findings)",
            log.filter ?? "", "\(log.detail) \(log.bytes) \(log.showSecrets) \(log.time.local)",
            slice.slice ?? "", "\(selection.people)", selection.since ?? "", selection.until ?? "",
        ]
    }

    /// The connections of the people of `--with`; nil without the option. Who takes part is known only at the end of a
    /// connection, so the files are read once for this.
    private func connectionsWithPeople(in files: [String], after numbers: CaptureNumbers) -> Set<Int>? {
        guard !selection.people.isEmpty else { return nil }
        var finder = PeopleFinder(selection.persons)
        _ = Captures.decode(files, slice: slice.value, detail: EventDetail(.events), after: numbers) { event in
            finder.take(event)
            return true
        }
        return finder.connections
    }
}
