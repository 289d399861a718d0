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
        discussion: """
            Without an identifier, everything of the archive; with one, what was seen on those connections. No file is ever \
            overwritten: where a name is taken, a number is added; a file that is there already with the same content is \
            kept. index.html is a gallery with links to all files. Incomplete items are listed, and only written with \
            --incomplete; the exit code is 3 then. Offers that nobody accepted are listed too, and change nothing.

            Examples:
              butterflynet extract --into transferred
              butterflynet extract s1 --into transferred --format jsonl
              butterflynet extract v12 --into transferred --incomplete
            """)

    @Argument(help: ArgumentHelp("c12, v12, s3 or r1, as sessions prints them.", valueName: "id"))
    var id: String?

    @OptionGroup var archive: ArchiveOptions

    @Option(
        name: [.customLong("into"), .customLong("output")],
        help: ArgumentHelp("The folder to write into; created if missing.", valueName: "folder"))
    var into: String

    @Flag(help: "Write what is not whole too, with zeros in its holes and .incomplete behind its name.")
    var incomplete = false

    @Option(help: "How the list on standard output is printed: text or jsonl.")
    var format: LiveLog.Style = .text

    @Flag(help: "Print nothing but the list and errors.")
    var quiet = false

    func validate() throws {
        try ArchiveID.validate(id)
    }

    func run() throws {
        let source = try archive.open()
        let id = id.flatMap { ArchiveID($0) }
        let recordings = try archive.convertingErrors { try source.recordings(of: id) }
        if recordings.isEmpty, let id {
            throw CommandError.failed("there is no \(id) in \(source.path); see butterflynet sessions")
        }
        do {
            try extract(recordings, id, from: source, into: try OutputFolder(into))
        } catch let error as ExtractionError {
            throw CommandError.failed(error.description)
        }
    }

    private func extract(
        _ recordings: [Int64], _ id: ArchiveID?, from source: Archive, into folder: OutputFolder
    ) throws {
        let requested = RequestedConnections(id)
        var extractor = Extractor(into: folder, writesIncomplete: incomplete) { requested.contains($0) }
        do {
            for recording in recordings { try read(recording, requested, of: source, &extractor) }
        } catch {
            extractor.abandon()
            throw error
        }
        var printer = Printer(descriptor: STDOUT_FILENO)
        let listing = Listing(isJSON: format == .jsonl)
        for extract in extractor.inOrder {
            listing.append(extract, to: &printer.bytes)
            guard printer.flushIfFull() else { break }
        }
        try printer.finish()
        for trouble in extractor.troubles { Terminal.printMessage(trouble) }
        guard !extractor.extracts.isEmpty else { return printUnlessQuiet("nothing was transferred") }
        let index = try extractor.writeIndex()
        printUnlessQuiet("\(extractor.extracts.summary); \(folder.path)/\(index) shows them")
        if extractor.leftOut > 0 {
            Terminal.printMessage("\(extractor.leftOut) more were left out; extract fewer at once")
        }
        if extractor.extracts.lacksSomething || extractor.leftOut > 0 { throw ReportedExit(code: 3) }
    }

    /// The connections that the identifier selects, out of all connections that are read.
    private final class RequestedConnections {
        let id: ArchiveID?
        /// The connections of the requested sign-in.
        private var connections: Set<Int> = []

        init(_ id: ArchiveID?) { self.id = id }

        func insert(_ connection: Int) {
            if case .signIn = id { connections.insert(connection) }
        }

        func contains(_ connection: Int) -> Bool {
            switch id {
            case .connection(let number), .conversation(let number): connection == Int(number)
            case .signIn: connections.contains(connection)
            // Other recordings are not read.
            case .recording, nil: true
            }
        }
    }

    private func read(
        _ recording: Int64, _ requested: RequestedConnections, of source: Archive, _ extractor: inout Extractor
    ) throws {
        var failure: (any Error)?
        try archive.convertingErrors {
            try source.replay(apart: recording, asked: requested.id, .none) { part in
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
