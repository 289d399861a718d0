// A transfer between two clients: its description, the bytes received so far, and where it was seen.

package import MSNP

/// A position on a connection, with its time.
package struct Place: Sendable, Hashable {
    /// The number of the TCP connection.
    package var connection: Int
    /// The role of the connection.
    package var role: Role
    /// The side that sent the bytes.
    package var side: Side
    /// Nanoseconds since 1970.
    package var time: Int64
    /// The number of bytes that this side sent before.
    package var offset: UInt64

    package init(connection: Int, role: Role, side: Side, time: Int64, offset: UInt64) {
        self.connection = connection
        self.role = role
        self.side = side
        self.time = time
        self.offset = offset
    }
}

/// A transferred picture, emoticon, wink, file or other data, complete or not.
package struct Transfer: Sendable {
    /// The way the data was transferred.
    package enum Method: String, Sendable {
        /// In packets of the peer-to-peer layer, through a server.
        case relayed = "p2p"
        /// In packets of the peer-to-peer layer, at least partly on a direct link.
        case direct = "p2p_direct"
        /// By MSNFTP.
        case fileTransfer = "msnftp"
        /// In the body of a message.
        case message
    }

    /// One of the two ends of a transfer.
    enum End: Sendable {
        case sender, recipient

        /// The reason to report if this end closed the session.
        var sentence: String { self == .sender ? "cancelled by the sender" : "cancelled by the recipient" }
    }

    /// The reader's own number of the transfer, counted from 1.
    package var number: Int
    /// The number of its pieces in order of arrival, used where the headers have other offsets.
    var arrivalNumber: Int { -number }
    package var method: Method
    /// `file`, the kind of its object, or `unknown`.
    package var kind: String
    /// The sender's account; empty if unknown.
    package var sender: String
    /// The recipient's account, or several separated by commas; empty if unknown.
    package var recipient: String
    /// The name that the sender announced.
    package var name: String?
    /// The size that the offer announced, in bytes.
    package var declaredSize: UInt64?
    /// The size that the transferring protocol announced, in bytes.
    package var size: UInt64?
    /// The object that the recipient requested.
    package var object: MSNObject?
    /// The bytes received.
    package var received = ByteRanges()
    /// Where each connection first announced or carried it; the first connection with data comes first.
    package var places: [Place]
    /// The time at which it was last seen, in nanoseconds since 1970.
    package var lastTime: Int64
    /// The names of its findings, without duplicates.
    package var findings: [FindingName] = []
    /// The reason why it is incomplete, if known.
    package var reason: String?
    /// Whether one end cancelled it: then no bytes that were sent are missing.
    package var isCancelled = false
    /// The outcome of an offer that was not accepted; nil for all other transfers.
    package var refusal: RefusedOffer?
    /// The data, if it is complete and was kept.
    package var data: [UInt8]?
    /// Where it was last seen.
    var latest: Place?

    /// Whether it is complete: it has all bytes that its packets announced, and no fewer than were offered.
    package var isComplete: Bool { isReceivedInFull && (size ?? 0) >= (expectedSize ?? 0) }
    /// Whether the received bytes start at offset 0 and have no gaps.
    var isBeginning: Bool {
        received.ranges.isEmpty || received.ranges.count == 1 && received.ranges[0].lowerBound == 0
    }
    /// Whether all bytes that the transferring protocol announced were received.
    var isReceivedInFull: Bool { size.map { received.isWhole(to: $0) } ?? false }
    /// The size it should have. If offer and packets differ, offered bytes that were not sent count as missing; for
    /// MSNFTP, the size on the connection that carries the file counts (p2p.md section 5).
    package var expectedSize: UInt64? {
        guard let size else { return declaredSize }
        return method == .fileTransfer ? size : max(size, declaredSize ?? 0)
    }
    /// The missing ranges; empty if the size is unknown.
    package var missing: [Range<UInt64>] { expectedSize.map { received.missing(of: $0) } ?? [] }

    /// The transfer as named fields.
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

/// A result of reading a command or other bytes.
package enum TransferEvent: Sendable {
    /// Received bytes of a transfer.
    case piece(TransferPiece)
    /// The headers of a transfer had wrong offsets. From byte `from` on, its content is in the pieces numbered `by`;
    /// the bytes before are in its own pieces.
    case arranged(transfer: Int, by: Int, from: UInt64)
    /// The pieces with this number are no longer needed.
    case dropped(Int)
    /// A transfer is complete, or can no longer become complete.
    case ended(Transfer)
    /// A file was offered and none of its data is on this connection; another one may have carried it. Only in the scope
    /// of one connection; otherwise such an offer ends like a transfer.
    case offered(Transfer)
    /// An invitation to an application without a transfer, reported once its outcome is known.
    case invited(PeerInvitation)
    /// An MSNSLP message that was split over several packets, as most file offers are.
    case joined(SLPMessage)
    /// A finding.
    case finding(name: FindingName, text: String)
}

/// Some bytes of a transfer.
package struct TransferPiece: Sendable {
    /// The number of the transfer.
    package var transfer: Int
    /// The offset of the bytes in the transfer.
    package var offset: UInt64
    package var bytes: ByteSlice
    /// The ranges that were not received before, as offsets in the transfer; all others repeat bytes received earlier.
    package var fresh: [Range<UInt64>]
}

/// Limits of the state that is kept. They exist because the numbers in packets cannot be trusted.
package struct TransferLimits: Sendable, Hashable {
    /// Sessions in all; clients have a handful at once.
    package var sessions = 4_096
    /// Sessions with the same identifier: identifiers are random, and a capture may show both ends of each session.
    package var sessionsOfOneNumber = 16
    /// Transfers under way, in all.
    package var open = 1_024
    /// Separate ranges of one transfer: each gap adds one.
    package var ranges = 1_024
    /// Bytes that the verifier of one transfer keeps, most of them out of order; eight times as many in all.
    package var checked = 256 << 10
    /// Incomplete MSNSLP messages, in all.
    package var texts = 64
    /// Bytes of incomplete MSNSLP messages, in all.
    package var textBytes = 4 << 20
    /// Direct links and MSNFTP connections at once.
    package var links = 1_024
    /// Ended transfers, which repeated chunks must not restart; nonces; accounts.
    package var remembered = 8_192
    /// Findings of one name per transfer, or per connection if they concern no transfer. A peer may send only invalid
    /// data, so both limits apply; the first finding beyond a limit is replaced by one that reports this.
    package var findingsOfOneName = 16
    /// Findings per connection, except the first of each name.
    package var findings = 1_024

    /// Creates the limits that the program uses.
    package init() {}
}
