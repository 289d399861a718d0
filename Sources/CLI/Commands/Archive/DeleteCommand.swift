// The subcommand `delete`: removes recorded data from the archive for good.

internal import Analysis
import Archive
import ArgumentParser
internal import Events
import Glibc

struct DeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete sign-ins, recordings, connections or conversations from the archive for good.",
        usage: "butterflynet delete [<options>] <id> ...",
        discussion: """
            Deletes recorded data with everything that belongs to it: bytes, messages, names, findings, entries of the \
            search index, accounts that occur nowhere else. The archive is then rewritten, so that no traces are left in \
            the file; this temporarily needs disk space for two copies. Other identifiers do not change, and deleted ones \
            are not used again.

            Examples:
              butterflynet delete s3
              butterflynet delete --dry-run r1 r2
              butterflynet delete --before 2005-01-01 --yes
            """)

    @Argument(help: ArgumentHelp("Connection c12, conversation v12, sign-in s3 or recording r1.", valueName: "id"))
    var ids: [String] = []

    @OptionGroup var archive: ArchiveOptions

    @Option(
        help: ArgumentHelp(
            "Delete sign-ins and connections that ended before this time (UTC), such as 2005, 2005-05-06 or 30d.",
            valueName: "time"),
        transform: DateArgument.parse)
    var before: DateArgument?

    @Flag(help: "Only print what would be deleted.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(name: .shortAndLong, help: "Only print errors.")
    var quiet = false

    func validate() throws {
        _ = try Identifiers.parse(ids)
        if ids.isEmpty == (before == nil) {
            throw ValidationError("delete needs identifiers such as s3, or --before with a day such as 2005-01-01.")
        }
        if !yes, !dryRun, isatty(STDIN_FILENO) == 0 {
            throw ValidationError(
                "delete asks before it deletes, and there is no terminal to ask on: add --yes, or --dry-run to see what "
                    + "would be deleted.")
        }
    }

    func run() throws {
        let target = before.map { DeletionTarget.before($0.start) } ?? .items(ids.compactMap(ArchiveID.init))
        let source = try archive.open()
        let planned = try archive.convertingErrors { try source.deletionSummary(of: target) }
        for id in planned.running where before != nil {
            printUnlessQuiet("\(id) is still being recorded and stays")
        }
        guard !planned.isEmpty else { return printUnlessQuiet("nothing to delete") }
        if dryRun { return Terminal.printMessage("would delete \(planned.text)") }
        if !yes {
            guard Terminal.confirms("Delete \(planned.text) from \(archive.path) for good?") else {
                throw CommandError.failed("nothing was deleted")
            }
        }
        let sizeBefore = source.size
        let deleted = try archive.convertingErrors { try source.delete(target) }
        let isLogEmpty: Bool
        do {
            isLogEmpty = try source.compact()
        } catch let error as ArchiveError {
            throw CommandError.failed(
                "deleted \(deleted.text), but traces may be left in unused parts of the file",
                ["\(error)", "any later delete removes them"])
        }
        let size = "\(Self.megabytes(sizeBefore)) → \(Self.megabytes(source.size))"
        printUnlessQuiet("deleted \(deleted.text); \(archive.path): \(size)")
        if !isLogEmpty {
            throw CommandError.failed(
                "another program is reading the archive: traces stay in \(archive.path)-wal until it ends")
        }
    }

    private func printUnlessQuiet(_ text: String) {
        if !quiet { Terminal.printMessage(text) }
    }

    private static func megabytes(_ bytes: Int64) -> String {
        if bytes < 10_000_000 { return "\(bytes / 1_000) kB" }
        let tenths = bytes / 100_000
        return "\(tenths / 10).\(tenths % 10) MB"
    }
}

extension DeletionSummary {
    /// `1 sign-in, 3 connections, 20 messages`.
    fileprivate var text: String {
        var parts: [String] = []
        if recordings > 0 { parts.append(recordings.counting("recording")) }
        if signIns > 0 { parts.append(signIns.counting("sign-in")) }
        parts.append(connections.counting("connection"))
        parts.append(messages.counting("message"))
        return parts.joined(separator: ", ") + " (\(bytes.counting("byte")))"
    }
}
