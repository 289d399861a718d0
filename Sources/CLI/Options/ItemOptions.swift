// What a command takes from the archive: the arguments of `transcript`, `extract` and `export`.

import Archive
import ArgumentParser
internal import Events

/// Identifiers, times and people; everything without any.
struct ItemOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Connection c12, conversation v12, sign-in s3 or recording r1 (default: everything).", valueName: "id"))
    var ids: [String] = []

    @OptionGroup(title: "Selection") var selection: SelectionOptions
    @OptionGroup var time: LocalTimeOptions

    func validate() throws { _ = try Identifiers.parse(ids) }

    /// The selection in an archive.
    func archiveSelection() throws -> ArchiveSelection { try selection.selection(ids, time.times) }
}
