// butterflynet extract: what was transferred, as files.

import Archive
import ArgumentParser
import Console
import Extraction
import Glibc
import MSNP
import Transcript

struct ExtractCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Write the pictures, emoticons, winks, voice clips and files of the archive into a folder.",
        discussion: """
            Without an identifier, everything of the archive; with one, what was seen on those connections. No file is ever \
            overwritten: where a name is taken, a number is added. index.html shows all of it. What is not whole is listed \
            with what is missing, and not written unless asked for; the exit code is 3 then. Offers that nobody accepted \
            are listed too, and change nothing.

            Examples:
              butterflynet extract --into transferred
              butterflynet extract s1 --into transferred --format jsonl
              butterflynet extract v12 --into transferred --incomplete
            """)

    @Argument(help: ArgumentHelp("c12, v12, s3 or r1, as sessions prints them.", valueName: "id"))
    var id: String?

    @OptionGroup var archive: ArchiveOptions

    @Option(help: ArgumentHelp("The folder to write into; made where there is none.", valueName: "folder"))
    var into: String

    @Flag(help: "Write what is not whole too, with zeros in its holes and .incomplete behind its name.")
    var incomplete = false

    @Option(help: "How the list on standard output is printed: text or jsonl.")
    var format: LiveLog.Style = .text

    @Flag(help: "Print nothing but the list and errors.")
    var quiet = false

    func validate() throws {
        if let id, ArchiveID(id) == nil {
            throw ValidationError("\"\(id)\" is no identifier: sessions prints them, such as s1, c12 or v12.")
        }
    }

    func run() throws {
        let source = try archive.open()
        let recordings: [Recording] = try archive.said { try chosen(in: source) }
        do {
            try extract(recordings, from: source, into: try OutputFolder(into))
        } catch let error as ExtractionError {
            throw Trouble.failed(error.description)
        }
    }

    /// The connections of one recording, and which of them are asked for.
    private struct Recording {
        var connections: [(number: Int64, opened: Timestamp, isLate: Bool)] = []
        var wanted: Set<Int> = []

        mutating func add(_ connection: ConnectionSummary, isWanted: Bool) {
            guard case .connection(let number) = connection.id else { return }
            // Files and direct links come last: what they carry was agreed on elsewhere.
            let isLate = connection.role == .fileTransfer || connection.role == .peerToPeer
            connections.append((number, connection.opened, isLate))
            if isWanted { wanted.insert(Int(number)) }
        }

        var inOrder: [Int64] {
            connections.sorted { ($0.isLate ? 1 : 0, $0.opened, $0.number) < ($1.isLate ? 1 : 0, $1.opened, $1.number) }
                .map(\.number)
        }
    }

    private func chosen(in source: Archive) throws -> [Recording] {
        let id = id.flatMap { ArchiveID($0) }
        var recordings: [ArchiveID: Recording] = [:]
        var order: [ArchiveID] = []
        try source.sessions { signIn in
            if recordings[signIn.recording] == nil { order.append(signIn.recording) }
            for connection in signIn.connections {
                let names = [connection.id, connection.conversation?.id, signIn.id, signIn.recording]
                let isWanted = id == nil || names.contains(id)
                recordings[signIn.recording, default: Recording()].add(connection, isWanted: isWanted)
            }
            return true
        }
        let found = order.compactMap { recordings[$0] }.filter { !$0.wanted.isEmpty }
        if found.isEmpty, let id {
            throw Trouble.failed("there is no \(id) in \(source.path); see butterflynet sessions")
        }
        return found
    }

    private func extract(_ recordings: [Recording], from source: Archive, into folder: OutputFolder) throws {
        let wanted = recordings.reduce(into: Set<Int>()) { $0.formUnion($1.wanted) }
        var extractor = Extractor(into: folder, writesIncomplete: incomplete) { wanted.contains($0) }
        do {
            for recording in recordings {
                for connection in recording.inOrder { try read(connection, of: source, &extractor) }
                try extractor.endOfRecording()
            }
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
        for trouble in extractor.troubles { Terminal.complain(trouble) }
        guard !extractor.extracts.isEmpty else { return say("nothing was transferred") }
        let index = try extractor.writeIndex()
        say("\(extractor.extracts.summary); \(folder.path)/\(index) shows them")
        if extractor.leftOut > 0 { Terminal.complain("\(extractor.leftOut) more were left out; extract fewer at once") }
        if extractor.extracts.lacksSomething || extractor.leftOut > 0 { throw Stop(code: 3) }
    }

    private func read(_ connection: Int64, of source: Archive, _ extractor: inout Extractor) throws {
        var failure: (any Error)?
        try archive.said {
            try source.replay(.connection(connection)) { event in
                do {
                    try extractor.take(event)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        }
        if let failure { throw failure }
        try extractor.endOfConnection(Int(connection))
    }

    private func say(_ text: String) {
        if !quiet { Terminal.complain(text) }
    }
}
