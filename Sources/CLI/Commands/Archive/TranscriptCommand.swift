// The subcommand `transcript`: writes conversations as text, HTML, XML, JSON lines or Markdown.

internal import Analysis
import Archive
import ArgumentParser
import Charsets
import Console
import Crypto
internal import Events
import MSNP
import Payloads
internal import Query
import Transcripts

struct TranscriptCommand: ParsableCommand {
    enum Style: String, ExpressibleByArgument, CaseIterable {
        case text, html, xml, jsonl, markdown
    }

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
        completion: .list(Style.allCases.map(\.rawValue)))
    var format: Style?

    @OptionGroup var output: OutputOptions

    @Flag(help: "Include when somebody is typing.")
    var typing = false

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    private static let formats = FormatChoice(
        endings: [
            "html": .html, "htm": .html, "xml": .xml, "txt": .text, "jsonl": .jsonl, "md": .markdown,
            "markdown": .markdown,
        ], standard: Style.text)

    private var style: Style { Self.formats.format(format, output: output.output) }

    func run() throws {
        if let warning = Self.formats.warning(format, output: output.output) { Terminal.printMessage(warning) }
        let source = try archive.open()
        let selection = try items.archiveSelection()
        let conversationIndex = try index(source, selection)
        if conversationIndex.conversations.isEmpty, !quiet {
            Terminal.printMessage(
                selection.isEverything
                    ? "no conversation in \(source.path)" : "no conversation of this selection in \(source.path)")
        }
        if style == .xml, !quiet {
            // Browsers show an empty page without it.
            Terminal.printMessage(
                "browsers need MessageLog.xsl beside the log: it is part of MSN Messenger and comes with its own logs")
        }
        try output.fill { try write(conversationIndex, source, to: $0) }
    }

    /// Finds the conversations that contain a selected part of the archive, and in which all selected people took part.
    private func index(_ source: Archive, _ selection: ArchiveSelection) throws -> ConversationIndex {
        // People are compared with the participants of conversations: a direct message has no conversation in the archive.
        var connections = selection
        connections.people = []
        return try archive.convertingErrors {
            try ConversationIndex(
                source.recordings(of: connections), keepsPictures: style == .html,
                sha1: { Array(Insecure.SHA1.hash(data: $0)) },
                isWanted: { conversation, names in
                    selection.times.overlaps(conversation.first, conversation.last)
                        && selection.people.allSatisfy { person in
                            conversation.accounts.contains { account in
                                person.matches(account: account)
                                    || names.names(of: account).contains { person.matches(name: $0) }
                            }
                        }
                },
                replay: { recording, emit in
                    try source.replay(
                        apart: recording, asked: connections, EventDetail(SegmentFinder.analysis), emit: emit)
                })
        }
    }

    private func write(_ conversationIndex: ConversationIndex, _ source: Archive, to descriptor: Int32) throws {
        var printer = Printer(descriptor: descriptor)
        var bytes: [UInt8] = []
        let zone = items.time.zone
        let span = try items.selection.span(items.time.times)
        let headings = ChatHeading.all(conversationIndex.conversations, names: conversationIndex.names)
        var format: any ChatFormat =
            switch style {
            case .text: ChatText(zone: zone)
            case .html: ChatHTML(contents: headings, zone: zone) { conversationIndex.attachments.picture($0) }
            case .xml: MessageLogXML(zone: zone)
            case .jsonl: ChatJSON()
            case .markdown: ChatMarkdown(zone: zone)
            }
        /// Moves formatted bytes to the printer; false if the output has no reader any more.
        func flush(_ bytes: inout [UInt8]) -> Bool {
            printer.bytes += bytes
            bytes.removeAll(keepingCapacity: true)
            return printer.flushIfFull()
        }
        var opened = 0
        var heading: ChatHeading?
        /// Writes the heading of a conversation before its first entry.
        func open() {
            guard var next = heading else { return }
            heading = nil
            opened += 1
            next.number = opened
            format.open(next, to: &bytes)
        }
        func append(_ entry: ChatEntry) {
            guard span.contains(entry.time) else { return }
            open()
            format.append(entry, to: &bytes) { _ = flush(&$0) }
        }
        format.begin(count: conversationIndex.conversations.count, to: &bytes)
        for (next, conversation) in zip(headings, conversationIndex.conversations) {
            guard flush(&bytes) else { break }
            heading = next
            if span.isAlways { open() }
            var reader = ConversationReader(
                conversation, names: conversationIndex.names, sideEvents: conversationIndex.attachments.sideEvents,
                charsets: .iconv, showsTyping: typing)
            for group in conversation.connectionGroups {
                try archive.convertingErrors {
                    try source.replay(together: group, EventDetail(SegmentFinder.analysis)) { event in
                        reader.take(event, emit: append)
                        return flush(&bytes)
                    }
                }
            }
            reader.finish(emit: append)
            if heading == nil { format.close(to: &bytes) }
        }
        format.finish(to: &bytes)
        _ = flush(&bytes)
        try printer.finish()
    }
}
