// The subcommand `stats`: sums up an archive.

import Archive
import ArgumentParser
import Console
import Glibc

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Sum up the archive: recordings, sign-ins, connections, messages, findings.",
        usage: "butterflynet stats [<options>]",
        discussion: """
            Messages are counted as recorded: those between two recorded clients twice. talks counts them once.

            Examples:
              butterflynet stats
              butterflynet stats --format jsonl
            """)

    @OptionGroup var archive: ArchiveOptions

    @Option(name: .shortAndLong, help: "Format of the sums on standard output.")
    var format: LiveLog.Style = .text

    func run() throws {
        let source = try archive.open()
        let sums = try archive.convertingErrors { try source.statistics() }
        var printer = Printer(descriptor: STDOUT_FILENO)
        printer.bytes =
            format == .jsonl ? StatisticsFormat.json(sums) : StatisticsFormat.text(sums, width: Terminal.width)
        try printer.finish()
    }
}
