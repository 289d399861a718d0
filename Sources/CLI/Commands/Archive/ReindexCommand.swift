// The subcommand `reindex`: rebuilds the archive's derived tables from the recorded bytes.

import Archive
import ArgumentParser

struct ReindexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Rebuild the archive's derived tables: messages, conversations, contacts, presence.",
        usage: "butterflynet reindex [<options>]",
        discussion: """
            They are derived from the recorded bytes, which do not change: a later version may decode more of them.

            Examples:
              butterflynet reindex
              butterflynet reindex --archive msn.sqlite
            """)

    @OptionGroup var archive: ArchiveOptions

    @Flag(name: .shortAndLong, help: "Only print errors.")
    var quiet = false

    func run() throws {
        let target = try archive.open()
        archive.warnIfReadableByOthers()
        let count = try archive.convertingErrors { try target.reindex() }
        if !quiet { Terminal.printMessage("reindexed: \(count) messages") }
    }
}
