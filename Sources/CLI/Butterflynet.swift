// The program's entry point: its subcommands, error output and exit codes.

import ArgumentParser
import CMalloc
import Glibc

@main
struct Butterflynet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ProgramInfo.name,
        abstract: "Relay, recorder and capture reader for MSN Messenger's protocol (CVR0, MSNP2 to MSNP21).",
        usage: "butterflynet <command> [<options>]",
        discussion: """
            Examples:
              butterflynet demo                                     see it work
              butterflynet relay --upstream messenger.example.org   watch your client
              butterflynet relay --upstream 10.0.0.5 --format jsonl > session.jsonl
            """,
        version: "\(ProgramInfo.name) \(ProgramInfo.version)",
        subcommands: [
            RelayCommand.self, DecodeCommand.self, StreamsCommand.self, ImportCommand.self, SessionsCommand.self,
            TalksCommand.self, ContactsCommand.self, StatsCommand.self, ShowCommand.self, SearchCommand.self,
            TranscriptCommand.self, LadderCommand.self, WebCommand.self, ExtractCommand.self, ExportCommand.self,
            DeleteCommand.self,
            ReindexCommand.self,
            SandboxCommand.self, DemoCommand.self, DoctorCommand.self, VersionCommand.self,
        ])

    @Flag(name: .customShort("V"), help: "The same as --version.")
    var showsVersion = false

    func validate() throws {
        if showsVersion { throw CleanExit.message(Self.configuration.version) }
    }

    static func main() async {
        shareFreedMemory()
        StandardStreams.fill()
        // A write to a closed pipe or socket then fails with EPIPE instead of ending the program.
        signal(SIGPIPE, SIG_IGN)
        // A write beyond the file size limit then fails like one on a full disk instead of ending the program.
        signal(SIGXFSZ, SIG_IGN)
        do {
            try SearchCommand.rejectTooManyWords(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Self.exit(reporting: error)
        }
    }

    /// Has as many threads share freed memory as can run at a time. By default glibc keeps what most threads have freed
    /// apart for each, which doubles what the page takes for a long connection. It must be called before there are
    /// threads.
    private static func shareFreedMemory() { mallopt(M_ARENA_MAX, Int32(clamping: max(2, Cores.available))) }

    /// Reports an error and ends the program. Wrong usage has exit code 2, on which scripts rely, not the parser's 64.
    private static func exit(reporting error: any Error) -> Never {
        if let reported = error as? ReportedExit { Glibc.exit(reported.code) }
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if code == .success {
            if !message.isEmpty {
                print(message.hasPrefix("OVERVIEW: ") ? ProgramInfo.substituteCommand(in: message) : message)
            }
            Glibc.exit(0)
        }
        if let failure = error as? CommandError {
            Terminal.printMessage(failure.message, details: failure.details)
            Glibc.exit(failure.code)
        }
        let arguments = Array(CommandLine.arguments.dropFirst())
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        if code == .validationFailure, let advice = UsageAdvice.onCommand(arguments, names: names) {
            Terminal.printMessage(advice)
        } else if !message.isEmpty {
            Terminal.printParserMessage(message, instead: UsageAdvice.onOption(arguments), arguments: arguments)
        }
        Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
    }
}

/// Ends the program with an exit code; the reason was already printed.
struct ReportedExit: Error {
    let code: Int32
}

/// Ends the program with a message.
struct CommandError: Error {
    /// The message; the program's name is printed before it.
    let message: String
    /// Further lines, printed below the message.
    var details: [String] = []
    let code: Int32

    /// Wrong usage: exit code 2.
    static func usage(_ message: String) -> CommandError { CommandError(message: message, code: 2) }
    /// A failure at run time: exit code 1.
    static func failed(_ message: String, _ details: [String] = []) -> CommandError {
        CommandError(message: message, details: details, code: 1)
    }
}
