// The conversations of an archive, found by reading each connection once; what was said is not kept.

import Archive
import Chat
import Crypto
import MSNP
import Transcript

struct ChatLibrary {
    private(set) var conversations: [ChatConversation] = []
    /// What people are called, by account.
    private(set) var names: [String: String] = [:]
    /// What was sent beside words.
    private(set) var attachments: Attachments

    /// How many names are remembered.
    private static let mostNames = 50_000

    private struct Place {
        var recording: Int
        var connection: Int
        /// What a direct link carries was agreed on elsewhere.
        var isDirect: Bool
    }

    /// Finds the conversations that one thing is part of, or all.
    ///
    /// - Throws: `ArchiveError` where there is nothing with this identifier.
    init(_ source: Archive, id: ArchiveID?, keepsPictures: Bool) throws {
        attachments = Attachments(keepsPictures: keepsPictures) { Array(Insecure.SHA1.hash(data: $0)) }
        var places: [Place] = []
        var asked: Set<Int> = []
        try source.sessions { signIn in
            guard case .recording(let recording) = signIn.recording else { return true }
            for connection in signIn.connections {
                guard case .connection(let row) = connection.id else { continue }
                let isDirect = connection.role == .peerToPeer || connection.role == .fileTransfer
                places.append(Place(recording: Int(recording), connection: Int(row), isDirect: isDirect))
                let names = [connection.id, connection.conversation?.id, signIn.id, signIn.recording]
                if id == nil || names.contains(id) { asked.insert(Int(row)) }
            }
            return true
        }
        if let id, asked.isEmpty {
            // The archive says best that there is no such thing.
            try source.replay(id) { _ in false }
            return
        }
        var strands: [Strand] = []
        for (recording, places) in Dictionary(grouping: places, by: \.recording).sorted(by: { $0.key < $1.key })
        where places.contains(where: { asked.contains($0.connection) }) {
            strands += try read(places, recording, source)
        }
        conversations = Conversations.join(strands).filter { conversation in
            conversation.strands.contains { asked.contains($0.connection) }
        }
    }

    /// Reads the connections of one recording.
    private mutating func read(_ places: [Place], _ recording: Int, _ source: Archive) throws -> [Strand] {
        var finders: [(connection: Int, finder: StrandFinder)] = []
        for place in places.filter({ !$0.isDirect }) + places.filter(\.isDirect) {
            var finder = StrandFinder(connection: place.connection, recording: recording)
            try source.replay(together: [place.connection]) { event in
                finder.take(event)
                attachments.take(event)
                return true
            }
            attachments.endOfConnection(place.connection)
            finders.append((place.connection, finder))
            guard names.count < Self.mostNames else { continue }
            names.merge(finder.names) { $1 }
            if let name = finder.ownName, let own = finder.account { names[own] = name }
        }
        attachments.endOfRecording()
        return finders.flatMap { $0.finder.strands(asides: attachments.asides[$0.connection] ?? []) }
    }
}
