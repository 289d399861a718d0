// The program: its subcommands, and what exit codes mean.

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
        version: "butterflynet \(Tool.version)",
        subcommands: [
            RelayCommand.self, DecodeCommand.self, StreamsCommand.self, ImportCommand.self, SessionsCommand.self,
            ShowCommand.self, SearchCommand.self, TranscriptCommand.self, ExtractCommand.self, ExportCommand.self,
            ReindexCommand.self, SandboxCommand.self, DemoCommand.self,
        ])

    static func main() async {
        StandardStreams.fill()
        // Peers that hang up are reported by the calls that notice.
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow further is a disk that is full, not a reason to die.
        signal(SIGXFSZ, SIG_IGN)
        do {
            try SearchCommand.refuseTooManyWords(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Self.leave(because: error)
        }
    }

    /// Ends the program with the exit code that scripts rely on: 2 for wrong usage, not `sysexits`' 64.
    private static func leave(because error: any Error) -> Never {
        if let stop = error as? ExplainedExit { Glibc.exit(stop.code) }
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        if code == .success {
            if !message.isEmpty { print(message) }
            Glibc.exit(0)
        }
        if let trouble = error as? CommandError {
            Terminal.complain(trouble.message, trouble.further)
            Glibc.exit(trouble.code)
        }
        if code == .validationFailure, let advice = adviceOnCommand() {
            Terminal.complain(advice)
        } else if !message.isEmpty {
            Terminal.say(message: message, about: Array(CommandLine.arguments.dropFirst()))
        }
        Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
    }

    /// What to say where the first word is no command at all: which there are.
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

/// A way to end that was already explained.
struct ExplainedExit: Error {
    let code: Int32
}

/// A way to end that needs one line, or some more.
struct CommandError: Error {
    let message: String
    var further: [String] = []
    let code: Int32

    /// Wrong usage.
    static func usage(_ message: String) -> CommandError { CommandError(message: message, code: 2) }
    /// Failed while running.
    static func failed(_ message: String, _ further: [String] = []) -> CommandError {
        CommandError(message: message, further: further, code: 1)
    }
}
