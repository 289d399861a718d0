// Options of the commands that print lists: `sessions` and `search`.

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
