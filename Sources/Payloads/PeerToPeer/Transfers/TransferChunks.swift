// Assigns packets to transfers and computes the offsets of their data. No number in a packet is trusted.

internal import MSNP

/// The values of a packet's headers, independent of the version.
struct Chunk {
    /// 0 for MSNSLP.
    var session: UInt32
    /// The message identifier of version 1, the package number of version 2.
    var message: UInt32
    /// The offset of the data; nil if it follows from `remaining`.
    var offset: UInt64?
    /// The length of the complete message; nil if the packet does not contain it.
    var size: UInt64?
    /// The number of bytes of the message after this chunk.
    var remaining: UInt64
    /// Whether the header marks the data as an object or a file.
    var isData: Bool
    /// Whether the data may be an object or a file although the header does not mark it so.
    var mayBeData: Bool
    /// Whether header and footer mark it as a file (true) or an object (false).
    var isFile: Bool?
    /// For version 1, whose offsets some clients send wrong: the input for reassembly by order of arrival.
    var order: PacketOrder?
}

/// The accounts of the sender and the recipient of a packet; empty if unknown.
struct People {
    let from: String
    let to: String
    /// The version of the packets; nil on a direct link.
    let version: PeerPacket.Version?

    /// Those of an envelope; if it does not name one, the connection's own account.
    init(envelope: PeerEnvelope? = nil, side: Side = .client, own: String = "") {
        let (from, to) = (envelope?.from ?? "", envelope?.to ?? "")
        version = envelope?.version
        self.from = from.isEmpty && side == .client ? own : from
        self.to = to.isEmpty && side == .server ? own : to
    }
}

extension Transfers {
    /// Adds a chunk to its transfer or MSNSLP message.
    mutating func add(
        _ chunk: Chunk, _ packet: PeerPacket, at place: Place, _ people: People, link: PeerSession?
    ) {
        let data = packet.data
        let count = UInt64(data.count)
        if let offset = chunk.offset, let size = chunk.size {
            guard offset <= size, count <= size - offset else {
                let text = "\(count) bytes at \(offset) of a message of \(size)."
                return table.report(.p2pOffsetOutside, text, nil, place)
            }
        }
        if chunk.session == 0 {
            return add(part: packet, of: chunk, at: place, people)
        }
        let (from, to) = (people.from, people.to)
        let link = link?.id == chunk.session ? link : nil
        let session = session(of: chunk, count, at: place, people, link: link)
        switch session?.application {
        case .camera, .viewCamera: return
        default: break
        }
        let isTransfer = session?.application?.isTransfer == true
        // Only one of the two accounts has data to send.
        let isWrongDirection =
            isTransfer && !from.isEmpty && session.map { !$0.sender.isEmpty && $0.sender != from } ?? false
        guard chunk.isData || (chunk.mayBeData && isTransfer && !isWrongDirection) else { return }
        var key = TransferTable.Key(
            connection: session?.place.connection ?? place.connection,
            isFromClient: session == nil && place.side == .client,
            sender: session == nil || isWrongDirection ? from : "", recipient: session == nil ? to : "",
            agreement: session?.number ?? 0, session: chunk.session, message: chunk.message)
        if link != nil, let session, sessions.hasDataBothWays(session) { key.isFromClient = place.side == .client }
        guard table.policy.followsData(on: place.role) else {
            if session == nil { noteUnknownSession(key, at: place, people) }
            return
        }
        let known = table.size(key)
        if known == nil, table.hasEnded(key) { return }
        guard let size = chunk.size ?? known ?? (isWrongDirection ? nil : session?.declaredSize) else {
            let text = "The first part of a message of session \(chunk.session) was not seen."
            table.report(.p2pOffsetGap, text, nil, place, assuming: .noEarlierPartElsewhere)
            return
        }
        if let known, known != size {
            return table.report(
                .p2pSizeDiffers, "The size of a message changed from \(known) to \(size) bytes.", key, place)
        }
        guard let offset = chunk.offset ?? Self.offset(of: chunk, count, size) else {
            let text = "\(count) bytes followed by \(chunk.remaining), in a message of \(size)."
            return table.report(.p2pOffsetOutside, text, nil, place)
        }
        if known == nil { begin(key, chunk, size, session, isWrongDirection, at: place, people) }
        let isWhole = table.place(data, at: offset, in: key, place, order: chunk.order)
        if isWhole, !isWrongDirection, let session, size >= session.declaredSize ?? 0 {
            sessions.recordAllData(session.number)
        }
    }

