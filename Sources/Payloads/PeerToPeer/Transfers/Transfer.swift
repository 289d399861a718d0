// Something that one person sent to another: what it is, how much of it is there, and where it was seen.

package import MSNP

/// Where and when something was said.
package struct Place: Sendable, Hashable {
    /// The TCP connection's number.
    package var connection: Int
    /// What the connection is for.
    package var role: Role
    /// Who said it.
    package var side: Side
    /// Nanoseconds since 1970.
    package var time: Int64
    /// How many bytes of this side came before.
    package var offset: UInt64

    /// A place on a connection.
    package init(connection: Int, role: Role, side: Side, time: Int64, offset: UInt64) {
        self.connection = connection
        self.role = role
        self.side = side
        self.time = time
        self.offset = offset
    }
}

/// A picture, emoticon, wink, file … on its way, or arrived.
package struct Transfer: Sendable {
    /// How it travels.
    package enum Method: String, Sendable {
        /// In chunks of the peer-to-peer layer, over a server.
        case relayed = "p2p"
        /// In chunks of the peer-to-peer layer, at least in part directly between the clients.
        case direct = "p2p_direct"
        /// By MSNFTP.
        case fileTransfer = "msnftp"
        /// In a message itself.
        case message
    }

    /// One of the two between whom it goes.
    enum End: Sendable {
        case sender, recipient

        /// What it means that this one closed the session.
        var sentence: String { self == .sender ? "cancelled by the sender" : "cancelled by the recipient" }
    }

    /// Counted from 1 by whoever reads.
    package var number: Int
    /// The number of the pieces in which its bytes stand as they came, where headers tell other places.
    var shadow: Int { -number }
    /// How it travels.
    package var method: Method
    /// `file`, the kind of its object, or `unknown`.
    package var kind: String
    /// The sender's account; empty where nothing tells it.
    package var sender: String
    /// The recipient's account, or several with commas between; empty where nothing tells it.
    package var recipient: String
    /// The name that its sender gave it.
    package var name: String?
    /// How long it was said to be when it was offered.
    package var declaredSize: UInt64?
    /// How long it is by the protocol that carries it.
    package var size: UInt64?
    /// What the recipient asked for.
    package var object: MSNObject?
    /// What is there of it.
    package var received = ByteRanges()
    /// The connections that told of it or carried it, and where on each it began; the first that carried data comes first.
    package var places: [Place]
    /// When something of it was last seen.
    package var lastTime: Int64
    /// The findings on it, each once.
    package var findings: [FindingName] = []
    /// Why it is not whole, where somebody said so.
    package var reason: String?
    /// Whether one of the two ended it early: nothing is missing of what was sent.
    package var isCancelled = false
    /// What became of an offer that nobody accepted; nil for all others.
    package var refusal: RefusedOffer?
    /// Its bytes, where it is whole and they were kept.
    package var data: [UInt8]?
    /// Where something of it was last seen.
    var latest: Place?

    /// Whether all of it is there: as much as its packets told, and no less than was offered.
    package var isComplete: Bool { hasWhatWasTold && (size ?? 0) >= (expectedSize ?? 0) }
    /// Whether what is there is its beginning, without holes.
    var isBeginning: Bool {
        received.ranges.isEmpty || received.ranges.count == 1 && received.ranges[0].lowerBound == 0
    }
    /// Whether everything came that the protocol that carries it told of.
    var hasWhatWasTold: Bool { size.map { received.isWhole(to: $0) } ?? false }
    /// How long it should be. Where offer and packets differ, what was offered and did not come is missing; of MSNFTP's
    /// sizes the one on the file's own connection counts (p2p.md section 5).
    package var expectedSize: UInt64? {
        guard let size else { return declaredSize }
        return method == .fileTransfer ? size : max(size, declaredSize ?? 0)
    }
    /// What is not there; nothing where the size is unknown.
    package var missing: [Range<UInt64>] { expectedSize.map { received.missing(of: $0) } ?? [] }

    /// All that is known, by name.
    package var fields: [Field] {
        var fields = [
            Field("kind", kind), Field("method", method.rawValue), Field("from", sender), Field("to", recipient),
        ]
        if let name { fields.append(Field("name", name)) }
        if let declaredSize { fields.append(Field("declared_size", declaredSize)) }
        if let size { fields.append(Field("size", size)) }
        fields += [Field("received_bytes", received.count), Field("complete", .flag(isComplete))]
        if let object { fields.append(Field("object", .fields(object.fields))) }
        if let reason { fields.append(Field("reason", reason)) }
        return fields
    }
}

/// What reading a command or bytes gives.
package enum TransferEvent: Sendable {
    /// Bytes of a transfer.
    case piece(TransferPiece)
    /// What the pieces of one number hold is a transfer from some byte on: its packets told wrong places. What is in
    /// front of that byte stands in its own pieces.
    case arranged(transfer: Int, by: Int, from: UInt64)
    /// The pieces of this number are needed no more.
    case dropped(Int)
    /// A transfer is whole, or will not become so.
    case ended(Transfer)
    /// An invitation to something else than a transfer, once its outcome is known.
    case invited(PeerInvitation)
    /// An MSNSLP message that came in several packets is whole: file offers, for one, are longer than a packet.
    case joined(SLPMessage)
    /// Something that a reader should know.
    case finding(name: FindingName, text: String)
}

/// Some bytes of a transfer.
package struct TransferPiece: Sendable {
    /// The transfer's number.
    package var transfer: Int
    /// Where they belong.
    package var offset: UInt64
    /// The bytes.
    package var bytes: ArraySlice<UInt8>
    /// Which of them were not there before, as offsets in the transfer: the rest can be held against what is there.
    package var fresh: [Range<UInt64>]
}

/// How much a reader of transfers remembers. Every number in a packet is made up by somebody.
package struct TransferLimits: Sendable, Hashable {
    /// Sessions that were agreed on, in all; clients have a handful at once.
    package var sessions = 4_096
    /// Sessions with the same number: numbers are random, and a capture may show both ends of each.
    package var sessionsOfOneNumber = 16
    /// Transfers under way, in all.
    package var open = 1_024
    /// Separate ranges of one transfer: each hole is one more.
    package var ranges = 1_024
    /// Bytes that the check of one transfer keeps, most of them out of order; all together eight times as many.
    package var checked = 256 << 10
    /// MSNSLP messages of which parts are missing, in all, and their bytes.
    package var texts = 64
    /// See `texts`.
    package var textBytes = 4 << 20
    /// Direct links and file transfer connections at once.
    package var links = 1_024
    /// Transfers that ended and are remembered, so that repeated chunks do not start them anew; nonces; accounts.
    package var remembered = 8_192
    /// Findings of one name told of a transfer, or of a connection where they belong to none; and of a connection in all.
    /// Somebody may send nothing but nonsense; that there is more is said once.
    package var findingsOfOneName = 16
    /// See `findingsOfOneName`.
    package var findings = 1_024

    /// The limits that the program uses.
    package init() {}
}
