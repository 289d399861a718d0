// Reads direct links: packets, and the nonces that identify their sessions.

internal import MSNP

extension Transfers {
    /// Reads a packet, or an impossible length.
    mutating func read(link noise: Noise, at place: Place) {
        let connection = place.connection
        if links[connection] == nil { links.set(PeerLink(), for: connection) }
        var content: LinkReader.Content?
        links.change(connection) { content = $0.readers[place.side].read(noise) }
        switch content {
        case .nonce(let nonce):
            let session = sessions.find(nonce: nonce, digest)
            links.change(connection) { link in
                link.session = link.session ?? session?.number
                if link.nonces.count < PeerLink.mostNonces { link.nonces.append((nonce, place)) }
            }
            if let session { compareNonces(of: connection, with: session) }
        case .fault(let text):
            table.report(.p2pLinkBroken, "A direct link cannot be decoded: \(text).", nil, place)
        case .packet(let packet):
            reportLength(of: packet, at: place)
            let session = links[connection]?.session.flatMap { sessions[$0] }
            if links[connection]?.nonces.isEmpty == false,
                let session = session ?? sessions.onlyCandidate(packet.session, on: connection)
            {
                compareNonces(of: connection, with: session)
            }
            read(packet, at: place, People(), link: session)
        case nil: break
        }
    }

    /// Compares the nonces of a link with those announced in its session.
    private mutating func compareNonces(of connection: Int, with session: PeerSession) {
        let nonces = links[connection]?.nonces ?? []
        links.change(connection) { $0.nonces = [] }
        for nonce in nonces where session.nonces.isMismatch(nonce.guid, at: nonce.place.time, digest) == true {
            let who = nonce.place.side == .client ? "the connecting client" : "the listening client"
            let text = "The nonce of \(who) was not negotiated for session \(session.id)."
            let isReported = table.report(
                .p2pNonceDiffers, text, nil, nonce.place, assuming: .noGaps(on: session.place.connection))
            if isReported { links.change(connection) { $0.hasNonceMismatch = true } }
        }
    }
}
