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
                return table.tell("p2p_offset_outside", text, nil, place, &out)
            }
        }
        if chunk.session == 0 {
            return take(part: data, of: chunk, at: place, people, &out)
        }
        if isOnlyDirect, place.role != .peerToPeer { return }
        let session =
            link.flatMap { $0.id == chunk.session ? $0 : nil }
            ?? sessions.find(chunk.session, connection: place.connection, people)
        switch session?.application {
        case .camera, .viewCamera: return
        default: break
        }
        guard chunk.isData || (chunk.mayBeData && session?.application?.isTransfer == true) else { return }
        let key = TransferTable.Key(
            connection: session?.place.connection ?? place.connection,
            isFromClient: session == nil && place.side == .client,
            sender: session == nil ? people.from : "", agreement: session?.number ?? 0, session: chunk.session,
            message: chunk.message)
        let told = table.size(key)
        if told == nil, table.hasEnded(key) { return }
        guard let size = chunk.size ?? told ?? session?.declaredSize else {
            let text = "The first part of a message of session \(chunk.session) was not seen."
            return table.tell("p2p_offset_gap", text, nil, place, &out)
        }
        if let told, told != size {
            return table.tell("p2p_size_differs", "A message of \(told) bytes now has \(size).", key, place, &out)
        }
        guard let offset = chunk.offset ?? Self.offset(of: chunk, count, size) else {
            let text = "\(count) bytes with \(chunk.remaining) behind them, of a message of \(size)."
            return table.tell("p2p_offset_outside", text, nil, place, &out)
        }
        if told == nil { begin(key, chunk, size, session, at: place, people, &out) }
        table.place(data, at: offset, in: key, place, &out)
    }

    private static func offset(of chunk: Chunk, _ count: UInt64, _ size: UInt64) -> UInt64? {
        guard chunk.remaining <= size, count <= size - chunk.remaining else { return nil }
        return size - chunk.remaining - count
    }

    private mutating func begin(
        _ key: TransferTable.Key, _ chunk: Chunk, _ size: UInt64, _ session: PeerSession?, at place: Place,
        _ people: People, _ out: inout [TransferRemark]
    ) {
        var transfer = Transfer(
            number: 0, method: place.role == .peerToPeer ? .direct : .relayed, kind: session?.kind ?? "unknown",
            sender: session?.sender ?? people.from, recipient: session?.recipient ?? people.to, size: size,
            places: [place],
            lastTime: place.time)
        if let session {
            transfer.describe(by: session)
            // A direct link carries what was offered elsewhere.
            if session.place.connection != place.connection { transfer.places.append(session.place) }
            sessions.noteData(session.number)
        }
        table.begin(key, transfer, &out)
        guard let session else {
            let text = "Data of session \(chunk.session) came, of which no invitation was seen."
            return table.tell("p2p_session_unknown", text, key, place, &out)
        }
        if let declared = session.declaredSize, declared != size {
            let text = "A message of \(size) bytes came, where \(declared) were offered."
            table.tell("p2p_size_differs", text, key, place, &out)
        }
    }

    /// Tells of a session that was accepted and of which no data was seen.
    mutating func tellAbsent(_ session: PeerSession, _ out: inout [TransferRemark]) {
        if tellInvitation(session, &out) { return }
        guard session.isAccepted, !session.hasData, session.application?.isTransfer == true else { return }
        var transfer = Transfer(
            number: 0, method: .relayed, kind: session.kind, sender: session.sender,
            recipient: session.recipient, places: [session.place], lastTime: session.place.time)
        transfer.describe(by: session)
        let reason = session.reason ?? "it was accepted, but none of its data was seen"
        table.giveUp(transfer, because: reason, &out)
    }
}

extension Transfer {
    /// Takes over what the invitation says.
    fileprivate mutating func describe(by session: PeerSession) {
        name = session.offer?.name
        declaredSize = session.declaredSize
        object = session.object
        if name == nil, let friendly = session.object?.friendlyName, !friendly.isEmpty { name = friendly }
        reason = session.reason
    }
}
