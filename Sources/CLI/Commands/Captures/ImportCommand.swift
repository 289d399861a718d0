// The subcommand `import`: reads captures into the archive.

internal import Analysis
import Archive
import ArgumentParser
import Captures
import Console
internal import Events
import Glibc

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import captures into the archive.",
        usage: "butterflynet import [<options>] <file> ...",
        discussion: """
            Files already imported are recognised by their contents and skipped. An interrupted import adds nothing.

            Files given together are read as one capture, merged by time, as rotated captures and those of two interfaces \
            have to be. Use --series for unrelated captures, which may share private addresses: it imports the files of \
            each capture point by themselves. With --resume, an interrupted import of many goes on where it stopped. \
            Standard input (-) is copied into a temporary file first.

            Examples:
              butterflynet import old/*.pcap
              butterflynet import --archive msn.sqlite captures/
              butterflynet import --series auto --resume done collection/
              butterflynet import --again fixed.pcapng
              tcpdump -w - port 1863 | butterflynet import -
            """)

    @Argument(
        help: ArgumentHelp("Captures, pasted logs, folders of captures, or - for standard input.", valueName: "file"),
        completion: .file())
    var files: [String]

    @OptionGroup var archive: ArchiveOptions

    @Flag(help: "Also import files that were imported before.")
    var again = false

    @OptionGroup var series: SeriesOptions

    @Flag(help: "Read each file as a capture of its own; the same as --series none.")
    var separately = false

    @Flag(name: .shortAndLong, help: "Only print errors.")
    var quiet = false

    func validate() throws {
        if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("Standard input (-) can be read once only.") }
        if separately, series.series != nil { throw ValidationError("--separately is --series none: use one of them.") }
        if series.resume != nil, files.contains("-") {
            throw ValidationError("--resume cannot recognise standard input.")
        }
    }

    func run() throws {
        var troubles: [String] = []
        var isAnyRead = false
        var isAnyFound = false
        var input: SpooledInput?
        // The copy of standard input is there until the end.
        defer { withExtendedLifetime(input) {} }
        Interruption.watch()
        var run = try SeriesRun(
            series, files, settings: ["import", archive.path, "\(again)"], hasOutput: false, quiet: quiet)
        try run.forEach { one, numbers in
            var found: [SourceFile] = []
            var own: [String] = []
            for path in Captures.files(in: one.files) {
                do {
                    if path == "-" {
                        guard let copy = try readInput() else { return SeriesRun.Outcome(isWhole: false) }
                        input = copy
                        found.append(copy.file)
                    } else {
                        found.append(try SourceFile(path: path) { _ in try stopIfInterrupted() })
                    }
                } catch let error as ArchiveError {
                    own.append(error.description)
                }
            }
            isAnyFound = isAnyFound || !found.isEmpty
            // Do not create an archive if no file was found.
            let result = found.isEmpty ? LoadResult() : try load(found, of: one, &own)
            isAnyRead = isAnyRead || result.isAnyRead
            troubles += own
            return SeriesRun.Outcome(
                isReadable: result.isAnyRead || own.isEmpty && !found.isEmpty, isDamaged: !own.isEmpty,
                numbers: numbers, figures: result.figures)
        }
        if !isAnyFound, run.omitted == 0, troubles.isEmpty {
            troubles.append("no captures in \(files.joined(separator: ", ")); a log is read if it is named")
        }
        for trouble in troubles { Terminal.printMessage(trouble) }
        guard !troubles.isEmpty || run.damagedBefore > 0 else { return }
        throw ReportedExit(code: isAnyRead || run.omitted > 0 ? 3 : 1)
    }

    /// Copies standard input into a temporary file.
    ///
    /// - Returns: nil if it was interrupted without having read anything.
    private func readInput() throws -> SpooledInput? {
        if isatty(STDIN_FILENO) == 1 { printUnlessQuiet("reading a capture from the terminal; Ctrl-D ends it") }
        guard let copy = try SpooledInput(isInterrupted: { Interruption.isRequested }) else {
            try stopIfInterrupted()
            return nil
        }
        // Ctrl-C also ends the program that writes into the pipe; what it wrote is to be imported.
        Interruption.watch()
        return copy
    }

    /// What importing files gave.
    private struct LoadResult {
        var isAnyRead = false
        var connections = 0
        var packets = 0
        var commands = 0
        var messages = 0
        /// The number of files that the archive had.
        var known = 0

        var figures: [String] {
            [
                packets.counting("packet"), connections.counting("connection"), commands.counting("command"),
                messages.counting("message"),
            ] + (known > 0 ? ["\(known) imported before"] : [])
        }
    }

    /// Imports the files that the archive does not have yet.
    private func load(
        _ found: [SourceFile], of one: CaptureSeries, _ troubles: inout [String]
    ) throws -> LoadResult {
        var result = LoadResult()
        let target = try archive.openOrCreate()
        archive.warnIfReadableByOthers()
        var sources: [SourceFile] = []
        var digests: Set<[UInt8]> = []
        for source in found {
            let path = source.name
            try archive.convertingErrors {
                if !again, let time = try target.importTime(of: source.digest) {
                    result.known += 1
                    printUnlessQuiet(
                        "\(path) was already imported on \(time.rfc3339.prefix(10)); --again to import it again")
                } else if digests.insert(source.digest).inserted || again {
                    sources.append(source)
                } else {
                    printUnlessQuiet("\(path) is the same as another of these files; --again to import it twice")
                }
            }
        }
        for group in separately ? sources.map({ [$0] }) : [sources] where !group.isEmpty {
            let from = separately ? group.map(\.name).joined() : one.name
            try load(group, from: from, into: target, &result, &troubles)
        }
        return result
    }

    /// Imports files as one capture.
    private func load(
        _ sources: [SourceFile], from name: String, into target: Archive, _ result: inout LoadResult,
        _ troubles: inout [String]
    ) throws {
        try stopIfInterrupted()
        let bar = ProgressBar(total: Int(sources.reduce(0) { $0 + $1.bytes }), isWanted: !quiet)
        var frames = 0
        var messages = 0
        var connections = 0
        var summary = Captures.Summary()
        // Decided once: a signal that comes later finds the import complete.
        var isInterrupted = false
        try archive.convertingErrors {
            try target.importing(sources, toolVersion: ProgramInfo.version, now: SystemTime.now()) { sink in
                summary = sink.receiveAll { emit in
                    Captures.decode(
                        sources.map(\.path), detail: EventDetail(Archive.storedAnalysis),
                        progress: { bar.update($0) }, isCancelled: { Interruption.isRequested }
                    ) { event in
                        if Interruption.isRequested { return false }
                        switch event.kind {
                        case .frame: frames += 1
                        case .message: messages += 1
                        case .opened: connections += 1
                        default: break
                        }
                        return emit(event)
                    }
                }
                for source in sources where source.path != source.name {
                    summary.troubles = summary.troubles.map { $0.replacing(source.path, with: source.name) }
                }
                isInterrupted = Interruption.isRequested
                return summary.readable > 0 && !isInterrupted ? summary.troubles : nil
            }
        }
        bar.clear()
        if isInterrupted { try stopIfInterrupted() }
        troubles += summary.troubles
        guard summary.readable > 0 else { return }
        result.isAnyRead = true
        result.connections += connections
        result.packets += summary.packets
        result.commands += frames
        result.messages += messages
        // Of a series, the line with all its figures follows.
        guard !series.isWanted else { return }
        let from = separately ? " \(name)" : ""
        printUnlessQuiet(
            "imported\(from): \(connections.counting("connection")), \(frames.counting("command")), "
                + "\(messages.counting("message")) into \(archive.path)")
    }

    /// Ends the program if it was interrupted; then the import at hand has added nothing.
    private func stopIfInterrupted() throws {
        guard Interruption.isRequested else { return }
        Terminal.printMessage(
            separately || series.isWanted
                ? "interrupted; the files reported above were imported, nothing else was added"
                : "interrupted; nothing was added")
        throw ReportedExit(code: Interruption.code)
    }

    private func printUnlessQuiet(_ text: String) {
        if !quiet { Terminal.printMessage(text) }
    }
}
