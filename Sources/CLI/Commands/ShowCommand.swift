// The subcommand `show`: prints a connection, conversation, sign-in or recording of the archive.

internal import Analysis
import Archive
import ArgumentParser
import Console
internal import Events
import Glibc
internal import Output

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print a connection, a conversation or a whole sign-in from the archive, as decode would.",
        discussion: """
            What to show is named as in the output of sessions: c12 is a connection, v12 the conversation on it, s3 a \
            sign-in with all its connections, r1 everything of one recording.

            Examples:
              butterflynet show s1
              butterflynet show c12 --where 'verb == MSG' --detail 3
              butterflynet show v12 --format jsonl
            """)

    @Argument(help: ArgumentHelp("c12, v12, s3 or r1.", valueName: "id"))
    var id: String

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var password: PasswordOptions
    @OptionGroup var log: LogOptions

    func validate() throws {
        try ArchiveID.validate(id)
    }

    func run() throws {
        guard let id = ArchiveID(id) else { return }
        let source = try archive.open()
        var presentation = log.presentation(source.maskKey)
        presentation.namesFiles = try archive.convertingErrors { try source.hasSeveralFiles() }
        switch log.format {
        case .text: try print(id, of: source, TextFormat(presentation), EventDetail(.all))
        case .jsonl: try print(id, of: source, JSONFormat(presentation), .all)
        }
    }

    private func print(_ id: ArchiveID, of source: Archive, _ format: some EventFormat, _ detail: EventDetail) throws {
        let sink = EventPrinter(format, where: log.condition, to: STDOUT_FILENO)
        let passwords = try password.read()
        try archive.convertingErrors {
            try sink.receiveAll { emit in try source.replay(id, detail, passwords: passwords, emit: emit) }
        }
        try sink.printer.finish()
    }
}
