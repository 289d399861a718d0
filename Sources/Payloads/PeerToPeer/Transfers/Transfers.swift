// Reassembles all transfers between clients, from switchboards, MSNFTP connections and direct links.

package import MSNP

/// Reads connections for transfers. One reader handles any number of connections, in sequence or in parallel: an
/// invitation on one leads to data on others.
package struct Transfers: Sendable {
    /// SHA-1, if available: it matches direct links to sessions whose nonces were announced only as hashes.
    package typealias Digest = @Sendable ([UInt8]) -> [UInt8]

    /// What happens to the bytes of transfers.
    package enum Keeping: Sendable {
        /// They are discarded; only their ranges are recorded.
        case nothing
        /// Every piece is reported as it arrives.
        case pieces
        /// They are kept in memory, up to a maximum per transfer; larger transfers are not kept.
        case data(most: Int)
        /// They are compared with announced digests and with repeated bytes. Few bytes are kept.
        case checking(@Sendable () -> any RunningDigest)
    }

    /// Which events are reported.
    package enum Scope: Sendable {
        /// All transfers and findings.
        case everything
        /// What one connection shows, for a caller that reads no other: nothing that another connection could
        /// contradict.
        case oneConnection
        /// Only what several connections together show, for a caller that also reads each connection alone. On
        /// connections to servers, only MSNSLP is read, and whether data has an invitation.
        case betweenConnections
    }

    var table: TransferTable
    var sessions: PeerSessions
    /// The reported data without an invitation.
    var unknownSessions: BoundedDictionary<TransferTable.Key, Bool>
    /// The session of each message, by the values in its packets.
    var begun: BoundedDictionary<MessageKey, Int>
    var texts: SLPAssembler
    var links: BoundedDictionary<Int, PeerLink>
    var files: FileTransfers
    private var parts = MessageParts()
    private let limits: TransferLimits
    let digest: Digest?

    /// Creates a reader without any connection.
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

    /// Records a new connection.
    ///
    /// - Parameters:
    ///   - address: the destination.
    ///   - isFromStart: whether it was captured from its beginning.
    package mutating func open(_ connection: Int, to address: HostPort?, isFromStart: Bool) {
        table.policy.coverage.open(isFromStart: isFromStart)
        if let address { files.open(connection, to: address) }
    }

    /// Reads a command. The test is cheap for commands that carry no transfer.
    ///
    /// - Parameter envelope: its peer-to-peer content, if it was parsed before.
    package mutating func take(_ frame: Frame, _ envelope: PeerEnvelope? = nil, at place: Place) -> [TransferEvent] {
        if place.role == .fileTransfer {
            files.read(frame, at: place, &table)
            return table.takeEvents()
        }
        if let envelope {
            read(envelope, at: place)
            return table.takeEvents()
        }
        switch frame.verb {
        case let verb where Participants.mayChange(with: verb):
            if let command = Command(frame, from: place.side) { table.policy.coverage.observe(command, at: place) }
            return []
        case "MSG": readMessage(frame, at: place)
        case "UUN", "UBN", "SDG":
            if let envelope = PeerEnvelope(frame, from: place.side) { read(envelope, at: place) }
        default: return []
        }
        return table.takeEvents()
    }

    /// Reads bytes that are not commands: blocks of a file, packets of a direct link. All others are ignored.
    package mutating func take(_ noise: Noise, at place: Place) -> [TransferEvent] {
        switch noise.reason {
        case .fileData: files.read(noise.bytes, at: place, &table)
        case .peerData: read(link: noise, at: place)
        case .payloadTooLong where place.role == .peerToPeer: read(link: noise, at: place)
        default: return []
        }
        return table.takeEvents()
    }

    /// Records a gap of so many bytes on one side.
    package mutating func lose(_ count: UInt64, at place: Place) {
        table.policy.coverage.recordGap(on: place.connection, place.role)
        files.lose(count, at: place)
    }

    /// Records that a connection was closed.
    ///
    /// - Parameter mayGoOn: whether its transfers may continue on a connection that is still to be read.
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

    /// Reports all incomplete transfers and resets the reader.
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

    private mutating func readMessage(_ frame: Frame, at place: Place) {
        let kind = Headers.kind(of: frame.payload)
        guard kind.messageID != nil else { return read(message: frame, kind, at: place) }
        let sender = sender(of: frame, place)
        var givenUp: [MessageParts.Fragment] = []
        let outcome = parts.take(
            frame, kind, from: sender, to: recipients(from: sender, place), at: place, givingUp: &givenUp)
        for fragment in givenUp { Drawings.giveUp(fragment, &table) }
        switch outcome {
        case .part: break
        case .alone: read(message: frame, kind, at: place)
        case .whole(let whole, let fragment):
            read(message: whole, Headers.kind(of: whole.payload), at: fragment.place)
        }
    }

    private mutating func read(_ envelope: PeerEnvelope, at place: Place) {
        let people = People(
            envelope: envelope, side: place.side, own: table.policy.coverage.account(of: place.connection) ?? "")
        if let text = envelope.text { read(text: text, SLPMessage(text), at: place, people) }
        for content in envelope.contents {
            switch content {
            case .success(let packet):
                reportLength(of: packet, at: place)
                read(packet, at: place, people, link: nil)
            case .failure(let fault): report(fault, at: place)
            }
        }
    }

    private mutating func report(_ fault: PeerPacket.Fault, at place: Place) {
        switch fault {
        case .header: table.report(.p2pHeader, "A peer-to-peer packet has an incomplete header.", nil, place)
        case .length(let announced, let actual):
            let text = "A peer-to-peer packet announces \(announced) bytes and has \(actual)."
            table.report(.p2pChunkLength, text, nil, place)
        }
    }

    /// Reports a packet whose header announces a wrong length.
    mutating func reportLength(of packet: PeerPacket, at place: Place) {
        guard let announced = packet.wrongLength else { return }
        let text = "A peer-to-peer packet announces \(announced) bytes and has \(packet.data.count), which were used."
        table.report(.p2pChunkLength, text, nil, place)
    }

    /// Reads a complete message.
    private mutating func read(
        message frame: Frame, _ kind: Headers.Kind, at place: Place
    ) {
        guard let type = kind.type.map({ frame.bytes[$0] }) else { return }
        if PeerEnvelope.isType(type) {
            read(PeerEnvelope(message: frame, from: place.side), at: place)
        } else if Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "text/x-msmsgsinvite") {
            readInvitation(frame, at: place)
        } else if Drawings.isType(type) {
            let sender = sender(of: frame, place)
            Drawings.deliver(
                frame, kind, from: sender, to: recipients(from: sender, place), at: place, &table)
        }
    }

    private mutating func readInvitation(_ frame: Frame, at place: Place) {
        let invitation = InviteMessage(MIMEMessage(frame.payload).withBody, .basic)
        files.read(invitation, from: sender(of: frame, place), at: place)
    }

    /// All other participants of a conversation; the client's own account comes last.
    private func recipients(from sender: String, _ place: Place) -> [String] {
        table.policy.coverage.otherParticipants(on: place.connection, than: sender)
    }

    private func sender(of frame: Frame, _ place: Place) -> String {
        if place.side == .client { return table.policy.coverage.account(of: place.connection) ?? "" }
        return Command.sender(of: frame).map { AccountEndpoint($0).account } ?? ""
    }

    /// Reads a packet.
    ///
    /// - Parameter link: the session whose direct link carries the packet.
    mutating func read(
        _ packet: PeerPacket, at place: Place, _ people: People, link: PeerSession?
    ) {
        let count = UInt64(packet.data.count)
        guard count > 0 else { return }
        switch packet.header {
        case .one(let header):
            guard header.flags & 0x100 == 0, !header.isAcknowledgement else { return }
            // Encrypted data is not an MSNSLP message.
            if header.sessionID == 0, header.flags & 0x200 != 0 { return }
            let order = PacketOrder(
                hasWrongLength: packet.wrongLength != nil, mayEndInFooter: packet.mayEndInFooter)
            let chunk = Chunk(
                session: header.sessionID, message: header.identifier, offset: header.offset, size: header.totalSize,
                remaining: 0, isData: header.isData, mayBeData: header.totalSize > 4, isFile: packet.isFile,
                order: order)
            add(chunk, packet, at: place, people, link: link)
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
            add(chunk, packet, at: place, people, link: link)
        }
    }
}
