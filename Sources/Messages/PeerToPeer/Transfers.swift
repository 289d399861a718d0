// Everything that people send each other, put together from commands, file transfers and direct links.

public import MSNP

/// Reads connections for transfers. One reader may be given many connections, one after the other or at once: invitations
/// of one lead to what others carry.
public struct Transfers: Sendable {
    /// SHA-1, for those who have it: with it, direct links are joined to sessions whose nonces were only told as digests.
    public typealias Digest = @Sendable ([UInt8]) -> [UInt8]

    /// What is done with the bytes of transfers.
    public enum Keeping: Sendable {
        /// Nothing: only what is there is noted.
        case nothing
        /// Every piece is handed out as it comes.
        case pieces
        /// They are kept in memory, so many of each transfer; of larger ones none.
        case data(most: Int)
        /// They are held against what was told of them: digests, and bytes that come again. Little is kept.
        case checking(@Sendable () -> any RunningDigest)
    }

    /// Of which connections something is told.
    public enum Scope: Sendable {
        /// All of them, to somebody who wants what was transferred.
        case everything
        /// One, to somebody who knows no other: nothing is said that others may contradict.
        case oneConnection
        /// What follows from several, to somebody who looks at each alone as well: of what goes through servers only
        /// agreements are taken, and whether there is one to what comes.
        case betweenConnections
    }

    var table: TransferTable
    var sessions: PeerSessions
    var hearing: Hearing
    /// What came of sessions without agreement through servers, and was told.
    var strangers: Recent<TransferTable.Key, Bool>
    private var texts: SLPAssembler
    var links: Recent<Int, PeerLink>
    var files: FileTransfers
    private var drawings = Drawings()
    private let limits: TransferLimits
    private let digest: Digest?
    let scope: Scope

    /// A reader that has seen nothing.
    public init(
        _ keeping: Keeping = .nothing, limits: TransferLimits = TransferLimits(), scope: Scope = .everything,
        sha1 digest: Digest? = nil
    ) {
        self.limits = limits
        self.scope = scope
        self.digest = digest
        table = TransferTable(keeping, limits)
        sessions = PeerSessions(limits)
        hearing = Hearing(limits)
        strangers = Recent(most: limits.remembered)
        texts = SLPAssembler(limits)
        links = Recent(most: limits.links)
        files = FileTransfers(limits)
    }

    /// Notes that a connection was opened.
    ///
    /// - Parameters:
    ///   - address: where it leads to.
    ///   - isFromStart: whether it was heard from its beginning.
    public mutating func open(_ connection: Int, to address: HostPort?, isFromStart: Bool) {
        hearing.open(isFromStart: isFromStart)
        if let address { files.open(connection, to: address) }
    }

