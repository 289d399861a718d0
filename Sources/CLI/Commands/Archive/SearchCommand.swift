// The subcommand `search`: full-text search in the archive's messages.

import Archive
import ArgumentParser
import Console
import Glibc
internal import Query

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search messages, names and file names in the archive.",
        usage: "butterflynet search [<options>] <word> ...",
        discussion: """
            Finds messages containing all words, in any case and script, newest first, with context; then people and files \
            whose names contain them. A word of three letters or more, or with * behind it, also finds longer ones that \
            start with it. Words in quotes are a phrase.

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
        var format = SearchResultFormat(
            isJSON: list.format == .jsonl, colors: Terminal.wantsColors(.auto), zone: list.time.zone)
        var (messages, others) = (0, 0)
        var isMore = false
        try archive.convertingErrors {
            isMore = try source.search(words, limit: limit, in: selection, where: condition) { found in
                format.append(found, to: &printer.bytes)
                messages += 1
                return printer.flushIfFull()
            }
            format.finish(to: &printer.bytes)
            // A condition on messages, or on when and with whom they were sent, cannot hold for a person.
            if condition == nil, selection.isEverything {
                let isMorePeople = try source.searchPeople(words, limit: limit) { found in
                    format.append(found, to: &printer.bytes)
                    others += 1
                    return printer.flushIfFull()
                }
                isMore = isMore || isMorePeople
            }
            let isMoreFiles = try source.searchFiles(words, limit: limit, in: selection, where: condition) { found in
                format.append(found, to: &printer.bytes)
                others += 1
                return printer.flushIfFull()
            }
            isMore = isMore || isMoreFiles
        }
        try printer.finish()
        guard !list.quiet else { return }
        if messages + others == 0 {
            Terminal.printMessage("nothing was found", details: hints(isFiltered: condition != nil))
        }
        if isMore { Terminal.printMessage("first \(limit) matches; --limit N for more") }
    }

    /// What may help if nothing was found.
    private func hints(isFiltered: Bool) -> [String] {
        var hints: [String] = []
        if let word = words.first(where: { ["AND", "OR", "NOT", "NEAR"].contains($0) }) {
            hints.append("  \(word) is searched as a word like any other")
        }
        if let word = words.first(where: { $0.dropLast().contains("*") }) {
            hints.append("  * stands for the rest of a word, only at its end: not in \"\(word)\"")
        }
        if words.count > 1 { hints.append("  a message must contain all words; try fewer") }
        if isFiltered { hints.append("  only messages that match the options were searched") }
        return hints.isEmpty ? ["  words are found from their beginning: ball does not find football"] : hints
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
