// The conversations of an archive, found by reading each connection once; what was said is not kept.

import Archive
import Crypto
internal import Events
import MSNP
import Transcripts

struct ChatLibrary {
    private(set) var conversations: [ChatConversation] = []
    /// What people were called, and when.
    private(set) var names = NameHistory()
    /// What was sent beside words.
    private(set) var attachments: Attachments

    /// Finds the conversations that one thing is part of, or all.
    ///
    /// - Throws: `ArchiveError` where there is nothing with this identifier.
    init(_ source: Archive, id: ArchiveID?, keepsPictures: Bool) throws {
        attachments = Attachments(keepsPictures: keepsPictures) { Array(Insecure.SHA1.hash(data: $0)) }
        let recordings = try source.recordings(of: id)
        if id != nil, recordings.isEmpty {
            // The archive says best that there is no such thing.
            try source.replay(id, []) { _ in false }
            return
        }
        var segments: [ChatSegment] = []
        var asked: Set<Int> = []
        for recording in recordings {
            segments += try read(recording, source, id, &asked)
        }
        conversations = Conversations.join(segments).filter { conversation in
            conversation.segments.contains { asked.contains($0.connection) }
        }
    }

    /// Reads the connections of one recording. Of those on which nobody said anything, nothing is kept.
    private mutating func read(
        _ recording: Int64, _ source: Archive, _ id: ArchiveID?, _ asked: inout Set<Int>
    ) throws -> [ChatSegment] {
        var segments: [ChatSegment] = []
        var finder = SegmentFinder(connection: 0, recording: 0)
        var isWanted = false
        try source.replay(apart: recording, asked: id, .analysis) { part in
            switch part {
            case .begins(let connection, let isAsked):
                finder = SegmentFinder(connection: connection, recording: Int(recording))
                isWanted = isAsked
            case .event(let event):
                finder.take(event)
                attachments.take(event)
            case .ends(let connection):
                attachments.endOfConnection(connection)
                names.merge(finder.names)
                let found = finder.segments
                segments += found
                if isWanted, !found.isEmpty { asked.insert(connection) }
            }
            return true
        }
        attachments.endOfRecording()
        return segments.map { $0.counting(attachments.sideEvents[$0.connection] ?? []) }.filter { $0.entryCount > 0 }
    }
}
