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
        abstract: "Print a connection, a conversation or a whole sign-in in the format of decode.",
        usage: "butterflynet show [<options>] <id>",
        discussion: """
            What to show is named as in the output of sessions: c12 is a connection, v12 the conversation on it, s3 a \
            sign-in with all its connections, r1 everything of one recording.

            Examples:
              butterflynet show s1
              butterflynet show c12 --where 'verb == MSG' --detail 3
              butterflynet show v12 --format jsonl
            """)

    @Argument(help: ArgumentHelp("Connection c12, conversation v12, sign-in s3 or recording r1.", valueName: "id"))
    var id: String

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var password: PasswordOptions
    @OptionGroup(title: "Output") var log: LogOptions

    func validate() throws {
        try ArchiveID.validate(id)
    }

    func run() throws {
        guard let id = ArchiveID(id) else { return }
        let source = try archive.open()
        let presentation = log.presentation(source.maskKey)
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
