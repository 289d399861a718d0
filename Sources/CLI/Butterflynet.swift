// The program's entry point: its subcommands, error output and exit codes.

import ArgumentParser
import Glibc

@main
struct Butterflynet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "butterflynet",
        abstract: "Relay, recorder and capture reader for MSN Messenger's protocol (CVR0, MSNP2 to MSNP21).",
        discussion: """
            Examples:
              butterflynet demo                                see it work
              butterflynet relay --upstream messenger.example.org   watch your client
              butterflynet relay --upstream 10.0.0.5 --format jsonl > session.jsonl
            """,
        version: "butterflynet \(ProgramInfo.version)",
        subcommands: [
            RelayCommand.self, DecodeCommand.self, StreamsCommand.self, ImportCommand.self, SessionsCommand.self,
            TalksCommand.self, ContactsCommand.self, StatsCommand.self, ShowCommand.self, SearchCommand.self,
            TranscriptCommand.self, ExtractCommand.self, ExportCommand.self, DeleteCommand.self, ReindexCommand.self,
            SandboxCommand.self, DemoCommand.self,
        ])

    static func main() async {
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

    /// Reports an error and ends the program. Wrong usage has exit code 2, on which scripts rely, not the parser's 64.
    private static func exit(reporting error: any Error) -> Never {
        if let reported = error as? ReportedExit { Glibc.exit(reported.code) }
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if code == .success {
            if !message.isEmpty { print(message) }
            Glibc.exit(0)
        }
        if let failure = error as? CommandError {
            Terminal.printMessage(failure.message, details: failure.details)
            Glibc.exit(failure.code)
        }
        if code == .validationFailure, let advice = adviceOnCommand() {
            Terminal.printMessage(advice)
        } else if !message.isEmpty {
            Terminal.printParserMessage(message, arguments: Array(CommandLine.arguments.dropFirst()))
        }
        Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
    }

    /// The message for a first argument that is not a subcommand; nil if it is one.
    private static func adviceOnCommand() -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let first = CommandLine.arguments.dropFirst().first, first != "help", !names.contains(first) else {
            return nil
        }
        if first.hasPrefix("-") {
            let command = CommandLine.arguments.dropFirst().first(where: names.contains)
            return command.map { "\(first) belongs behind the command: butterflynet \($0) \(first) …" }
        }
        return "there is no command \(first); there are \(names.joined(separator: ", ")), and --help"
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
