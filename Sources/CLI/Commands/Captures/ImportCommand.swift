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
            have to be. Use --separately for unrelated captures: they may share private addresses. Standard input (-) is \
            copied into a temporary file first.

            Examples:
              butterflynet import old/*.pcap
              butterflynet import --archive msn.sqlite captures/
              butterflynet import --separately collection/
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

    @Flag(help: "Read each file as a capture of its own.")
    var separately = false

    @Flag(name: .shortAndLong, help: "Only print errors.")
    var quiet = false

    func validate() throws {
        if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("Standard input (-) can be read once only.") }
    }

    func run() throws {
        var found: [SourceFile] = []
        var troubles: [String] = []
        var input: SpooledInput?
        // The copy of standard input is there until the end.
        defer { withExtendedLifetime(input) {} }
        Interruption.watch()
        for path in Captures.files(in: files) {
            do {
                if path == "-" {
                    if isatty(STDIN_FILENO) == 1 {
                        printUnlessQuiet("reading a capture from the terminal; Ctrl-D ends it")
                    }
                    guard let copy = try SpooledInput(isInterrupted: { Interruption.isRequested }) else {
                        return try stopIfInterrupted()
                    }
                    // Ctrl-C also ends the program that writes into the pipe; what it wrote is to be imported.
                    Interruption.watch()
                    input = copy
                    found.append(copy.file)
                } else {
                    found.append(try SourceFile(path: path) { _ in try stopIfInterrupted() })
                }
            } catch let error as ArchiveError {
                troubles.append(error.description)
            }
        }
        if found.isEmpty, troubles.isEmpty {
            troubles.append("no captures in \(files.joined(separator: ", ")); a log is read if it is named")
        }
        // Do not create an archive if no file was found.
        let isAnyRead = found.isEmpty ? false : try load(found, &troubles)
        for trouble in troubles { Terminal.printMessage(trouble) }
        guard !troubles.isEmpty else { return }
        throw ReportedExit(code: isAnyRead ? 3 : 1)
    }

    /// Imports the files that the archive does not have yet.
    ///
    /// - Returns: whether any file was readable.
    private func load(_ found: [SourceFile], _ troubles: inout [String]) throws -> Bool {
        let target = try archive.openOrCreate()
        archive.warnIfReadableByOthers()
        var sources: [SourceFile] = []
        var digests: Set<[UInt8]> = []
        for source in found {
            let path = source.name
            try archive.convertingErrors {
                if !again, let time = try target.importTime(of: source.digest) {
                    printUnlessQuiet(
                        "\(path) was already imported on \(time.rfc3339.prefix(10)); --again to import it again")
                } else if digests.insert(source.digest).inserted || again {
                    sources.append(source)
                } else {
                    printUnlessQuiet("\(path) is the same as another of these files; --again to import it twice")
                }
            }
        }
        var isAnyRead = false
        for group in separately ? sources.map({ [$0] }) : [sources] where !group.isEmpty {
            isAnyRead = try load(group, into: target, &troubles) || isAnyRead
        }
        return isAnyRead
    }

    /// Imports files as one capture.
    ///
    /// - Returns: whether any file was readable.
    private func load(_ sources: [SourceFile], into target: Archive, _ troubles: inout [String]) throws -> Bool {
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
        guard summary.readable > 0 else { return false }
        let from = separately ? " \(sources.map(\.name).joined())" : ""
        printUnlessQuiet(
            "imported\(from): \(connections.counting("connection")), \(frames.counting("command")), "
                + "\(messages.counting("message")) into \(archive.path)")
        return true
    }

    /// Ends the program if it was interrupted; then the import at hand has added nothing.
    private func stopIfInterrupted() throws {
        guard Interruption.isRequested else { return }
        Terminal.printMessage(
            separately
                ? "interrupted; the files reported above were imported, nothing else was added"
                : "interrupted; nothing was added")
        throw ReportedExit(code: Interruption.code)
    }

    private func printUnlessQuiet(_ text: String) {
        if !quiet { Terminal.printMessage(text) }
    }
}
