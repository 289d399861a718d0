// What direct links carry: packets, and the nonces by which they belong to sessions.

internal import MSNP

extension Transfers {
    /// Takes bytes of a side.
    mutating func take(link bytes: ArraySlice<UInt8>, at place: Place, _ out: inout [TransferRemark]) {
        let connection = place.connection
        if links[connection] == nil { links.set(PeerLink(), for: connection) }
        var pieces: [PeerStream.Piece] = []
        links.change(connection) { link in
            pieces = place.side == .client ? link.client.take(bytes) : link.server.take(bytes)
            if place.side == .client { link.clientPlace = place } else { link.serverPlace = place }
        }
        take(pieces, at: place, &out)
    }

    /// Takes what can be told of a link only now that nothing follows.
    mutating func closeLink(_ connection: Int, _ out: inout [TransferRemark]) {
        guard var link = links[connection] else { return }
        if let place = link.clientPlace { take(link.client.finish(), at: place, &out) }
        if let place = link.serverPlace { take(link.server.finish(), at: place, &out) }
        links.remove(connection)
    }

    /// Takes what a side said.
    mutating func take(_ pieces: [PeerStream.Piece], at place: Place, _ out: inout [TransferRemark]) {
        let connection = place.connection
        for piece in pieces {
            switch piece {
            case .nonce(let nonce):
                let session = sessions.find(nonce: nonce, digest)
                links.change(connection) { link in
                    link.session = link.session ?? session?.number
                    if link.nonces.count < PeerLink.mostNonces { link.nonces.append((nonce, place)) }
                }
                if let session { judgeNonces(of: connection, against: session, &out) }
            case .fault(let text):
                table.tell(.p2pLinkBroken, "A direct link makes no sense: \(text).", nil, place, &out)
            case .packet(let packet):
                tellLength(of: packet, at: place, &out)
                let session = links[connection]?.session.flatMap { sessions[$0] }
                if links[connection]?.nonces.isEmpty == false,
                    let session = session ?? sessions.only(packet.session, beside: connection)
                {
                    judgeNonces(of: connection, against: session, &out)
                }
                take(packet, at: place, People(), link: session, &out)
            }
        }
    }

    /// Holds the nonces of a link against those of the session that it carries; nothing is said where what was told of them
    /// may not have been heard.
    private mutating func judgeNonces(
        of connection: Int, against session: PeerSession, _ out: inout [TransferRemark]
    ) {
        let nonces = links[connection]?.nonces ?? []
        links.change(connection) { $0.nonces = [] }
        guard !hearing.isBroken(session.place.connection) else { return }
        for nonce in nonces where session.nonces.isAnother(nonce.guid, at: nonce.place.time, digest) == true {
            let who = nonce.place.side == .client ? "who connected" : "who listened"
            let text = "The nonce of \(who) is none that was agreed on for session \(session.id)."
            table.tell(.p2pNonceDiffers, text, nil, nonce.place, &out)
            links.change(connection) { $0.isDoubtful = true }
        }
    }
}
