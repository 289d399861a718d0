// Tracks MSNFTP file transfers: invitations on switchboards, files on connections of their own (p2p.md section 5).

internal import MSNP

/// Matches invitations to the connections that they lead to, and reads the files there.
struct FileTransfers: Sendable {
    /// A file offered in a conversation.
    struct Offer: Sendable {
        var name: String?
        var size: UInt64?
        var sender: String
        var recipient = ""
        var place: Place
        var authCookie: String?
        var cookie = ""
        var addresses: [HostPort] = []
        var reason: String?
        /// Whether the sender cancelled it.
        var isWithdrawn = false
        var hasConnection = false
    }

    /// Identifies an offer: the conversation's connection and the invitation cookie.
    struct OfferKey: Hashable, Sendable {
        var connection: Int
        var cookie: String
    }

    /// The connection that carries a file.
    struct Link: Sendable {
        var recipient = ""
        var authCookie: String?
        var offer: OfferKey?
        var size: UInt64?
        var sendingSide: Side?
        var blocks = FileBlocks()
        var hasBegun = false
        /// The size that the sender announced, if it is not a number.
        var wrongSize: String?
    }

    var offers: BoundedDictionary<OfferKey, Offer>
    var links: BoundedDictionary<Int, Link>
    /// The destination addresses of connections.
    var addresses: BoundedDictionary<Int, HostPort>
    private let limits: TransferLimits
    /// The maximum lengths of a cookie and of a file name, in bytes; cookies have ten digits.
    private static let longestCookie = 64
    private static let longestName = 1_024

    init(_ limits: TransferLimits) {
        self.limits = limits
        offers = BoundedDictionary(most: limits.sessions)
        links = BoundedDictionary(most: limits.links)
        addresses = BoundedDictionary(most: limits.remembered)
    }

    /// Records the destination of a connection.
    mutating func open(_ connection: Int, to address: HostPort) { addresses.set(address, for: connection) }

    /// Reads a step of an invitation.
    mutating func read(_ invitation: InviteMessage, from account: String, at place: Place) {
        guard !invitation.cookie.isEmpty, invitation.cookie.utf8.count <= Self.longestCookie else { return }
        let key = OfferKey(connection: place.connection, cookie: invitation.cookie)
        switch invitation.command {
        case .invite:
            guard let name = invitation.file, name.utf8.count <= Self.longestName, offers[key] == nil else {
                return
            }
            var offer = Offer(name: name, size: invitation.fileSize, sender: account, place: place)
            offer.cookie = key.cookie
            offers.set(offer, for: key)
        case .accept:
            offers.change(key) { offer in
                if account != offer.sender { offer.recipient = account }
                if let auth = invitation.authCookie, auth.utf8.count <= Self.longestCookie {
                    offer.authCookie = auth
                    offer.addresses = invitation.addresses.filter { $0.host.utf8.count <= Self.longestCookie }
                }
            }
        case .cancel:
            offers.change(key) { offer in
                offer.reason = "cancelled (\(invitation.cancelCode?.prefix(32) ?? "no reason"))"
                offer.isWithdrawn = account == offer.sender
            }
        case .other: break
        }
    }

    /// Reads a command on the connection that carries the file.
    mutating func read(
        _ frame: Frame, at place: Place, _ table: inout TransferTable
    ) {
        let connection = place.connection
        if links[connection] == nil { links.set(Link(), for: connection) }
        switch FileTransferCommand(frame) {
        case .user(let account, let cookie):
            guard cookie.count <= Self.longestCookie else { return }
            links.change(connection) { link in
                link.recipient = String(decoding: Account.of(account), as: UTF8.self)
                link.authCookie = String(decoding: cookie, as: UTF8.self)
            }
        case .file(let token):
            guard !token.isEmpty, links[connection]?.hasBegun == false else { return }
            let size = String(decoding: token, as: UTF8.self)
            links.change(connection) { link in
                link.size = UInt64(size)
                if link.size == nil { link.wrongSize = String(size.prefix(32)) }
                link.sendingSide = place.side
                link.blocks = FileBlocks()
            }
            begin(connection, at: place, &table)
        case .cancel: table.explain(key(connection), "the recipient cancelled")
        case .end(let token):
            guard let code = UInt64(String(decoding: token, as: UTF8.self)) else { return }
            let meaning = MSNFTPCloseCode.meaning(of: code) ?? "BYE \(code)"
            if MSNFTPCloseCode.isSuccess(code) {
                if table.size(key(connection)) == 0 { table.end(key(connection)) }
            } else {
                table.explain(key(connection), meaning)
            }
        case nil: break
        }
    }

