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
internal import Query
import Transcripts

struct TranscriptCommand: ParsableCommand {
    enum Style: String, ExpressibleByArgument, CaseIterable {
        case text, html, xml
    }

    static let configuration = CommandConfiguration(
        commandName: "transcript",
        abstract: "Write conversations as people read them: text, HTML, or the log of MSN Messenger.",
        discussion: """
            What to write is named as for show; a conversation that went over several switchboards comes as one, whichever of \
            them is named. Without an identifier it is everything. html is one page that loads nothing from outside; xml is \
            the MessageLog that Messenger itself wrote. Times are UTC without --local.

            Examples:
              butterflynet transcript v12
              butterflynet transcript s1 --format html --output monday.html
              butterflynet transcript --with bob@example.com --since 2005-05-06 --local
              butterflynet transcript --format xml > log.xml
            """)

    @Argument(help: ArgumentHelp("c12, v12, s3 or r1; everything without it.", valueName: "id"))
    var ids: [String] = []

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var time: LocalTimeOptions

    @OptionGroup var archive: ArchiveOptions

    @Option(help: "text, html or xml.")
    var format: Style = .text

    @OptionGroup var output: OutputOptions

    @Flag(help: "Also tell when somebody types.")
    var typing = false

    @Flag(help: "Print nothing but results and errors.")
    var quiet = false

    func validate() throws {
        _ = try Identifiers.parse(ids)
    }

    func run() throws {
        let source = try archive.open()
        let conversationIndex = try index(source, selection.selection(ids, time.times))
        if conversationIndex.conversations.isEmpty, !quiet { Terminal.printMessage("nobody said anything there") }
        try output.fill { try write(conversationIndex, source, to: $0) }
    }

    /// Finds the conversations that contain a selected part of the archive, and in which all selected people took part.
    private func index(_ source: Archive, _ selection: ArchiveSelection) throws -> ConversationIndex {
        // People are compared with the participants: direct messages are no conversation in the archive.
        var connections = selection
        connections.people = []
        return try archive.convertingErrors {
            var index = try ConversationIndex(
                source.recordings(of: connections), keepsPictures: format == .html,
                sha1: { Array(Insecure.SHA1.hash(data: $0)) }
            ) { recording, emit in
                try source.replay(
                    apart: recording, asked: connections, EventDetail(SegmentFinder.analysis), emit: emit)
            }
            index.keep { conversation, names in
                selection.times.overlaps(conversation.first, conversation.last)
                    && selection.people.allSatisfy { person in
                        conversation.accounts.contains { account in
                            person.matches(account: account)
                                || names.names(of: account).contains { person.matches(name: $0) }
                        }
                    }
            }
            return index
        }
    }

    private func write(_ conversationIndex: ConversationIndex, _ source: Archive, to descriptor: Int32) throws {
        var printer = Printer(descriptor: descriptor)
        var bytes: [UInt8] = []
        let zone = time.zone
        let span = try selection.span(time.times)
        var format: any ChatFormat =
            switch self.format {
            case .text: ChatText(zone: zone)
            case .html: ChatHTML(title: "Conversations", zone: zone) { conversationIndex.attachments.picture($0) }
            case .xml: MessageLogXML(zone: zone)
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
        for conversation in conversationIndex.conversations {
            guard flush(&bytes) else { break }
            heading = ChatHeading(conversation, number: 0, names: conversationIndex.names)
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
