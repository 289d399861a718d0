// The subcommand `import`: reads captures into the archive.

internal import Analysis
import Archive
import ArgumentParser
import Captures
import Console
internal import Events

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring captures into the archive.",
        discussion: """
            A file that was imported before is noticed by its digest, whatever it is called now. An import that is broken \
            off leaves nothing behind.

            Files given together are read as one capture, merged by time, as rotated captures and those of two interfaces \
            have to be. Captures that have nothing to do with each other may share private addresses: --separately.

            Examples:
              butterflynet import old/*.pcap
              butterflynet import --archive msn.sqlite captures/
              butterflynet import --separately collection/
              butterflynet import --again fixed.pcapng
            """)

    @Argument(help: ArgumentHelp("Captures, pasted logs, or folders of them.", valueName: "file-or-folder"))
    var files: [String]

    @OptionGroup var archive: ArchiveOptions

    @Flag(help: "Import files once more that were imported before.")
    var again = false

    @Flag(help: "Each file is a capture of its own.")
    var separately = false

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func validate() throws {
        if files.contains("-") {
            throw ValidationError("import reads files, not standard input: their digest is kept.")
        }
    }

    func run() throws {
        var found: [SourceFile] = []
        var troubles: [String] = []
        for path in Captures.files(in: files) {
            do {
                found.append(try SourceFile(path: path))
            } catch let error as ArchiveError {
                troubles.append(error.description)
            }
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
        let target = try archive.convertingErrors { try Archive.openOrCreate(archive.path) }
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
        let bar = ProgressBar(total: Int(sources.reduce(0) { $0 + $1.bytes }), isWanted: !quiet)
        var frames = 0
        var messages = 0
        var connections = 0
        var summary = Captures.Summary()
        try archive.convertingErrors {
            try target.importing(sources, toolVersion: ProgramInfo.version, now: SystemTime.now()) { sink in
                summary = sink.receiveAll { emit in
                    Captures.decode(
                        sources.map(\.name), detail: EventDetail(Archive.storedAnalysis), progress: { bar.update($0) }
                    ) { event in
                        switch event.kind {
                        case .frame: frames += 1
                        case .message: messages += 1
                        case .opened: connections += 1
                        default: break
                        }
                        return emit(event)
                    }
                }
                return summary.readable > 0 ? summary.troubles : nil
            }
        }
        bar.clear()
        troubles += summary.troubles
        guard summary.readable > 0 else { return false }
        let from = separately ? " \(sources.map(\.name).joined())" : ""
        printUnlessQuiet(
            "imported\(from): \(connections) connections, \(frames) commands, \(messages) messages into \(archive.path)"
        )
        return true
    }

    private func printUnlessQuiet(_ text: String) {
        if !quiet { Terminal.printMessage(text) }
    }
}
