// The subcommand `transcript`: writes conversations as text, HTML, XML, JSON lines or Markdown.

import Archive
import ArchiveOutput
import ArgumentParser
internal import Transcripts

struct TranscriptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcript",
        abstract: "Write conversations as text, an HTML page, Markdown, JSON lines or an MSN Messenger log.",
        usage: "butterflynet transcript [<options>] [<id> ...]",
        discussion: """
            What to write is named as for show; a conversation that went over several switchboards comes as one, whichever of \
            them is named. Without an identifier it is everything. html is one page with a list of contents, which loads \
            nothing from outside; xml is the MessageLog that Messenger itself wrote. Times are UTC without --local.

            Examples:
              butterflynet transcript v12
              butterflynet transcript s1 --output monday.html
              butterflynet transcript --with bob@example.com --since 2005-05-06 --local
              butterflynet transcript --format xml > log.xml
            """)

    @OptionGroup var items: ItemOptions
    @OptionGroup var archive: ArchiveOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "text, html, xml, jsonl or markdown (default: by the ending of --output, else text).", valueName: "format"),
        completion: .list(TranscriptExport.Format.allCases.map(\.rawValue)))
    var format: TranscriptExport.Format?

    @OptionGroup var output: OutputOptions

    @Flag(help: "Include when somebody is typing.")
    var typing = false

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    private static let formats = FormatChoice(
        endings: [
            "html": .html, "htm": .html, "xml": .xml, "txt": .text, "jsonl": .jsonl, "md": .markdown,
            "markdown": .markdown,
        ], standard: TranscriptExport.Format.text)

    private var style: TranscriptExport.Format { Self.formats.format(format, output: output.output) }

    func run() throws {
        if let warning = Self.formats.warning(format, output: output.output) { Terminal.printMessage(warning) }
        let source = try archive.open()
        let selection = try items.archiveSelection()
        let export = try archive.convertingErrors { try TranscriptExport(source, selection, style) }
        if export.index.conversations.isEmpty, !quiet {
            Terminal.printMessage(
                selection.isEverything
                    ? "no conversation in \(source.path)" : "no conversation of this selection in \(source.path)")
        }
        if style == .xml, !quiet {
            // Browsers show an empty page without it.
            Terminal.printMessage(
                "browsers need MessageLog.xsl beside the log: it is part of MSN Messenger and comes with its own logs")
        }
        try output.fill { descriptor in
            do {
                try archive.convertingErrors {
                    try export.write(zone: items.time.zone, typing: typing, to: descriptor)
                }
            } catch let error as ArchiveExport.WriteError {
                throw CommandError.failed("cannot write the results: \(error.reason)")
            }
        }
    }
}

extension TranscriptExport.Format: ExpressibleByArgument {}
