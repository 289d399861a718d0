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
import Transcripts

struct TranscriptCommand: ParsableCommand {
    enum Style: String, ExpressibleByArgument, CaseIterable {
        case text, html, xml, jsonl, markdown
    }

    static let configuration = CommandConfiguration(
        commandName: "transcript",
        abstract: "Write conversations as text, an HTML page, Markdown, JSON lines or an MSN Messenger log.",
        discussion: """
            What to write is named as for show; a conversation that went over several switchboards comes as one, whichever of \
            them is named. Without an identifier it is everything. html is one page with a list of contents, which loads \
            nothing from outside; xml is the MessageLog that Messenger itself wrote. Times are UTC.

            Examples:
              butterflynet transcript v12
              butterflynet transcript s1 --output monday.html
              butterflynet transcript --format xml > log.xml
            """)

    @Argument(
        help: ArgumentHelp(
            "Connection c12, conversation v12, sign-in s3 or recording r1 (default: everything).", valueName: "id"))
    var id: String?

    @OptionGroup var archive: ArchiveOptions

    @Option(help: "text, html, xml, jsonl or markdown (default: by the ending of --output, else text).")
    var format: Style?

    @OptionGroup var output: OutputOptions

    @Flag(help: "Also tell when somebody types.")
    var typing = false

    @Flag(help: "Print nothing but results and errors.")
    var quiet = false

    private static let formats = FormatChoice(
        endings: [
            "html": .html, "htm": .html, "xml": .xml, "txt": .text, "jsonl": .jsonl, "md": .markdown,
            "markdown": .markdown,
        ], standard: Style.text)

    private var style: Style { Self.formats.format(format, output: output.output) }

    func validate() throws {
        try ArchiveID.validate(id)
    }

    func run() throws {
        if let warning = Self.formats.warning(format, output: output.output) { Terminal.printMessage(warning) }
        let source = try archive.open()
        let conversationIndex = try index(source, id.flatMap(ArchiveID.init))
        if conversationIndex.conversations.isEmpty, !quiet {
            Terminal.printMessage(id.map { "no conversation on \($0)" } ?? "no conversation in \(source.path)")
        }
        if style == .xml, !quiet {
            // Browsers show an empty page without it.
            Terminal.printMessage(
                "browsers need MessageLog.xsl beside the log: it is part of MSN Messenger and comes with its own logs")
        }
        try output.fill { try write(conversationIndex, source, to: $0) }
    }

    /// Finds the conversations that contain the given part of the archive; all without an identifier.
    private func index(_ source: Archive, _ id: ArchiveID?) throws -> ConversationIndex {
        try archive.convertingErrors {
            let recordings = try source.recordings(of: id)
            // `replay` throws the error for an unknown identifier.
            if id != nil, recordings.isEmpty { try source.replay(id, .none) { _ in false } }
            return try ConversationIndex(
                recordings, keepsPictures: style == .html, sha1: { Array(Insecure.SHA1.hash(data: $0)) }
            ) { recording, emit in
                try source.replay(apart: recording, asked: id, EventDetail(SegmentFinder.analysis), emit: emit)
            }
        }
    }

    private func write(_ conversationIndex: ConversationIndex, _ source: Archive, to descriptor: Int32) throws {
        var printer = Printer(descriptor: descriptor)
        var bytes: [UInt8] = []
        let headings = ChatHeading.all(conversationIndex.conversations, names: conversationIndex.names)
        var format: any ChatFormat =
            switch style {
            case .text: ChatText()
            case .html: ChatHTML(contents: headings) { conversationIndex.attachments.picture($0) }
            case .xml: MessageLogXML()
            case .jsonl: ChatJSON()
            case .markdown: ChatMarkdown()
            }
        /// Moves formatted bytes to the printer; false if the output has no reader any more.
        func flush(_ bytes: inout [UInt8]) -> Bool {
            printer.bytes += bytes
            bytes.removeAll(keepingCapacity: true)
            return printer.flushIfFull()
        }
        func append(_ entry: ChatEntry) {
            format.append(entry, to: &bytes) { _ = flush(&$0) }
        }
        format.begin(count: conversationIndex.conversations.count, to: &bytes)
        for (heading, conversation) in zip(headings, conversationIndex.conversations) {
            guard flush(&bytes) else { break }
            format.open(heading, to: &bytes)
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
            format.close(to: &bytes)
        }
        format.finish(to: &bytes)
        _ = flush(&bytes)
        try printer.finish()
    }
}
