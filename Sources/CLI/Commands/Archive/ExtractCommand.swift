// The subcommand `extract`: writes transferred pictures and files into a folder.

internal import Analysis
import Archive
import ArgumentParser
import Console
internal import Events
import Extraction
import Glibc
import MSNP

struct ExtractCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Write the pictures, emoticons, winks, voice clips and files of the archive into a folder.",
        usage: "butterflynet extract [<options>] --into <folder> [<id> ...]",
        discussion: """
            Without an identifier, everything of the archive; with one, what was seen on those connections. No file is ever \
            overwritten: where a name is taken, a number is added; a file that is there already with the same content is \
            kept. index.html is a gallery with links to all files. Incomplete items are listed, and only written with \
            --incomplete; the exit code is 3 then. Offers that nobody accepted are listed too, and change nothing.

            Examples:
              butterflynet extract --into transferred
              butterflynet extract s1 --into transferred --format jsonl
              butterflynet extract v12 --into transferred --incomplete
              butterflynet extract --with bob@example.com --into transferred
            """)

    @OptionGroup var items: ItemOptions
    @OptionGroup var archive: ArchiveOptions

    @Option(
        name: [.customShort("o"), .long, .customLong("output")],
        help: ArgumentHelp("Folder to write into; it is created if missing.", valueName: "folder"),
        completion: .directory)
    var into: String

    @Flag(help: "Also write incomplete items, with zeros for missing bytes and .incomplete after the name.")
    var incomplete = false

    @Option(name: .shortAndLong, help: "Format of the list on standard output.")
    var format: LiveLog.Style = .text

    @Flag(name: .shortAndLong, help: "Only print the list and errors.")
    var quiet = false

    func run() throws {
        let source = try archive.open()
        let (selection, recordings) = try archive.convertingErrors {
            let selection = try source.resolving(items.archiveSelection())
            return (selection, try source.recordings(of: selection))
        }
        do {
            try extract(recordings, selection, from: source, into: try OutputFolder(into))
        } catch let error as ExtractionError {
            throw CommandError.failed(error.description)
        }
    }

    private func extract(
        _ recordings: [Int64], _ selection: ArchiveSelection, from source: Archive, into folder: OutputFolder
    ) throws {
        let requested = RequestedConnections(selection)
        var extractor = Extractor(into: folder, writesIncomplete: incomplete) { requested.contains($0) }
        do {
            for recording in recordings { try read(recording, requested, of: source, &extractor) }
        } catch {
            extractor.abandon()
            throw error
        }
        var printer = Printer(descriptor: STDOUT_FILENO)
        let listing = Listing(isJSON: format == .jsonl, zone: items.time.zone)
        for extract in extractor.inOrder {
            listing.append(extract, to: &printer.bytes)
            guard printer.flushIfFull() else { break }
        }
        try printer.finish()
        for trouble in extractor.troubles { Terminal.printMessage(trouble) }
        guard !extractor.extracts.isEmpty else { return printUnlessQuiet("nothing was transferred") }
        let index = try extractor.writeIndex(in: items.time.zone)
        printUnlessQuiet("\(extractor.extracts.summary); \(folder.path)/\(index) shows them")
        if extractor.leftOut > 0 {
            Terminal.printMessage("\(extractor.leftOut) more were left out; extract fewer at once")
        }
        if extractor.extracts.lacksSomething || extractor.leftOut > 0 { throw ReportedExit(code: 3) }
    }

    /// The connections that are selected, out of all connections that are read.
    private final class RequestedConnections {
        let selection: ArchiveSelection
        private var connections: Set<Int> = []

        init(_ selection: ArchiveSelection) { self.selection = selection }

        func insert(_ connection: Int) {
            if !selection.isEverything { connections.insert(connection) }
        }

        func contains(_ connection: Int) -> Bool { selection.isEverything || connections.contains(connection) }
    }

    private func read(
        _ recording: Int64, _ requested: RequestedConnections, of source: Archive, _ extractor: inout Extractor
    ) throws {
        var failure: (any Error)?
        try archive.convertingErrors {
            try source.replay(apart: recording, asked: requested.selection, .none) { part in
                do {
                    switch part {
                    case .begins(let connection, let isRequested): if isRequested { requested.insert(connection) }
                    case .event(let event): try extractor.take(event)
                    case .ends(let connection): try extractor.endOfConnection(connection)
                    }
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        }
        if let failure { throw failure }
        try extractor.endOfRecording()
    }

    private func printUnlessQuiet(_ text: String) {
        if !quiet { Terminal.printMessage(text) }
    }
}
