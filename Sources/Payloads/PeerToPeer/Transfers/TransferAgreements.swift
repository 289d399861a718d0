// Reads MSNSLP messages for transfers: sessions, and the previews in invitations.

internal import MSNP

extension Transfers {
    /// Reads an MSNSLP message, or bytes that should be one.
    mutating func read(
        text: ByteSlice, _ message: SLPMessage?, at place: Place, _ people: People
    ) {
        // Some clients send zero bytes to open a link or keep it alive.
        guard text.contains(where: { $0 != 0 }) else { return }
        guard let message else {
            return table.report(.slpMalformed, "An MSNSLP message has no valid first line.", nil, place)
        }
        if let announced = message.wrongLength {
            let text =
                "An MSNSLP message announces a body of \(announced.prefix(32)) bytes; it has \(message.bodyLength)."
            table.report(.slpLength, text, nil, place)
        }
        for fault in message.faults { table.report(.slpMalformed, fault, nil, place) }
        let (added, closed, discarded) = sessions.update(
            with: message, at: place, from: people.from, to: people.to,
            isWhole: !table.policy.coverage.hasGaps(place.connection))
        for session in discarded { reportMissingData(session) }
        if let closed, let closer = closed.closer {
            table.close(agreement: closed.number) { transfer in
                // Data on a direct link may continue there.
                transfer.method == .relayed ? closer : nil
            }
        }
        if let added { deliverPreview(of: added, message, at: place) }
        guard let object = added?.object, let announced = object.ownDigest, let digest,
            digest(object.signedText) != announced
        else { return }
        let text = "The SHA1C in the description of a \(added?.kind ?? "thing") does not match its attributes."
        table.report(.digestDiffers, text, nil, place)
    }

    /// Delivers the preview picture that may follow the offer of a file.
    private mutating func deliverPreview(
        of session: PeerSession, _ message: SLPMessage, at place: Place
    ) {
        guard table.policy.reportsOffers, session.offer != nil, let context = message.context,
            let offer = FileOffer(ByteSlice(context)), let isWhole = offer.isPreviewWhole
        else { return }
        var transfer = Transfer(
            number: 0, method: .message, kind: "preview", sender: session.sender, recipient: session.recipient,
            places: [place], lastTime: place.time)
        transfer.name = offer.name
        if isWhole {
            table.deliver(transfer, offer.preview)
        } else {
            table.giveUp(transfer, because: "the picture ends too early")
        }
    }

    /// Adds a part of an MSNSLP message, and reads the message once it is complete.
    mutating func add(
        part packet: PeerPacket, of chunk: Chunk, at place: Place, _ people: People
    ) {
        if packet.hasWholeMessage { return read(text: packet.data, packet.message, at: place, people) }
        let data = packet.data
        let key = SLPAssembler.Key(
            connection: place.connection, isFromClient: place.side == .client, sender: people.from,
            recipient: people.to, message: chunk.message)
        // In version 2, the number of bytes after a part determines its position.
        let isVersion2 = chunk.size == nil || chunk.remaining > 0
        let offset = isVersion2 ? chunk.remaining : chunk.offset ?? 0
        let text = texts.add(
            data, at: offset, total: chunk.size, fromEnd: isVersion2, order: chunk.order, key)
        if let text {
            let message = SLPMessage(ByteSlice(text))
            if text.count > data.count, let message { table.add(.joined(message)) }
            read(text: ByteSlice(text), message, at: place, people)
        }
    }
}
