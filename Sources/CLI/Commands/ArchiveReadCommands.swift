// butterflynet show, search and reindex: what the archive holds, again.

import Archive
import ArgumentParser
import Console
internal import Events
import Glibc
internal import Output
internal import Query

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
        guard ArchiveID(id) != nil else {
            throw ValidationError("\"\(id)\" is no identifier: sessions prints them, such as s1, c12 or v12.")
        }
    }

    func run() throws {
        guard let id = ArchiveID(id) else { return }
        let source = try archive.open()
        let presentation = log.presentation(source.maskKey)
        switch log.format {
        case .text: try print(id, of: source, TextFormat(presentation))
        case .jsonl: try print(id, of: source, JSONFormat(presentation))
        }
    }

    private func print(_ id: ArchiveID, of source: Archive, _ format: some EventFormat) throws {
        let sink = EventPrinter(format, where: log.condition, to: STDOUT_FILENO)
        let passwords = try password.read()
        try archive.said {
            try sink.receiveAll { emit in try source.replay(id, passwords: passwords, emit: emit) }
        }
        try sink.printer.finish()
    }
}

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search the texts of all messages in the archive.",
        discussion: """
            Finds messages that hold all of the words, in any case and any script, the latest recorded first, each with \
            what was said around it. A word of three letters or more also finds longer ones that start with it. Words in \
            quotes are a phrase.

            Examples:
              butterflynet search holiday
              butterflynet search "see you" --where 'from == alice@example.com'
              butterflynet search 你好 --format jsonl
            """)

    @Argument(help: "What to look for.")
    var words: [String]

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var list: ListOptions

    @Option(help: "How many messages at most.")
    var limit = 50

    /// More than anybody means; the cost of a question grows faster than its words.
    private static let mostWords = 64
    private static let mostLetters = 4_096

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is 1 or more.") }
        if words.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) {
            throw ValidationError("There is no word to search for.")
        }
        _ = try list.condition(for: .messages)
    }

    func run() throws {
        guard words.count <= Self.mostWords else {
            throw Self.tooMany(words.count)
        }
        let letters = words.reduce(0) { $0 + $1.unicodeScalars.count }
        guard letters <= Self.mostLetters else {
            throw CommandError.usage("search takes \(Self.mostLetters) letters at most, not \(letters)")
        }
        let condition = try list.condition(for: .messages)
        let source = try archive.open()
        var printer = Printer(descriptor: STDOUT_FILENO)
        var format = FoundFormat(isJSON: list.format == .jsonl)
        var count = 0
        try archive.said {
            try source.search(words, limit: limit, where: condition) { found in
                format.append(found, to: &printer.bytes)
                count += 1
                return printer.flushIfFull()
            }
        }
        try printer.finish()
        guard !list.quiet else { return }
        if count == 0 { Terminal.complain("nothing was found") }
        if count == limit { Terminal.complain("there may be more; --limit asks for more than \(limit)") }
    }

    private static func tooMany(_ count: Int) -> CommandError {
        .usage("search takes \(mostWords) words at most, not \(count)")
    }

    /// Refuses far too many words before they are parsed: that takes time that grows with the square of their number.
    static func refuseTooManyWords(_ arguments: [String]) throws {
        let words = arguments.dropFirst().count { !$0.hasPrefix("-") }
        guard arguments.first == configuration.commandName, words > 4 * mostWords else { return }
        throw tooMany(words)
    }
}

struct ReindexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Make the archive's tables of messages, conversations, contacts and presence again.",
        discussion: """
            They are read out of the bytes that were recorded, which stay as they are: a later version may understand \
            more of them.

            Examples:
              butterflynet reindex
              butterflynet reindex --archive msn.sqlite
            """)

    @OptionGroup var archive: ArchiveOptions

    @Flag(help: "Print nothing but errors.")
    var quiet = false

    func run() throws {
        let target = try archive.open()
        archive.warnOfExposure()
        let count = try archive.said { try target.reindex() }
        if !quiet { Terminal.complain("the archive has \(count) messages") }
    }
}

extension Printer {
    /// Writes what is left, and fails where it cannot be written.
    mutating func finish() throws {
        flush()
        if let failure { throw CommandError.failed("cannot write the results: \(failure)") }
    }
}
