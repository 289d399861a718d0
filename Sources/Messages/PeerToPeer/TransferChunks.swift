// From a packet's numbers to a place in a transfer. Nobody vouches for any of them.

internal import MSNP

/// What the headers of either version say of a packet's data.
struct Chunk {
    /// 0 for MSNSLP.
    var session: UInt32
    /// The identifier of version 1, the package of version 2.
    var message: UInt32
    /// Where the data belongs; nil where only `remaining` tells.
    var offset: UInt64?
    /// How long the whole message is; nil where the packet does not tell.
    var size: UInt64?
    /// How many bytes are to follow.
    var remaining: UInt64
    /// The header calls it an object or a file.
    var isData: Bool
    /// It may be an object or a file, though the header does not call it so.
    var mayBeData: Bool
    /// Header and footer call it a file, or an object.
    var isFile: Bool?
    /// Its place follows from the order of packets too: in version 1, where some clients tell wrong ones.
    var order: PacketOrder?
}

/// Who sends to whom, read only where it is asked for: most chunks belong to a session that is known.
struct People {
    var envelope: PeerEnvelope?
    var side = Side.client
    var own = ""

    var from: String {
        guard let name = envelope?.from, !name.isEmpty else { return side == .client ? own : "" }
        return name
    }

    var to: String {
        guard let name = envelope?.to, !name.isEmpty else { return side == .server ? own : "" }
        return name
    }
}

extension Transfers {
    /// Finds out what a chunk belongs to, and puts it there.
    mutating func take(
        _ chunk: Chunk, _ data: ArraySlice<UInt8>, at place: Place, _ people: People, link: PeerSession?,
        _ out: inout [TransferRemark]
    ) {
        let count = UInt64(data.count)
        if let offset = chunk.offset, let size = chunk.size {
            guard offset <= size, count <= size - offset else {
                let text = "\(count) bytes at \(offset) of a message of \(size)."
                return table.tell(.p2pOffsetOutside, text, nil, place, &out)
            }
        }
        if chunk.session == 0 {
            return take(part: data, of: chunk, at: place, people, &out)
        }
        let (from, to) = (people.from, people.to)
        let link = link?.id == chunk.session ? link : nil
        let session = session(of: chunk, count, at: place, people, link: link)
        switch session?.application {
        case .camera, .viewCamera: return
        default: break
        }
        let isTransfer = session?.application?.isTransfer == true
        // Only one of the two has anything to send.
        let isTurned = isTransfer && !from.isEmpty && session.map { !$0.sender.isEmpty && $0.sender != from } ?? false
        guard chunk.isData || (chunk.mayBeData && isTransfer && !isTurned) else { return }
        var key = TransferTable.Key(
            connection: session?.place.connection ?? place.connection,
            isFromClient: session == nil && place.side == .client,
            sender: session == nil || isTurned ? from : "", recipient: session == nil ? to : "",
            agreement: session?.number ?? 0, session: chunk.session, message: chunk.message)
        if link != nil, let session, sessions.goesEitherWay(session) { key.isFromClient = place.side == .client }
        if scope == .betweenConnections, place.role != .peerToPeer {
            if session == nil { meet(key, at: place, people, &out) }
            return
        }
        let told = table.size(key)
        if told == nil, table.hasEnded(key) { return }
        // Its first bytes may have come over a connection that this reader does not know.
        let mayBeginElsewhere = scope != .everything && !hearing.isBroken(place.connection)
        guard let size = chunk.size ?? told ?? (isTurned ? nil : session?.declaredSize) else {
            if mayBeginElsewhere { return }
            let text = "The first part of a message of session \(chunk.session) was not seen."
            return table.tell(.p2pOffsetGap, text, nil, place, &out)
        }
        if let told, told != size {
            return table.tell(.p2pSizeDiffers, "A message of \(told) bytes now has \(size).", key, place, &out)
        }
        guard let offset = chunk.offset ?? Self.offset(of: chunk, count, size) else {
            let text = "\(count) bytes with \(chunk.remaining) behind them, of a message of \(size)."
            return table.tell(.p2pOffsetOutside, text, nil, place, &out)
        }
        if told == nil { begin(key, chunk, size, session, isTurned, at: place, people, &out) }
        let isWhole = table.place(
            data, at: offset, in: key, place, order: chunk.order, mayBeginElsewhere: mayBeginElsewhere, &out)
        if isWhole, !isTurned, let session, size >= session.declaredSize ?? 0 { sessions.noteAll(session.number) }
    }

    private static func offset(of chunk: Chunk, _ count: UInt64, _ size: UInt64) -> UInt64? {
        guard chunk.remaining <= size, count <= size - chunk.remaining else { return nil }
        return size - chunk.remaining - count
    }

