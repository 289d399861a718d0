// What MSNSLP messages say for transfers: what was agreed on, and what lies in invitations themselves.

internal import MSNP

extension Transfers {
    /// Takes an MSNSLP message.
    mutating func take(
        text: ArraySlice<UInt8>, at place: Place, _ people: People
    ) {
        // Zeros, with which some clients open or keep a link, are no text.
        guard text.contains(where: { $0 != 0 }) else { return }
        guard let message = SLPMessage(text) else {
            return table.report(.slpMalformed, "An MSNSLP message does not begin like one.", nil, place)
        }
        if let announced = message.wrongLength {
            let text =
                "An MSNSLP message says that its body has \(announced.prefix(32)) bytes; it has \(message.bodyLength)."
            table.report(.slpLength, text, nil, place)
        }
        for fault in message.faults { table.report(.slpMalformed, fault, nil, place) }
        let (added, closed, forgotten) = sessions.take(
            message, at: place, from: people.from, to: people.to,
            isWhole: !table.policy.coverage.hasGaps(place.connection))
        for session in forgotten { reportMissingData(session) }
        if let closed, let closer = closed.closer {
            table.close(agreement: closed.number) { transfer in
                // What goes over a link may go on there.
                transfer.method == .relayed ? closer : nil
            }
        }
        if let added { takePreview(of: added, message, at: place) }
        guard let object = added?.object, let announced = object.ownDigest, let digest,
            digest(object.signedText) != announced
        else { return }
        let text = "The description of a \(added?.kind ?? "thing") has another SHA1C than its words give."
        table.report(.digestDiffers, text, nil, place)
    }

    /// Takes the small picture that an offer of a file may have behind it.
    private mutating func takePreview(
        of session: PeerSession, _ message: SLPMessage, at place: Place
    ) {
        guard table.policy.reportsOffers, session.offer != nil, let context = message.context,
            let offer = FileOffer(context[...]), let isWhole = offer.isPreviewWhole
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

    /// Takes the part of an MSNSLP message.
    mutating func take(
        part data: ArraySlice<UInt8>, of chunk: Chunk, at place: Place, _ people: People
    ) {
        let key = SLPAssembler.Key(
            connection: place.connection, isFromClient: place.side == .client, sender: people.from,
            recipient: people.to, message: chunk.message)
        // Version 2 tells where a part is by what follows it.
        let isVersion2 = chunk.size == nil || chunk.remaining > 0
        let offset = isVersion2 ? chunk.remaining : chunk.offset ?? 0
        let text = texts.take(
            data, at: offset, total: chunk.size, fromEnd: isVersion2, order: chunk.order, key)
        if let text {
            if text.count > data.count, let message = SLPMessage(text[...]) { table.add(.joined(message)) }
            take(text: text[...], at: place, people)
        }
    }
}
