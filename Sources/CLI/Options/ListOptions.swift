// Options of the commands that print lists: `sessions`, `talks`, `contacts` and `search`.

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

extension ParsableArguments {
    /// Checks the value of `--limit`.
    func checkLimit(_ limit: Int?) throws {
        if let limit, limit < 1 { throw ValidationError("--limit is 1 or more.") }
    }
}
