// Finds an archive's conversations, names and attachments by reading each connection once; keeps no message texts.

import Archive
import Crypto
internal import Events
import MSNP
internal import Query
import Transcripts

struct ConversationIndex {
    private(set) var conversations: [ChatConversation] = []
    /// The display names of accounts over time.
    private(set) var names = NameHistory()
    /// Pictures, files and other content sent besides text.
    private(set) var attachments: Attachments

    /// Finds the conversations that contain a selected part of the archive, and in which all selected people took part.
    ///
    /// - Throws: `ArchiveError` if the archive has nothing with one of the identifiers.
    init(_ source: Archive, _ selection: ArchiveSelection, keepsPictures: Bool) throws {
        attachments = Attachments(keepsPictures: keepsPictures) { Array(Insecure.SHA1.hash(data: $0)) }
        // People are compared with the participants of conversations: a direct message has no conversation in the archive.
        var connections = selection
        connections.people = []
        let recordings = try source.recordings(of: connections)
        var segments: [ChatSegment] = []
        var requested: Set<Int> = []
        for recording in recordings {
            segments += try read(recording, source, connections, &requested)
        }
        conversations = Conversations.join(segments).filter { conversation in
            conversation.segments.contains { requested.contains($0.connection) }
                && selection.times.overlaps(conversation.first, conversation.last)
                && selection.people.allSatisfy { takesPart($0, in: conversation) }
        }
    }

    private func takesPart(_ person: Person, in conversation: ChatConversation) -> Bool {
        conversation.accounts.contains { account in
            person.matches(account: account) || names.names(of: account).contains { person.matches(name: $0) }
        }
    }

    /// Reads the connections of one recording. Connections without messages yield no segment.
    private mutating func read(
        _ recording: Int64, _ source: Archive, _ selection: ArchiveSelection, _ requested: inout Set<Int>
    ) throws -> [ChatSegment] {
        var segments: [ChatSegment] = []
        var finder = SegmentFinder(connection: 0, recording: 0)
        var isWanted = false
        try source.replay(apart: recording, asked: selection, .analysis) { part in
            switch part {
            case .begins(let connection, let isRequested):
                finder = SegmentFinder(connection: connection, recording: Int(recording))
                isWanted = isRequested
            case .event(let event):
                finder.take(event)
                attachments.take(event)
            case .ends(let connection):
                attachments.endOfConnection(connection)
                names.merge(finder.names)
                let found = finder.segments
                segments += found
                if isWanted, !found.isEmpty { requested.insert(connection) }
            }
            return true
        }
        attachments.endOfRecording()
        return segments.map { $0.counting(attachments.sideEvents[$0.connection] ?? []) }.filter { $0.entryCount > 0 }
    }
}
