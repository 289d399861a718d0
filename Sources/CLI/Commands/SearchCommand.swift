// The subcommand `search`: full-text search in the archive's messages.

import Archive
import ArgumentParser
import Console
import Glibc
internal import Query

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search the texts of all messages in the archive.",
        usage: "butterflynet search [<options>] <word> ...",
        discussion: """
            Finds messages containing all words, in any case and script, the latest recorded first, with context. A word of three letters or more also finds longer ones that start with it. Words in \
            quotes are a phrase.

            Examples:
              butterflynet search holiday
              butterflynet search "see you" --where 'from == alice@example.com'
              butterflynet search holiday --with bob --since 2005-05-01 --local
              butterflynet search 你好 --format jsonl
            """)

    @Argument(help: ArgumentHelp("What to look for.", valueName: "word"))
    var words: [String]

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var list: ListOptions

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("Maximum number of messages.", valueName: "number"))
    var limit = 50

    /// Limits of a query, far above any real one: its cost grows faster than its number of words.
    private static let mostWords = 64
    private static let mostLetters = 4_096

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is 1 or more.") }
        if words.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) {
            throw ValidationError("There is no word to search for.")
        }
    }

    func run() throws {
        guard words.count <= Self.mostWords else {
            throw Self.tooManyWords(words.count)
        }
        let letters = words.reduce(0) { $0 + $1.unicodeScalars.count }
        guard letters <= Self.mostLetters else {
            throw CommandError.usage("search takes \(Self.mostLetters) letters at most, not \(letters)")
        }
        let condition = try list.condition(for: .messages)
        let selection = try self.selection.selection([], list.time.times)
        let source = try archive.open()
        var printer = Printer(descriptor: STDOUT_FILENO)
        var format = SearchResultFormat(isJSON: list.format == .jsonl, zone: list.time.zone)
        var count = 0
        try archive.convertingErrors {
            try source.search(words, limit: limit, in: selection, where: condition) { found in
                format.append(found, to: &printer.bytes)
                count += 1
                return printer.flushIfFull()
            }
        }
        try printer.finish()
        guard !list.quiet else { return }
        if count == 0 { Terminal.printMessage("nothing was found") }
        if count == limit { Terminal.printMessage("there may be more; --limit asks for more than \(limit)") }
    }

    private static func tooManyWords(_ count: Int) -> CommandError {
        .usage("search takes \(mostWords) words at most, not \(count)")
    }

    /// Rejects far too many words before argument parsing, whose time grows with the square of their number.
    static func rejectTooManyWords(_ arguments: [String]) throws {
        let words = arguments.dropFirst().count { !$0.hasPrefix("-") }
        guard arguments.first == configuration.commandName, words > 4 * mostWords else { return }
        throw tooManyWords(words)
    }
}