    private mutating func begin(
        _ key: TransferTable.Key, _ chunk: Chunk, _ size: UInt64, _ session: PeerSession?, _ isTurned: Bool,
        at place: Place, _ people: People, _ out: inout [TransferRemark]
    ) {
        let agreed = isTurned ? nil : session
        var transfer = Transfer(
            number: 0, method: place.role == .peerToPeer ? .direct : .relayed, kind: agreed?.kind ?? "unknown",
            sender: agreed?.sender ?? people.from, recipient: agreed?.recipient ?? people.to, size: size,
            places: [place],
            lastTime: place.time)
        if let session = agreed {
            transfer.describe(by: session)
            // A direct link carries what was offered elsewhere.
            if session.place.connection != place.connection { transfer.places.append(session.place) }
            sessions.noteData(session.number)
        }
        if links[place.connection]?.isDoubtful == true { transfer.findings.append(.p2pNonceDiffers) }
        table.begin(key, transfer, hasOrder: chunk.order != nil, &out)
        if let session { begun.set(session.number, for: MessageKey(chunk, at: place, people)) }
        if let session, isTurned {
            let text =
                "\(people.from) sent data in session \(session.id), in which \(session.sender) was to send: it is not"
                + " what was agreed on."
            return table.tell(.p2pSenderDiffers, text, key, place, &out)
        }
        guard let session else {
            if scope != .oneConnection, wouldKnow(of: place, people) { tellStranger(key, at: place, &out) }
            return
        }
        if let declared = session.declaredSize, declared != size {
            let text = "A message of \(size) bytes came, where \(declared) were offered."
            table.tell(.p2pSizeDiffers, text, key, place, &out)
        }
    }

    /// Tells once of data through a server that nobody agreed on, where that would have been heard.
    private mutating func meet(
        _ key: TransferTable.Key, at place: Place, _ people: People, _ out: inout [TransferRemark]
    ) {
        guard strangers[key] == nil, wouldKnow(of: place, people) else { return }
        strangers.set(true, for: key)
        tellStranger(key, at: place, &out)
    }

    /// Whether an invitation to data would have been heard.
    private func wouldKnow(of place: Place, _ people: People) -> Bool {
        guard place.role != .peerToPeer else { return hearing.wouldKnow(nil) }
        return people.envelope.map { hearing.wouldKnow(on: place.connection, $0.version) } ?? false
    }

    private mutating func tellStranger(_ key: TransferTable.Key, at place: Place, _ out: inout [TransferRemark]) {
        let text = "Data of session \(key.session) came, of which no invitation was seen."
        table.tell(.p2pSessionUnknown, text, key, place, &out)
    }

    /// Tells of a session that was accepted and of which no data was seen: to who would know of it.
    mutating func tellAbsent(_ session: PeerSession, _ out: inout [TransferRemark]) {
        guard scope == .everything, !tellInvitation(session, &out) else { return }
        guard session.isAccepted, !session.hasData, session.application?.isTransfer == true else { return }
        var transfer = Transfer(
            number: 0, method: .relayed, kind: session.kind, sender: session.sender,
            recipient: session.recipient, places: [session.place], lastTime: session.place.time)
        transfer.describe(by: session)
        // Of an empty file there is nothing to send.
        if session.isFile, session.declaredSize == 0 { return table.deliver(transfer, [], &out) }
        let reason = session.reason ?? "it was accepted, but none of its data was seen"
        table.giveUp(transfer, because: reason, &out)
    }
}

extension Transfer {
    /// Whether what is missing may have come over a connection that a reader of one does not know: nothing came behind its
    /// hole, no bytes of the connection are missing, and nobody closed its session.
    func mayGoOnElsewhere(_ session: PeerSession?, isBroken: Bool) -> Bool {
        guard !hasWhatWasTold, received.ranges.count < 2 else { return false }
        return session?.isWayAgreed == true || session?.isOver != true && !isBroken
    }

    /// Whether only its beginning is missing, which may have come through a server before there was a direct link.
    func mayHaveBegunElsewhere(isBroken: Bool) -> Bool {
        guard !isBroken, let size, let first = received.ranges.first, received.ranges.count == 1 else { return false }
        return first.lowerBound > 0 && first.upperBound == size
    }

    /// Takes over what the invitation says.
    fileprivate mutating func describe(by session: PeerSession) {
        name = session.offer?.name
        declaredSize = session.declaredSize
        object = session.object
        if name == nil, let friendly = session.object?.friendlyName, !friendly.isEmpty { name = friendly }
        reason = session.reason
    }
}
