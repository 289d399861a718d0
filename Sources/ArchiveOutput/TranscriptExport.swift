// Writes conversations of an archive as text, HTML, XML, JSON lines or Markdown.

internal import Analysis
package import Archive
internal import Charsets
internal import Console
internal import Crypto
package import Events
internal import MSNP
internal import Payloads
internal import Query
package import Transcripts

/// Transcripts of what a selection names; a conversation over several switchboards comes as one.
package struct TranscriptExport {
    /// The format of the file.
    package enum Format: String, Sendable, CaseIterable {
        case text, html, xml, jsonl, markdown
    }

    /// The conversations.
    package let index: ConversationIndex
    private let source: Archive
    private let format: Format
    private let times: TimeSpan

    /// Finds the conversations that contain a selected part of the archive, and in which all selected people took part.
    ///
    /// - Throws: `ArchiveError`.
    package init(_ source: Archive, _ selection: ArchiveSelection, _ format: Format) throws {
        self.source = source
        self.format = format
        times = selection.times
        // People are compared with the participants of conversations: a direct message has no conversation in the archive.
        var connections = selection
        connections.people = []
        index = try ConversationIndex(
            source.recordings(of: connections), keepsPictures: format == .html,
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
            replay: { [connections] recording, emit in
                try source.replay(
                    apart: recording, asked: connections, EventDetail(SegmentFinder.analysis), emit: emit)
            })
    }

    /// Writes them.
    ///
    /// - Parameters:
    ///   - zone: the zone of times.
    ///   - typing: whether to include when somebody is typing.
    ///   - descriptor: where to write; stays open.
    /// - Throws: `ArchiveExport.WriteError`, or `ArchiveError`.
    package func write(zone: TimeZoneRules, typing: Bool, to descriptor: Int32) throws {
        var printer = Printer(descriptor: descriptor)
        var bytes: [UInt8] = []
        let headings = ChatHeading.all(index.conversations, names: index.names)
        var format: any ChatFormat =
            switch self.format {
            case .text: ChatText(zone: zone)
            case .html: ChatHTML(contents: headings, zone: zone) { index.attachments.picture($0) }
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
            guard times.contains(entry.time) else { return }
            open()
            format.append(entry, to: &bytes) { _ = flush(&$0) }
        }
        format.begin(count: index.conversations.count, to: &bytes)
        for (next, conversation) in zip(headings, index.conversations) {
            guard flush(&bytes) else { break }
            heading = next
            if times.isAlways { open() }
            var reader = ConversationReader(
                conversation, names: index.names, sideEvents: index.attachments.sideEvents, charsets: .iconv,
                showsTyping: typing)
            for group in conversation.connectionGroups {
                try source.replay(together: group, EventDetail(SegmentFinder.analysis)) { event in
                    reader.take(event, emit: append)
                    return flush(&bytes)
                }
            }
            reader.finish(emit: append)
            if heading == nil { format.close(to: &bytes) }
        }
        format.finish(to: &bytes)
        _ = flush(&bytes)
        try ArchiveExport.finish(&printer)
    }
}
