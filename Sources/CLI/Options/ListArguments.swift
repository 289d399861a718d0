// What a list contains: the arguments of `sessions`, `talks` and `contacts`.

import Archive
import ArgumentParser
internal import Query

/// Identifiers, parts of accounts and names, times and people; everything without any.
struct ListArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Only of s3, r1, c12 or v12, or with accounts or names that contain this.", valueName: "what"))
    var words: [String] = []

    @OptionGroup(title: "Selection") var selection: SelectionOptions

    /// The query in an archive.
    ///
    /// - Throws: `CommandError` if the filter is invalid.
    func query(_ list: ListOptions) throws -> SessionQuery {
        var query = SessionQuery(filter: try list.condition(for: .sessions), selection: ListSelection(words))
        query.restriction = try selection.selection([], list.time.times)
        return query
    }
}
