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
        usage: "butterflynet show [<options>] <id> ...",
        discussion: """
            The command sessions prints the identifiers: c12 is a connection, v12 the conversation on it, s3 a sign-in \
            with all its connections, r1 everything in one recording.

            Examples:
              butterflynet show s1
              butterflynet show c12 --where 'verb == MSG' --detail 3
              butterflynet show v12 --format jsonl
              butterflynet show --with bob@example.com --since 2005-05-06 --local
            """)

    @Argument(
        help: ArgumentHelp(
            "Connection c12, conversation v12, sign-in s3 or recording r1; several are merged by time.", valueName: "id"
        ))
    var ids: [String] = []

    @OptionGroup(title: "Selection") var selection: SelectionOptions

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var password: PasswordOptions
    @OptionGroup(title: "Output") var log: LogOptions

    func validate() throws {
        _ = try Identifiers.parse(ids)
        guard !ids.isEmpty || selection.isGiven else {
            throw ValidationError("Missing expected argument '<id>': s1, c12 or v12; or --since, --until, --with.")
        }
    }

    func run() throws {
        _ = try log.condition()
        let selection = try self.selection.selection(ids, log.time.times)
        let source = try archive.open()
        var presentation = log.presentation(source.maskKey)
        presentation.namesFiles = try archive.convertingErrors { try source.hasSeveralFiles() }
        switch log.format {
        case .text:
            let condition = try log.condition(presentation)
            let hasDigests = condition?.readsJSON ?? false
            try print(
                selection, of: source, condition, TextFormat(presentation), EventDetail(.all, hasDigests: hasDigests))
        case .jsonl: try print(selection, of: source, log.condition(presentation), JSONFormat(presentation), .all)
        }
    }

    private func print(
        _ selection: ArchiveSelection, of source: Archive, _ condition: EventFilter?, _ format: some EventFormat,
        _ detail: EventDetail
    ) throws {
        let sink = EventPrinter(format, in: selection.times, where: condition, to: STDOUT_FILENO)
        let passwords = try password.read()
        try archive.convertingErrors {
            try sink.receiveAll { emit in try source.replay(selection, detail, passwords: passwords, emit: emit) }
        }
        try sink.printer.finish()
        if sink.count == 0, !log.quiet { Terminal.printMessage("no event matches") }
    }
}
