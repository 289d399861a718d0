// The subcommand `transcript`: writes conversations as text, HTML or XML.

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
        case text, html, xml
    }

    static let configuration = CommandConfiguration(
        commandName: "transcript",
        abstract: "Write conversations as people read them: text, HTML, or the log of MSN Messenger.",
        usage: "butterflynet transcript [<options>] [<id>]",
        discussion: """
            What to write is named as for show; a conversation that went over several switchboards comes as one, whichever of \
            them is named. Without an identifier it is everything. html is one page that loads nothing from outside; xml is \
            the MessageLog that Messenger itself wrote. Times are UTC.

            Examples:
              butterflynet transcript v12
              butterflynet transcript s1 --format html --output monday.html
              butterflynet transcript --format xml > log.xml
            """)

    @Argument(
        help: ArgumentHelp(
            "Connection c12, conversation v12, sign-in s3 or recording r1 (default: everything).", valueName: "id"))
    var id: String?

    @OptionGroup var archive: ArchiveOptions

    @Option(name: .shortAndLong, help: "Format of the conversations.")
    var format: Style = .text

    @OptionGroup var output: OutputOptions

    @Flag(help: "Include when somebody is typing.")
    var typing = false

    @Flag(name: .shortAndLong, help: "Only print results and errors.")
    var quiet = false

    func validate() throws {
        try ArchiveID.validate(id)
    }

    func run() throws {
        let source = try archive.open()
        let conversationIndex = try index(source, id.flatMap(ArchiveID.init))
        if conversationIndex.conversations.isEmpty, !quiet { Terminal.printMessage("nobody said anything there") }
        try output.fill { try write(conversationIndex, source, to: $0) }
    }

    /// Finds the conversations that contain the given part of the archive; all without an identifier.
    private func index(_ source: Archive, _ id: ArchiveID?) throws -> ConversationIndex {
        try archive.convertingErrors {
            let recordings = try source.recordings(of: id)
            // `replay` throws the error for an unknown identifier.
            if id != nil, recordings.isEmpty { try source.replay(id, .none) { _ in false } }
            return try ConversationIndex(
                recordings, keepsPictures: format == .html, sha1: { Array(Insecure.SHA1.hash(data: $0)) }
            ) { recording, emit in
                try source.replay(apart: recording, asked: id, EventDetail(SegmentFinder.analysis), emit: emit)
            }
        }
    }

    private func write(_ conversationIndex: ConversationIndex, _ source: Archive, to descriptor: Int32) throws {
        var printer = Printer(descriptor: descriptor)
        var bytes: [UInt8] = []
        var format: any ChatFormat =
            switch self.format {
            case .text: ChatText()
            case .html: ChatHTML(title: "Conversations") { conversationIndex.attachments.picture($0) }
            case .xml: MessageLogXML()
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
        for (index, conversation) in conversationIndex.conversations.enumerated() {
            guard flush(&bytes) else { break }
            format.open(ChatHeading(conversation, number: index + 1, names: conversationIndex.names), to: &bytes)
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
