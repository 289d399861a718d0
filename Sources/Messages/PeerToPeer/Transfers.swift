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
    /// The sessions that messages were found to belong to, by the place and number of their packets.
    var begun: Recent<MessageKey, Int>
    var texts: SLPAssembler
    var links: Recent<Int, PeerLink>
    var files: FileTransfers
    private var parts = MessageParts()
    private let limits: TransferLimits
    let digest: Digest?
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
        begun = Recent(most: limits.remembered)
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
        case "USR", "ANS", "JOI", "IRO", "BYE":
            if let command = Command(frame, from: place.side) { hearing.take(command, at: place) }
        case "MSG":
            let kind = Headers.kind(of: frame.payload)
            guard kind.messageID != nil else {
                take(message: frame, kind, at: place, &out)
                return out
            }
            let sender = sender(of: frame, place)
            var givenUp: [MessageParts.Fragment] = []
            let outcome = parts.take(
                frame, kind, from: sender, to: recipients(from: sender, place), at: place, givingUp: &givenUp)
            for fragment in givenUp { Drawings.giveUp(fragment, &table, &out) }
            switch outcome {
            case .part: break
            case .alone: take(message: frame, kind, at: place, &out)
            case .whole(let whole, let fragment):
                take(message: whole, Headers.kind(of: whole.payload), at: fragment.place, &out)
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
        for fragment in parts.close(connection) { Drawings.giveUp(fragment, &table, &out) }
        closeLink(connection, &out)
        if !mayGoOn {
            let isBroken = hearing.isBroken(connection)
            let isPart = scope == .betweenConnections
            table.endAll(on: connection, &out) { isPart && $0.mayHaveBegunElsewhere(isBroken: isBroken) }
            hearing.close(connection)
        }
        return out
    }

    /// Says what never became whole; the reader is as new then.
    public mutating func finish() -> [TransferRemark] {
        var out: [TransferRemark] = []
        files.finish(&table, &out)
        for fragment in parts.close() { Drawings.giveUp(fragment, &table, &out) }
        for connection in links.keys.sorted() { closeLink(connection, &out) }
        let (scope, sessions, hearing) = (scope, sessions, hearing)
        table.endAll(&out) { key, transfer in
            let isBroken = hearing.isBroken(transfer.lastConnection)
            return scope == .oneConnection && transfer.mayGoOnElsewhere(sessions[key.agreement], isBroken: isBroken)
        }
        var seen: Set<[String]> = []
        let all = self.sessions.removeAll()
        for session in all where session.hasData { if let sight = session.sight { seen.insert(sight) } }
        for session in all where session.sight.map({ seen.insert($0).inserted }) ?? true { tellAbsent(session, &out) }
        texts = SLPAssembler(limits)
        self.hearing = Hearing(limits)
        strangers = Recent(most: limits.remembered)
        begun = Recent(most: limits.remembered)
        links = Recent(most: limits.links)
        self.sessions = PeerSessions(limits)
        return out
    }

    private mutating func take(_ envelope: PeerEnvelope, at place: Place, _ out: inout [TransferRemark]) {
        let people = People(envelope: envelope, side: place.side, own: hearing.account(of: place.connection) ?? "")
        if let text = envelope.text { take(text: text, at: place, people, &out) }
        for bytes in envelope.packets {
            do {
                let packet = try PeerPacket(bytes, version: envelope.version)
                tellLength(of: packet, at: place, &out)
                take(packet, at: place, people, link: nil, &out)
            } catch {
                tell(error, at: place, &out)
            }
        }
    }

    private mutating func tell(_ fault: PeerPacket.Fault, at place: Place, _ out: inout [TransferRemark]) {
        switch fault {
        case .header: table.tell(.p2pHeader, "A peer-to-peer packet has no whole header.", nil, place, &out)
        case .length(let promised, let there):
            let text = "A peer-to-peer packet promises \(promised) bytes and has \(there)."
            table.tell(.p2pChunkLength, text, nil, place, &out)
        }
    }

    /// Tells of a packet whose header promises another number of bytes than are there.
    mutating func tellLength(of packet: PeerPacket, at place: Place, _ out: inout [TransferRemark]) {
        guard let promised = packet.wrongLength else { return }
        let text = "A peer-to-peer packet promises \(promised) bytes and has \(packet.data.count), which were taken."
        table.tell(.p2pChunkLength, text, nil, place, &out)
    }

    /// Takes a message that is whole.
    private mutating func take(
        message frame: Frame, _ kind: Headers.Kind, at place: Place, _ out: inout [TransferRemark]
    ) {
        guard let type = kind.type.map({ frame.bytes[$0] }) else { return }
        if PeerEnvelope.isType(type) {
            take(PeerEnvelope(message: frame, from: place.side), at: place, &out)
        } else if Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "text/x-msmsgsinvite") {
            takeInvitation(frame, at: place)
        } else if Drawings.isType(type) {
            let sender = sender(of: frame, place)
            Drawings.take(
                frame, kind, from: sender, to: recipients(from: sender, place), at: place, &table, &out)
        }
    }

    private mutating func takeInvitation(_ frame: Frame, at place: Place) {
        let invitation = InviteMessage(MIMEMessage(frame.payload).withBody, .basic)
        files.take(invitation, from: sender(of: frame, place), at: place)
    }

    /// Everybody else in a conversation, the client's own account last.
    private func recipients(from sender: String, _ place: Place) -> [String] {
        hearing.everybody(on: place.connection, but: sender)
    }

    private func sender(of frame: Frame, _ place: Place) -> String {
        if place.side == .client { return hearing.account(of: place.connection) ?? "" }
        return frame.argument(0).map { AccountEndpoint($0).account } ?? ""
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
            // What is encrypted is no text.
            if header.sessionID == 0, header.flags & 0x200 != 0 { return }
            let order = PacketOrder(
                isWrong: packet.wrongLength != nil, mayEndInFooter: packet.mayEndInFooter)
            let chunk = Chunk(
                session: header.sessionID, message: header.identifier, offset: header.offset, size: header.totalSize,
                remaining: 0, isData: header.isData, mayBeData: header.totalSize > 4, isFile: packet.isFile,
                order: order)
            take(chunk, packet.data, at: place, people, link: link, &out)
        case .two(let header):
            guard let data = header.data else { return }
            let (size, overflow) = data.remaining.addingReportingOverflow(count)
            guard !overflow else {
                table.tell(.p2pOffsetOutside, "\(data.remaining) bytes are to follow \(count).", nil, place, &out)
                return
            }
            let chunk = Chunk(
                session: data.sessionID, message: UInt32(data.package), offset: data.isFirst ? 0 : nil,
                size: data.isFirst ? size : nil, remaining: data.remaining, isData: data.isData, mayBeData: false,
                isFile: packet.isFile)
            take(chunk, packet.data, at: place, people, link: link, &out)
        }
    }
}
