// Everything that people send each other, put together from commands, file transfers and direct links.

package import MSNP

/// Reads connections for transfers. One reader may be given many connections, one after the other or at once: invitations
/// of one lead to what others carry.
package struct Transfers: Sendable {
    /// SHA-1, for those who have it: with it, direct links are joined to sessions whose nonces were only told as digests.
    package typealias Digest = @Sendable ([UInt8]) -> [UInt8]

    /// What is done with the bytes of transfers.
    package enum Keeping: Sendable {
        /// Nothing: only what is there is noted.
        case nothing
        /// Every piece is handed out as it comes.
        case pieces
        /// They are kept in memory, so many of each transfer; of larger ones none.
        case data(most: Int)
        /// They are held against what was told of them: digests, and bytes that come again. Little is kept.
        case checking(@Sendable () -> any RunningDigest)
    }

    /// What is reported, and to whom.
    package enum Scope: Sendable {
        /// Everything, to somebody who wants what was transferred.
        case everything
        /// What one connection shows, to somebody who reads no other: nothing that others may contradict.
        case oneConnection
        /// What follows from several connections, to somebody who reads each alone as well. Of what servers carry, only
        /// agreements are read, and whether there is one to the data that comes.
        case betweenConnections
    }

    var table: TransferTable
    var sessions: PeerSessions
    /// The sessions without agreement whose data servers carry, once they were reported.
    var unknownSessions: BoundedDictionary<TransferTable.Key, Bool>
    /// The sessions that messages were found to belong to, by the place and number of their packets.
    var begun: BoundedDictionary<MessageKey, Int>
    var texts: SLPAssembler
    var links: BoundedDictionary<Int, PeerLink>
    var files: FileTransfers
    private var parts = MessageParts()
    private let limits: TransferLimits
    let digest: Digest?

    /// A reader that has seen nothing.
    package init(
        _ keeping: Keeping = .nothing, limits: TransferLimits = TransferLimits(), scope: Scope = .everything,
        sha1 digest: Digest? = nil
    ) {
        self.limits = limits
        self.digest = digest
        table = TransferTable(keeping, FindingPolicy(scope, limits), limits)
        sessions = PeerSessions(limits)
        unknownSessions = BoundedDictionary(most: limits.remembered)
        begun = BoundedDictionary(most: limits.remembered)
        texts = SLPAssembler(limits)
        links = BoundedDictionary(most: limits.links)
        files = FileTransfers(limits)
    }

    /// Notes that a connection was opened.
    ///
    /// - Parameters:
    ///   - address: where it leads to.
    ///   - isFromStart: whether it was captured from its beginning.
    package mutating func open(_ connection: Int, to address: HostPort?, isFromStart: Bool) {
        table.policy.coverage.open(isFromStart: isFromStart)
        if let address { files.open(connection, to: address) }
    }

    /// Reads a command. Those that carry nothing of the kind cost next to nothing.
    package mutating func take(_ frame: Frame, at place: Place) -> [TransferEvent] {
        if place.role == .fileTransfer {
            files.read(frame, at: place, &table)
            return table.takeEvents()
        }
        switch frame.verb {
        case "USR", "ANS", "JOI", "IRO", "BYE":
            if let command = Command(frame, from: place.side) { table.policy.coverage.take(command, at: place) }
            return []
        case "MSG": takeMessage(frame, at: place)
        case "UUN", "UBN", "SDG":
            if let envelope = PeerEnvelope(frame, from: place.side) { take(envelope, at: place) }
        default: return []
        }
        return table.takeEvents()
    }

    /// Reads bytes that are no commands: blocks of a file, packets of a direct link. Others are passed over.
    package mutating func take(_ noise: Noise, at place: Place) -> [TransferEvent] {
        switch noise.reason {
        case .fileData: files.read(noise.bytes[...], at: place, &table)
        case .peerData: take(link: noise, at: place)
        case .payloadTooLong where place.role == .peerToPeer: take(link: noise, at: place)
        default: return []
        }
        return table.takeEvents()
    }

    /// Notes that bytes of a side are missing.
    package mutating func lose(_ count: UInt64, at place: Place) {
        table.policy.coverage.lose(on: place.connection, place.role)
        files.lose(count, at: place)
    }

    /// Notes that a connection has ended.
    ///
    /// - Parameter mayGoOn: what it carried may go on over another that is still to be read.
    package mutating func close(_ connection: Int, mayGoOn: Bool = false) -> [TransferEvent] {
        files.close(connection, &table)
        for fragment in parts.close(connection) { Drawings.giveUp(fragment, &table) }
        links.remove(connection)
        if !mayGoOn {
            table.endAll(on: connection)
            table.policy.coverage.close(connection)
        }
        return table.takeEvents()
    }

    /// Reports what never became whole; the reader is as new then.
    package mutating func finish() -> [TransferEvent] {
        files.finish(&table)
        for fragment in parts.close() { Drawings.giveUp(fragment, &table) }
        table.endAll(sessions)
        var seen: Set<[String]> = []
        let all = sessions.removeAll()
        for session in all where session.hasData { if let key = session.callKey { seen.insert(key) } }
        for session in all where session.callKey.map({ seen.insert($0).inserted }) ?? true {
            reportMissingData(session)
        }
        texts = SLPAssembler(limits)
        table.policy.coverage = CaptureCoverage(limits)
        unknownSessions = BoundedDictionary(most: limits.remembered)
        begun = BoundedDictionary(most: limits.remembered)
        links = BoundedDictionary(most: limits.links)
        sessions = PeerSessions(limits)
        return table.takeEvents()
    }

    private mutating func takeMessage(_ frame: Frame, at place: Place) {
        let kind = Headers.kind(of: frame.payload)
        guard kind.messageID != nil else { return take(message: frame, kind, at: place) }
        let sender = sender(of: frame, place)
        var givenUp: [MessageParts.Fragment] = []
        let outcome = parts.take(
            frame, kind, from: sender, to: recipients(from: sender, place), at: place, givingUp: &givenUp)
        for fragment in givenUp { Drawings.giveUp(fragment, &table) }
        switch outcome {
        case .part: break
        case .alone: take(message: frame, kind, at: place)
        case .whole(let whole, let fragment):
            take(message: whole, Headers.kind(of: whole.payload), at: fragment.place)
        }
    }

    private mutating func take(_ envelope: PeerEnvelope, at place: Place) {
        let people = People(
            envelope: envelope, side: place.side, own: table.policy.coverage.account(of: place.connection) ?? "")
        if let text = envelope.text { take(text: text, at: place, people) }
        for bytes in envelope.packets {
            do {
                let packet = try PeerPacket(bytes, version: envelope.version)
                reportLength(of: packet, at: place)
                take(packet, at: place, people, link: nil)
            } catch {
                report(error, at: place)
            }
        }
    }

    private mutating func report(_ fault: PeerPacket.Fault, at place: Place) {
        switch fault {
        case .header: table.report(.p2pHeader, "A peer-to-peer packet has no whole header.", nil, place)
        case .length(let promised, let there):
            let text = "A peer-to-peer packet promises \(promised) bytes and has \(there)."
            table.report(.p2pChunkLength, text, nil, place)
        }
    }

    /// Reports a packet whose header promises another number of bytes than are there.
    mutating func reportLength(of packet: PeerPacket, at place: Place) {
        guard let promised = packet.wrongLength else { return }
        let text = "A peer-to-peer packet promises \(promised) bytes and has \(packet.data.count), which were taken."
        table.report(.p2pChunkLength, text, nil, place)
    }

    /// Takes a message that is whole.
    private mutating func take(
        message frame: Frame, _ kind: Headers.Kind, at place: Place
    ) {
        guard let type = kind.type.map({ frame.bytes[$0] }) else { return }
        if PeerEnvelope.isType(type) {
            take(PeerEnvelope(message: frame, from: place.side), at: place)
        } else if Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "text/x-msmsgsinvite") {
            takeInvitation(frame, at: place)
        } else if Drawings.isType(type) {
            let sender = sender(of: frame, place)
            Drawings.deliver(
                frame, kind, from: sender, to: recipients(from: sender, place), at: place, &table)
        }
    }

    private mutating func takeInvitation(_ frame: Frame, at place: Place) {
        let invitation = InviteMessage(MIMEMessage(frame.payload).withBody, .basic)
        files.read(invitation, from: sender(of: frame, place), at: place)
    }

    /// Everybody else in a conversation, the client's own account last.
    private func recipients(from sender: String, _ place: Place) -> [String] {
        table.policy.coverage.everybody(on: place.connection, but: sender)
    }

    private func sender(of frame: Frame, _ place: Place) -> String {
        if place.side == .client { return table.policy.coverage.account(of: place.connection) ?? "" }
        return frame.argument(0).map { AccountEndpoint($0).account } ?? ""
    }

    /// Takes one packet.
    ///
    /// - Parameter link: the session that a direct link was made for.
    mutating func take(
        _ packet: PeerPacket, at place: Place, _ people: People, link: PeerSession?
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
            take(chunk, packet.data, at: place, people, link: link)
        case .two(let header):
            guard let data = header.data else { return }
            let (size, overflow) = data.remaining.addingReportingOverflow(count)
            guard !overflow else {
                table.report(.p2pOffsetOutside, "\(data.remaining) bytes are to follow \(count).", nil, place)
                return
            }
            let chunk = Chunk(
                session: data.sessionID, message: UInt32(data.package), offset: data.isFirst ? 0 : nil,
                size: data.isFirst ? size : nil, remaining: data.remaining, isData: data.isData, mayBeData: false,
                isFile: packet.isFile)
            take(chunk, packet.data, at: place, people, link: link)
        }
    }
}
