// The stream of notices: that something was committed, and how much there is now. What it is, the page fetches.

import Archive
import Events
import HummingbirdCore
import MSNP
import NIOCore
import Output

extension DataService {
    /// How many things a stream watches at most.
    static let mostWatched = 64

    /// Parses what a stream is to watch.
    static func watched(_ query: String) throws -> [ArchiveID] {
        let parameters = try Parameters(query, known: DataRoute.state.parameters)
        let names = try parameters.text("watch")?.split(separator: ",").map(String.init) ?? []
        guard names.count <= mostWatched else {
            throw RequestError.parameter("watch", "This parameter has \(mostWatched) identifiers at most.")
        }
        return try names.map { name in
            guard let id = ArchiveID(name) else {
                throw RequestError.parameter("watch", "These are identifiers such as s6 or c14.")
            }
            return id
        }
    }

    /// The notice for one commit, and whether its sums are new.
    func state(_ commit: Int, _ watched: [ArchiveID]) async throws -> (object: JSONObject, isFresh: Bool) {
        try await reading {
            let (totals, isFresh) = try self.totals()
            var object = JSONObject()
            object.add("commit", commit)
            object.add("totals", JSONObject(totals.now))
            var states = JSONObject()
            for id in watched {
                var state = JSONObject()
                state.add("last", try self.reader.last(of: .of(id))?.description)
                state.add("open", try self.reader.lists { try $0.isOpen(id) })
                states.add(name: id.description, state)
            }
            object.add("watched", states)
            object.add("rate", totals.rate)
            return (object, isFresh)
        }
    }
}

/// The body of a stream: at most ten notices a second, and a comment every fifteen seconds.
struct StateStream: Sendable {
    let slots: NoticeSlots
    let data: DataService
    let watched: [ArchiveID]
    /// The place among the open streams.
    let lease: StreamLease

    private static let pause = Duration.milliseconds(100)

    /// Writes until the client goes or the program ends.
    func write(_ slot: AsyncStream<Void>, to writer: inout any ResponseBodyWriter) async throws {
        defer { withExtendedLifetime(lease) {} }
        var last: Int?
        var isFresh = true
        var iterator = slot.makeAsyncIterator()
        // The first notice says how things are now; there is nothing to send again.
        while true {
            let commit = slots.commit
            if commit == last {
                try await writer.write(ByteBuffer(string: ":\n\n"))
                guard await iterator.next() != nil else { break }
                continue
            }
            do {
                let state = try await data.state(commit, watched)
                isFresh = state.isFresh
                // Old sums are sent again once they are counted.
                last = isFresh ? commit : nil
                let json = String(decoding: state.object.bytes, as: UTF8.self)
                try await writer.write(ByteBuffer(string: "id: \(commit)\nevent: state\ndata: \(json)\n\n"))
            } catch let error as RequestError where error.refusal == .busy {
                isFresh = false
            }
            try await Task.sleep(for: Self.pause)
            if !isFresh, !slots.isStopped { continue }
            guard await iterator.next() != nil else { break }
        }
        try await writer.finish(nil)
    }
}

/// A place among the open streams, given back when nothing holds it any more: also if the client goes before its stream
/// began.
final class StreamLease: Sendable {
    private let giveBack: @Sendable () -> Void

    init(giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }

    deinit { giveBack() }
}
