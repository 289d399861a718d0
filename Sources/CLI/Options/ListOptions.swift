// Options of the commands that print lists: `sessions` and `search`.

internal import Archive
import ArgumentParser
import Console
internal import Query

/// The format, the filter, and whether to omit notes.
struct ListOptions: ParsableArguments {
    @Option(help: "How results are printed on standard output: text or jsonl.")
    var format: LiveLog.Style = .text

    @Option(name: .customLong("where"), help: ArgumentHelp("Print only what fulfils this.", valueName: "expr"))
    var filter: String?

    @Flag(help: "Print nothing but results and errors.")
    var quiet = false

    @OptionGroup var time: LocalTimeOptions

    /// Parses the condition of `--where`; nil without the option.
    ///
    /// - Throws: `ValidationError` if the expression is invalid for this kind of list.
    func condition(for scope: Filter.Scope) throws -> Filter? {
        do {
            let keys: FilterKeys = scope == .sessions ? .ofSessions : .ofMessages
            return try filter.map { try Filter($0, for: scope, keys: keys, times: time.times) }
        } catch let error as FilterError {
            throw ValidationError("--where: \(error)")
        }
    }
}