    /// Reads blocks of a file.
    mutating func read(
        _ bytes: ByteSlice, at place: Place, _ table: inout TransferTable
    ) {
        let connection = place.connection
        if links[connection] == nil { links.set(Link(), for: connection) }
        if links[connection]?.hasBegun == false {
            links.change(connection) { $0.sendingSide = place.side }
            begin(connection, at: place, &table)
        }
        guard links[connection]?.sendingSide == place.side else { return }
        // After a gap, the offsets of blocks are unknown, and an end mark may be data.
        guard links[connection]?.blocks.offset != nil else { return }
        var pieces: [(piece: FileBlocks.Piece, bytes: ByteSlice)] = []
        links.change(connection) { link in
            var position = 0
            var rest = bytes
            while let piece = link.blocks.next(bytes.span, from: &position) {
                let end = bytes.startIndex + position
                pieces.append((piece, rest.prefix(upTo: end)))
                rest = rest.suffix(from: end)
            }
            // No block starts here.
            if !rest.isEmpty { link.blocks.lose(.max) }
        }
        let key = key(connection)
        for (piece, data) in pieces {
            switch piece {
            case .header, .data(at: nil): break
            case .data(let offset?):
                guard let link = links[connection], link.hasBegun else { continue }
                // Without a known size all bytes are accepted, and the file is never complete.
                let size = link.size ?? .max
                // Bytes beyond the size are excess in any segmentation of the stream. They are reported where the end
                // is crossed, even if the file is already complete.
                let room = size > offset ? size - offset : 0
                if offset <= size, UInt64(data.count) > room {
                    table.report(.ftpSizeDiffers, "More than the \(size) bytes of a file arrived.", key, place)
                }
                table.place(data.prefix(Int(clamping: room)), at: offset, in: key, place)
            case .end:
                if table.size(key) == 0 { table.end(key) }
                table.explain(key, "the sender stopped before the end")
            }
        }
    }

    /// Records a gap of so many bytes.
    mutating func lose(_ count: UInt64, at place: Place) {
        links.change(place.connection) { link in
            if link.sendingSide == place.side { link.blocks.lose(count) }
        }
    }

    /// Ends the transfer of a closed connection.
    mutating func close(_ connection: Int, _ table: inout TransferTable) {
        addresses.remove(connection)
        guard links.remove(connection) != nil else { return }
        table.end(key(connection))
    }

    /// Reports offered files without a connection, and resets the state.
    mutating func finish(_ table: inout TransferTable) {
        for link in links.keys.sorted() { table.end(key(link)) }
        var reported: Set<[String]> = []
        let all = offers.removeAll()
        for offer in all where offer.hasConnection { reported.insert(offer.identity) }
        for offer in all where reported.insert(offer.identity).inserted {
            var transfer = Transfer(
                number: 0, method: .fileTransfer, kind: "file", sender: offer.sender,
                recipient: offer.recipient, places: [offer.place], lastTime: offer.place.time)
            transfer.name = offer.name
            transfer.declaredSize = offer.size
            transfer.refusal = offer.refusal
            let reason = transfer.refusal?.sentence(offer.reason) ?? offer.reason
            table.giveUp(transfer, because: reason ?? "it was accepted, but its connection was not seen")
        }
        self = FileTransfers(limits)
    }

    func key(_ connection: Int) -> TransferTable.Key { TransferTable.Key(connection: connection) }
}

extension FileTransfers.Offer {
    /// The same for all connections that show this offer.
    fileprivate var identity: [String] { [sender, recipient, authCookie ?? cookie, name ?? ""] }

    /// The outcome of an offer that was not accepted; nil if it was accepted.
    fileprivate var refusal: RefusedOffer? {
        if !recipient.isEmpty || authCookie != nil { return nil }
        return reason == nil ? .unanswered : isWithdrawn ? .withdrawn : .declined
    }
}
