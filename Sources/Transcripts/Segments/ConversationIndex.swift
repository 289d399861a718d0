// Finds the conversations, names and attachments of recordings by reading each connection once; keeps no message texts.

package import Analysis
package import Events
package import Payloads

/// What the first pass over recordings finds, for the transcripts that the second pass writes.
package struct ConversationIndex: Sendable {
    /// The conversations that contain a requested connection.
    package private(set) var conversations: [ChatConversation] = []
    /// The display names of accounts over time.
    package private(set) var names = NameHistory()
    /// Pictures, files and other content sent besides text.
    package private(set) var attachments: Attachments

    /// Reads recordings.
    ///
    /// - Parameters:
    ///   - recordings: their numbers, in order of time.
    ///   - keepsPictures: whether to keep pictures; without them it is only known that they were shown.
    ///   - sha1: the SHA-1 function.
    ///   - isWanted: whether a conversation with a requested connection is wanted, given the names of accounts.
    ///   - replay: replays the recording with a number, with the analysis `SegmentFinder.analysis`.
    package init(
        _ recordings: [Int64], keepsPictures: Bool, sha1: @escaping Transfers.Digest,
        isWanted: (ChatConversation, NameHistory) -> Bool = { _, _ in true },
        replay: (_ recording: Int64, _ emit: (ReplayedPart) -> Bool) throws -> Void
    ) rethrows {
        // The data of a picture is needed to know that it is the announced one.
        attachments = Attachments(
            keepsPictures: true, mostBytes: keepsPictures ? Attachments.mostPictureBytes : 0, sha1: sha1)
        var segments: [ChatSegment] = []
        var requested: Set<Int> = []
        for recording in recordings { segments += try read(recording, &requested, replay) }
        conversations = Conversations.join(segments).filter { conversation in
            conversation.segments.contains { requested.contains($0.connection) }
                && isWanted(conversation, names)
        }
    }

    /// Reads the connections of one recording. Connections without messages yield no segment.
    private mutating func read(
        _ recording: Int64, _ requested: inout Set<Int>,
        _ replay: (_ recording: Int64, _ emit: (ReplayedPart) -> Bool) throws -> Void
    ) rethrows -> [ChatSegment] {
        var segments: [ChatSegment] = []
        var finder = SegmentFinder(connection: 0, recording: 0)
        var isWanted = false
        try replay(recording) { part in
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
