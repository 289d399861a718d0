// butterflynet decode and streams: captures in, what was said out.

internal import Analysis
import ArgumentParser
import Captures
import Console
internal import Events
import Glibc
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
        switch log.format {
        case .text: try run(TextFormat(log.presentation))
        case .jsonl: try run(JSONFormat(log.presentation))
        }
    }

    /// Generic, so that the compiler makes one fast path for each format.
    private func run(_ format: some EventFormat) throws {
        var format = format
        let condition = log.condition
        let onlyFindings = findings
        try CaptureRun.run(
            files, passwords: password.read(), quiet: log.quiet, begin: { format.mask(with: $0) }
        ) { event, printer in
            if onlyFindings {
                guard case .finding = event.kind else { return }
            }
            if let condition, !condition.matches(event) { return }
            format.append(event, to: &printer.bytes)
        }
    }
}

struct StreamsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams",
        abstract: "Print one JSON line for each TCP connection that speaks MSNP.",
        discussion: """
            Each line has the bytes, their digest, the gaps and the commands of both directions.

            Examples:
              butterflynet streams captures/demo.pcap
              butterflynet streams --all home.pcapng.gz
            """)

    @Argument(help: ArgumentHelp("Captures, pasted logs, folders, or - for standard input.", valueName: "file"))
    var files: [String]

    @Flag(help: "Every TCP connection, not only those that speak MSNP.")
    var all = false

    @Flag(help: "Print nothing but results and errors.")
    var quiet = false

    func run() throws {
        var format = StreamFormat()
        try CaptureRun.run(files, everything: all, onlySums: true, quiet: quiet) { event, printer in
            format.append(event, to: &printer.bytes)
        }
    }
}

/// Runs captures through to standard output.
enum CaptureRun {
    /// Reads files, prints what `print` makes of their events, and ends with the right exit code.
    static func run(
        _ files: [String], everything: Bool = false, onlySums: Bool = false, passwords: Passwords = .none, quiet: Bool,
        begin: (MaskKey) -> Void = { _ in }, print: (Event, inout Printer) -> Void
    ) throws {
        var printer = Printer(descriptor: STDOUT_FILENO)
        let bar = ProgressBar(total: size(of: files), isWanted: !quiet)
        let summary = Captures.decode(
            files, everything: everything, onlySums: onlySums, passwords: passwords, progress: { bar.update($0) },
            begin: begin
        ) { event in
            print(event, &printer)
            return printer.flushIfFull()
        }
        printer.flush()
        bar.clear()
        if let failure = printer.failure { throw CommandError.failed("cannot write the results: \(failure)") }
        for trouble in summary.troubles { Terminal.complain(trouble) }
        if summary.readable == 0 { throw ExplainedExit(code: 1) }
        if !summary.troubles.isEmpty { throw ExplainedExit(code: 3) }
    }

    /// How many bytes the files have in all; nil where one of them is not a plain file.
    private static func size(of files: [String]) -> Int? {
        var total = 0
        for file in files {
            var status = stat()
            guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, !file.hasSuffix(".gz") else {
                return nil
            }
            total += Int(status.st_size)
        }
        return total
    }
}
