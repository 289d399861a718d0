// The subcommand `streams`: prints one JSON line for each TCP connection of captures.

internal import Analysis
import ArgumentParser
import Console
internal import Events

struct StreamsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams",
        abstract: "Print one JSON line for each TCP connection that speaks MSNP.",
        usage: "butterflynet streams [<options>] <file> ...",
        discussion: """
            Each line has the bytes, their digest, the gaps and the commands of both directions.

            Examples:
              butterflynet streams captures/demo.pcap
              butterflynet streams --all home.pcapng.gz
            """)

    @Argument(
        help: ArgumentHelp("Captures, pasted logs, folders, or - for standard input.", valueName: "file"),
        completion: .file())
    var files: [String]

    @Flag(help: "Print every TCP connection, not only those that speak MSNP.")
    var all = false

    @OptionGroup var slice: SliceOption
    @OptionGroup var threads: JobOptions

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    func run() throws {
        let detail = EventDetail([], hasDigests: true)
        try CaptureRun.run(
            files, everything: all, slice: slice.value, onlySums: true, detail: detail, quiet: quiet,
            jobs: threads.count,
            makeWriter: { StreamWriter() }
        ).result.finish()
    }
}
