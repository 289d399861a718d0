// Options of the commands that print lists: `sessions`, `talks`, `contacts` and `search`.

internal import Archive
import ArgumentParser
import Console
internal import Query

/// The format, the filter, and whether to omit notes.
struct ListOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Format of the results on standard output.")
    var format: LiveLog.Style = .text

    @Option(
        name: [.customShort("w"), .customLong("where")],
        help: ArgumentHelp(
            "Only print what matches, such as 'account == alice@example.com and time > 2005-01-01'.",
            valueName: "expr"))
    var filter: String?

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    @OptionGroup var time: LocalTimeOptions

    /// Parses the condition of `--where`; nil without the option.
    ///
    /// - Throws: `CommandError` if the expression is invalid for this kind of list.
    func condition(for scope: Filter.Scope) throws -> Filter? {
        let keys: FilterKeys = scope == .sessions ? .ofSessions : .ofMessages
        return try FilterError.reported {
            try filter.map { try Filter($0, for: scope, keys: keys, times: time.times) }
        }
    }

    /// The width at which lines of text are cut: that of the terminal, if there is one.
    var width: Int? { format == .text ? Terminal.width : nil }

    /// What to list by default: `standard` lines of text, all objects of `jsonl`.
    ///
    /// - Parameter limit: the value of `--limit`.
    func limit(_ limit: Int?, standard: Int = 20) -> Int? { limit ?? (format == .text ? standard : nil) }

    /// Prints below a list how much there is beyond its limit.
    ///
    /// - Parameters:
    ///   - count: how many there are.
    ///   - limit: how many were printed at most.
    ///   - noun: what they are, in the plural.
    func printRest(of count: Int, limit: Int?, _ noun: String) {
        guard let limit, count > limit, !quiet, format == .text else { return }
        Terminal.printMessage("\(limit.grouped) of \(count.grouped) \(noun); --limit N for more")
    }
}

extension FilterError {
    /// Runs a parser, and converts its `FilterError` to wrong usage, with the mark on a line of its own.
    static func reported<Result>(_ parse: () throws -> Result) throws -> Result {
        do {
            return try parse()
        } catch let error as FilterError {
            let lines = error.description.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            var failure = CommandError.usage("--where: \(error.message)")
            failure.details = Array(lines.suffix(2))
            throw failure
        }
    }
}

extension ParsableArguments {
    /// Checks the value of `--limit`.
    func checkLimit(_ limit: Int?) throws {
        if let limit, limit < 1 { throw ValidationError("--limit is 1 or more.") }
    }
}