    private static func offset(of chunk: Chunk, _ count: UInt64, _ size: UInt64) -> UInt64? {
        guard chunk.remaining <= size, count <= size - chunk.remaining else { return nil }
        return size - chunk.remaining - count
    }

    private mutating func begin(
        _ key: TransferTable.Key, _ chunk: Chunk, _ size: UInt64, _ session: PeerSession?, _ isWrongDirection: Bool,
        at place: Place, _ people: People
    ) {
        let agreed = isWrongDirection ? nil : session
        var transfer = Transfer(
            number: 0, method: place.role == .peerToPeer ? .direct : .relayed, kind: agreed?.kind ?? "unknown",
            sender: agreed?.sender ?? people.from, recipient: agreed?.recipient ?? people.to, size: size,
            places: [place],
            lastTime: place.time)
        if let session = agreed {
            transfer.describe(by: session)
            // The offer of a direct link's data was seen on another connection.
            if session.place.connection != place.connection { transfer.places.append(session.place) }
            sessions.recordData(session.number)
        }
        if links[place.connection]?.hasNonceMismatch == true { transfer.findings.append(.p2pNonceDiffers) }
        table.begin(key, transfer, hasOrder: chunk.order != nil)
        if let session { begun.set(session.number, for: MessageKey(chunk, at: place, people)) }
        if let session, isWrongDirection {
            let text = "\(people.from) sent data in session \(session.id), in which \(session.sender) should send."
            return table.report(.p2pSenderDiffers, text, key, place)
        }
        guard let session else { return noteUnknownSession(key, at: place, people) }
        if let declared = session.declaredSize, declared != size {
            let text = "A message of \(size) bytes arrived, but \(declared) were offered."
            table.report(.p2pSizeDiffers, text, key, place)
        }
    }

    /// Reports, once per message, that the invitation to data is missing.
    private mutating func noteUnknownSession(_ key: TransferTable.Key, at place: Place, _ people: People) {
        guard unknownSessions[key] == nil else { return }
        let text = "Data of session \(key.session) arrived, but its invitation was not seen."
        let isReported = table.report(
            .p2pSessionUnknown, text, key, place, assuming: .invitationCaptured(people.version))
        if isReported { unknownSessions.set(true, for: key) }
    }

    /// Reports an accepted session without data, or the offer of a file whose data another connection may carry.
    mutating func reportMissingData(_ session: PeerSession) {
        var transfer = Transfer(
            number: 0, method: .relayed, kind: session.kind, sender: session.sender,
            recipient: session.recipient, places: [session.place], lastTime: session.place.time)
        transfer.describe(by: session)
        guard table.policy.reportsOffers else {
            if table.policy.scope == .oneConnection, session.isFile, !session.hasData { table.add(.offered(transfer)) }
            return
        }
        guard !reportInvitation(session) else { return }
        guard session.isAccepted, !session.hasData, session.application?.isTransfer == true else { return }
        // An empty file is transferred without any packet.
        if session.isFile, session.declaredSize == 0 { return table.deliver(transfer, []) }
        let reason = session.reason ?? "it was accepted, but none of its data was seen"
        table.giveUp(transfer, because: reason)
    }
}

extension Transfer {
    /// Copies the values of the invitation.
    fileprivate mutating func describe(by session: PeerSession) {
        name = session.offer?.name
        declaredSize = session.declaredSize
        object = session.object
        if name == nil, let friendly = session.object?.friendlyName, !friendly.isEmpty { name = friendly }
        reason = session.reason
    }
}
