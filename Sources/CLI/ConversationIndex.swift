// Finds an archive's conversations, names and attachments by reading each connection once; keeps no message texts.

internal import Analysis
import Archive
import Crypto
internal import Events
import MSNP
import Transcripts

struct ConversationIndex {
    private(set) var conversations: [ChatConversation] = []
    /// The display names of accounts over time.
    private(set) var names = NameHistory()
    /// Pictures, files and other content sent besides text.
    private(set) var attachments: Attachments

    /// Finds the conversations that contain the given part of the archive; all without an identifier.
    ///
    /// - Throws: `ArchiveError` if the archive has nothing with this identifier.
    init(_ source: Archive, id: ArchiveID?, keepsPictures: Bool) throws {
        attachments = Attachments(keepsPictures: keepsPictures) { Array(Insecure.SHA1.hash(data: $0)) }
        let recordings = try source.recordings(of: id)
        if id != nil, recordings.isEmpty {
            // replay throws the error for an unknown identifier.
            try source.replay(id, .none) { _ in false }
            return
        }
        var segments: [ChatSegment] = []
        var requested: Set<Int> = []
        for recording in recordings {
            segments += try read(recording, source, id, &requested)
        }
        conversations = Conversations.join(segments).filter { conversation in
            conversation.segments.contains { requested.contains($0.connection) }
        }
    }

    /// Reads the connections of one recording. Connections without messages yield no segment.
    private mutating func read(
        _ recording: Int64, _ source: Archive, _ id: ArchiveID?, _ requested: inout Set<Int>
    ) throws -> [ChatSegment] {
        var segments: [ChatSegment] = []
        var finder = SegmentFinder(connection: 0, recording: 0)
        var isWanted = false
        try source.replay(apart: recording, asked: id, EventDetail(SegmentFinder.analysis)) { part in
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