    /// Takes a command. Those that carry nothing of the kind cost next to nothing.
    public mutating func take(_ frame: Frame, at place: Place) -> [TransferRemark] {
        var out: [TransferRemark] = []
        if place.role == .fileTransfer {
            files.take(frame, at: place, hearing, &table, &out)
            return out
        }
        switch frame.verb {
        case "USR", "ANS", "JOI", "IRO", "BYE": hearing.take(frame, at: place)
        case "MSG":
            let payload = frame.payload
            guard let range = Headers.value(of: "content-type", in: payload) else {
                if drawings.isWaiting {
                    take(drawing: frame, at: place, &out)
                }
                return out
            }
            let type = payload[range]
            if PeerEnvelope.isType(type) {
                take(PeerEnvelope(message: frame, from: place.side), at: place, &out)
            } else if Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "text/x-msmsgsinvite") {
                takeInvitation(frame, at: place)
            } else if Drawings.isType(type) {
                take(drawing: frame, at: place, &out)
            }
        case "UUN", "UBN", "SDG":
            if let envelope = PeerEnvelope(frame, from: place.side) { take(envelope, at: place, &out) }
        default: break
        }
        return out
    }

    /// Takes bytes that are no commands: blocks of a file, packets of a direct link. Others are passed over.
    public mutating func take(_ noise: Noise, at place: Place) -> [TransferRemark] {
        var out: [TransferRemark] = []
        switch noise.reason {
        case .fileData: files.take(noise.bytes[...], at: place, hearing, &table, &out)
        case .peerData: take(link: noise.bytes[...], at: place, &out)
        case .payloadTooLong:
            guard place.role == .peerToPeer, let told = PeerStream.impossibleLength(noise) else { break }
            take([.fault("a packet of \(told) bytes is announced")], at: place, &out)
        default: break
        }
        return out
    }

    /// Notes that bytes of a side are missing.
    @discardableResult public mutating func lose(_ count: UInt64, at place: Place) -> [TransferRemark] {
        var out: [TransferRemark] = []
        hearing.lose(on: place.connection, place.role)
        files.lose(count, at: place)
        var pieces: [PeerStream.Piece] = []
        links.change(place.connection) { link in
            pieces = place.side == .client ? link.client.lose(count) : link.server.lose(count)
        }
        take(pieces, at: place, &out)
        return out
    }

    /// Notes that a connection has ended.
    ///
    /// - Parameter mayGoOn: what it carried may go on over another that is still to be read.
    public mutating func close(_ connection: Int, mayGoOn: Bool = false) -> [TransferRemark] {
        var out: [TransferRemark] = []
        files.close(connection, &table, &out)
        drawings.close(connection, &table, &out)
        closeLink(connection, &out)
        if !mayGoOn {
            hearing.close(connection)
            table.endAll(on: connection, &out)
        }
        return out
    }

    /// Says what never became whole; the reader is as new then.
    public mutating func finish() -> [TransferRemark] {
        var out: [TransferRemark] = []
        files.finish(&table, &out)
        drawings.close(nil, &table, &out)
        for connection in links.keys.sorted() { closeLink(connection, &out) }
        table.endAll(&out)
        var seen: Set<String> = []
        let all = sessions.removeAll()
        for session in all where session.hasData { if let call = session.call { seen.insert(call) } }
        for session in all where session.call.map({ seen.insert($0).inserted }) ?? true { tellAbsent(session, &out) }
        texts = SLPAssembler(limits)
        hearing = Hearing(limits)
        strangers = Recent(most: limits.remembered)
        links = Recent(most: limits.links)
        sessions = PeerSessions(limits)
        return out
    }

    private mutating func take(_ envelope: PeerEnvelope, at place: Place, _ out: inout [TransferRemark]) {
        let people = People(envelope: envelope, side: place.side, own: hearing.account(of: place.connection) ?? "")
        if let text = envelope.text { take(text: text, at: place, people, &out) }
        for bytes in envelope.packets {
            do {
                let packet = try PeerPacket(bytes, version: envelope.version)
                take(packet, at: place, people, link: nil, &out)
            } catch {
                tell(error, at: place, &out)
            }
        }
    }

    private mutating func tell(_ fault: PeerPacket.Fault, at place: Place, _ out: inout [TransferRemark]) {
        switch fault {
        case .header: table.tell("p2p_header", "A peer-to-peer packet has no whole header.", nil, place, &out)
        case .length(let promised, let there):
            let text = "A peer-to-peer packet promises \(promised) bytes and has \(there)."
            table.tell("p2p_chunk_length", text, nil, place, &out)
        }
    }

    private mutating func takeInvitation(_ frame: Frame, at place: Place) {
        let invitation = InviteMessage(MIMEMessage(frame.payload).withBody, .basic)
        files.take(invitation, from: sender(of: frame, place), at: place)
    }

    private mutating func take(drawing frame: Frame, at place: Place, _ out: inout [TransferRemark]) {
        let from = sender(of: frame, place)
        var everybody = hearing.others(on: place.connection)
        if let own = hearing.account(of: place.connection) { everybody.append(own) }
        let to = everybody.filter { $0 != from }.joined(separator: ", ")
        drawings.take(frame, from: from, to: to, at: place, &table, &out)
    }

    private func sender(of frame: Frame, _ place: Place) -> String {
        if place.side == .client { return hearing.account(of: place.connection) ?? "" }
        return frame.arguments.first.map { String(decoding: Account.of($0), as: UTF8.self) } ?? ""
    }

    /// Takes one packet.
    ///
    /// - Parameter link: the session that a direct link was made for.
    mutating func take(
        _ packet: PeerPacket, at place: Place, _ people: People, link: PeerSession?,
        _ out: inout [TransferRemark]
    ) {
        let count = UInt64(packet.data.count)
        guard count > 0 else { return }
        switch packet.header {
        case .one(let header):
            guard header.flags & 0x100 == 0, !header.isAcknowledgement else { return }
            let chunk = Chunk(
                session: header.sessionID, message: header.identifier, offset: header.offset, size: header.totalSize,
                remaining: 0, isData: header.isData, mayBeData: header.totalSize > 4)
            take(chunk, packet.data, at: place, people, link: link, &out)
        case .two(let header):
            guard let data = header.data else { return }
            let (size, overflow) = data.remaining.addingReportingOverflow(count)
            guard !overflow else {
                table.tell("p2p_offset_outside", "\(data.remaining) bytes are to follow \(count).", nil, place, &out)
                return
            }
            let chunk = Chunk(
                session: data.sessionID, message: UInt32(data.package), offset: data.isFirst ? 0 : nil,
                size: data.isFirst ? size : nil, remaining: data.remaining, isData: data.isData, mayBeData: false)
            take(chunk, packet.data, at: place, people, link: link, &out)
        }
    }

    /// Takes an MSNSLP message.
    mutating func take(
        text: ArraySlice<UInt8>, at place: Place, _ people: People, _ out: inout [TransferRemark]
    ) {
        guard let message = SLPMessage(text) else {
            return table.tell("slp_malformed", "An MSNSLP message does not begin like one.", nil, place, &out)
        }
        if let told = message.wrongLength {
            let text =
                "An MSNSLP message says that its body has \(told.prefix(32)) bytes; it has \(message.bodyLength)."
            table.tell("slp_length", text, nil, place, &out)
        }
        for fault in message.faults { table.tell("slp_malformed", fault, nil, place, &out) }
        let (added, forgotten) = sessions.take(message, at: place, from: people.from, to: people.to)
        for session in forgotten { tellAbsent(session, &out) }
        if let added { takePreview(of: added, message, at: place, &out) }
        guard let object = added?.object, let told = object.ownDigest, let digest, digest(object.signedText) != told
        else { return }
        let text = "The description of a \(added?.kind ?? "thing") has another SHA1C than its words give."
        table.tell("digest_differs", text, nil, place, &out)
    }

    /// Takes the small picture that an offer of a file may have behind it.
    private mutating func takePreview(
        of session: PeerSession, _ message: SLPMessage, at place: Place, _ out: inout [TransferRemark]
    ) {
        guard scope == .everything, session.offer != nil, let context = message.context,
            let offer = FileOffer(context[...]), let isWhole = offer.isPreviewWhole
        else { return }
        var transfer = Transfer(
            number: 0, method: .message, kind: "preview", sender: session.sender, recipient: session.recipient,
            places: [place], lastTime: place.time)
        transfer.name = offer.name
        if isWhole {
            table.deliver(transfer, offer.preview, &out)
        } else {
            table.giveUp(transfer, because: "the picture ends too early", &out)
        }
    }

    /// Takes the part of an MSNSLP message.
    mutating func take(
        part data: ArraySlice<UInt8>, of chunk: Chunk, at place: Place, _ people: People, _ out: inout [TransferRemark]
    ) {
        let key = SLPAssembler.Key(
            connection: place.connection, isFromClient: place.side == .client, sender: people.from,
            recipient: people.to, message: chunk.message)
        // Version 2 tells where a part is by what follows it.
        let isVersion2 = chunk.size == nil || chunk.remaining > 0
        let offset = isVersion2 ? chunk.remaining : chunk.offset ?? 0
        if let text = texts.take(data, at: offset, total: chunk.size, fromEnd: isVersion2, key) {
            if text.count > data.count, let message = SLPMessage(text[...]) { out.append(.joined(message)) }
            take(text: text[...], at: place, people, &out)
        }
    }

    private mutating func take(link bytes: ArraySlice<UInt8>, at place: Place, _ out: inout [TransferRemark]) {
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
    private mutating func closeLink(_ connection: Int, _ out: inout [TransferRemark]) {
        guard var link = links[connection] else { return }
        if let place = link.clientPlace { take(link.client.finish(), at: place, &out) }
        if let place = link.serverPlace { take(link.server.finish(), at: place, &out) }
        links.remove(connection)
    }

    private mutating func take(_ pieces: [PeerStream.Piece], at place: Place, _ out: inout [TransferRemark]) {
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
                table.tell("p2p_link_broken", "A direct link makes no sense: \(text).", nil, place, &out)
            case .packet(let packet):
                let session = links[connection]?.session.flatMap { sessions[$0] }
                if links[connection]?.nonces.isEmpty == false,
                    let session = session ?? sessions.find(packet.session, connection: connection, from: "", to: "")
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
            table.tell("p2p_nonce_differs", text, nil, nonce.place, &out)
            links.change(connection) { $0.isDoubtful = true }
        }
    }
}
