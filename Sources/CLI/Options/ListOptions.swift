// Options of the commands that print lists: `sessions` and `search`.

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

    /// Parses the condition of `--where`; nil without the option.
    ///
    /// - Throws: `ValidationError` if the expression is invalid for this kind of list.
    func condition(for scope: Filter.Scope) throws -> Filter? {
        do {
            return try filter.map { try Filter($0, for: scope) }
        } catch let error as FilterError {
            throw ValidationError("--where: \(error)")
        }
    }
}
