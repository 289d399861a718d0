// Pictures in memory, for pages that show them where they were used.

internal import Crypto
internal import MSNP
public import Messages
public import Transcript

/// Keeps the pictures and emoticons that were transferred, by the digest that their descriptions tell.
///
/// Only what has that digest, and what browsers show as a picture, is kept: nobody else's bytes come under a name.
public struct Pictures {
    /// A picture that may stand on a page.
    public struct Picture: Sendable, Hashable {
        /// `image/png` and its kin, by its first bytes.
        public var mediaType: String
        /// The picture.
        public var bytes: [UInt8]
    }

    private var transfers: Transfers
    private var places = Places()
    private var pictures: [[UInt8]: Picture] = [:]
    private var count = 0
    private let mostInAll: Int

    /// No pictures yet.
    ///
    /// - Parameters:
    ///   - most: bytes of one picture; clients made them smaller than 100 KiB.
    ///   - inAll: bytes of all pictures together; those that come later are not kept.
    public init(most: Int = 512 << 10, inAll: Int = 32 << 20) {
        transfers = Transfers(.data(most: most)) { Array(Insecure.SHA1.hash(data: $0)) }
        mostInAll = inAll
    }

    /// Takes an event of any connection.
    public mutating func take(_ event: Event) {
        for remark in places.take(event, &transfers) {
            guard case .ended(let transfer) = remark, transfer.object != nil, let data = transfer.data else { continue }
            let type = FileType(data)
            let digest = Array(Insecure.SHA1.hash(data: data))
            guard type.isPicture, digest == transfer.object?.dataDigest, pictures[digest] == nil,
                data.count <= mostInAll - count
            else { continue }
            count += data.count
            pictures[digest] = Picture(mediaType: type.mediaType, bytes: data)
        }
    }

    /// The picture that an object describes.
    public func picture(of object: MSNObject) -> Picture? { object.dataDigest.flatMap { pictures[$0] } }
}

/// Where on its connection each event stands: events from the archive do not tell.
struct Places {
    private var offsets: [Int: (client: UInt64, server: UInt64)] = [:]

    /// Gives an event to a reader of transfers.
    mutating func take(_ event: Event, _ transfers: inout Transfers) -> [TransferRemark] {
        switch event.kind {
        case .frame(let frame, let side):
            return transfers.take(frame, at: place(event, side, advancing: UInt64(frame.bytes.count)))
        case .noise(let noise, let side):
            return transfers.take(noise, at: place(event, side, advancing: UInt64(noise.bytes.count)))
        case .gap(let count, _, let side):
            transfers.lose(count, at: place(event, side, advancing: count))
            return []
        default: return []
        }
    }

    /// Forgets a connection that has ended.
    mutating func forget(_ connection: Int) { offsets[connection] = nil }

    /// Forgets all.
    mutating func forgetAll() { offsets = [:] }

    private mutating func place(_ event: Event, _ side: Side, advancing count: UInt64) -> Place {
        var both = offsets[event.connection] ?? (0, 0)
        let offset = side == .client ? both.client : both.server
        if side == .client { both.client &+= count } else { both.server &+= count }
        offsets[event.connection] = both
        return Place(
            connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds, offset: offset)
    }
}
