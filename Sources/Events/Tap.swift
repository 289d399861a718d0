// Parses both byte streams of one connection into frames, noise and gaps. The relay and the capture reader share it.

internal import Doors
package import MSNP

/// Parses the bytes of both sides of a connection into frames, noise and gaps.
///
/// The caller pulls one event kind at a time, so that it can act between two of them:
///
///     tap.count(bytes, from: .server)
///     var position = 0
///     while let kind = tap.next(bytes, from: &position, side: .server) { … }
package struct Tap: Sendable {
    /// The role of the connection, as far as known.
    package private(set) var role: Role = .unknown
    /// The negotiated dialect.
    package private(set) var dialect: Dialect?
    /// The client's e-mail address; nil until a command contains it.
    package private(set) var account: String?
    /// The last transaction identifier sent by the client.
    package private(set) var lastTransaction: UInt32?
    /// The stream offset of a side's next piece, gaps included.
    package func offset(of side: Side) -> UInt64 {
        links?[side].offset ?? decoders[side].offset
    }

    private var decoders: PerSide<FrameDecoder>
    private var tallies: PerSide<Tally>
    /// The dialects in the client's latest `VER`.
    private var offered: [Dialect] = []
    private var clientHasSent = false
    private var isSignedIn = false
    /// The state of the file that `fileSender` sends; nil until the transfer starts.
    private var file: FileBlocks?
    /// The side that sends the file: usually the server.
    private var fileSender = Side.server
    /// The packet decoders of a direct link, which has packets instead of commands; nil for other connections.
    private var links: PerSide<LinkStream>?
    /// What cuts HTTP messages into blocks; at most one element. An array, because few connections have them and all are
    /// to be small.
    private var blocks: [PerSide<HTTPBlocks>] = []

    /// Creates a tap for one connection.
    ///
    /// - Parameters:
    ///   - hasDigests: whether to compute the SHA-256 of both directions.
    ///   - clientStartsMidStream: whether the client's first bytes may be in the middle of a command.
    ///   - serverStartsMidStream: whether the server's first bytes may be in the middle of a command.
    package init(
        hasDigests: Bool = true, clientStartsMidStream: Bool = false, serverStartsMidStream: Bool = false
    ) {
        tallies = PerSide(both: Tally(hasDigest: hasDigests))
        decoders = PerSide(
            client: FrameDecoder(side: .client, startsMidStream: clientStartsMidStream),
            server: FrameDecoder(side: .server, startsMidStream: serverStartsMidStream))
    }

    /// Sets the state known from another connection: a switchboard inherits its dialect through the cookie.
    package mutating func inherit(dialect: Dialect?, role: Role? = nil) {
        if let role { set(role: role) }
        if let dialect { set(dialect: dialect) }
    }

    /// From now on the connection has HTTP messages instead of commands.
    package mutating func readMessages() {
        set(role: .http)
        blocks = [PerSide(client: HTTPBlocks(isRequest: true), server: HTTPBlocks(isRequest: false))]
    }

    /// Resets a side for bytes that may start in the middle of a command or of a direct link's packet.
    package mutating func joinMidStream(_ side: Side) {
        if links != nil {
            links?[side] = LinkStream(startsMidStream: true)
            return
        }
        var decoder = FrameDecoder(side: side, startsMidStream: true)
        decoder.role = role
        decoder.dialect = dialect
        decoders[side] = decoder
    }

    /// Makes noise of bytes that are not MSNP and precede the next command of a side.
    package mutating func setAside(_ bytes: ByteSlice, from side: Side, as reason: Noise.Reason) -> Event.Kind {
        let noise = decoders[side].setAside(bytes, as: reason)
        countNoise(noise, from: side)
        return .noise(noise, from: side)
    }

    /// Counts received bytes. Call it before `next` parses them.
    package mutating func count(_ bytes: Span<UInt8>, from side: Side) {
        tallies[side].count(bytes)
    }

    /// The next complete frame or noise in these bytes; nil if there is none. It owns its bytes.
    package mutating func next(_ bytes: Span<UInt8>, from position: inout Int, side: Side) -> Event.Kind? {
        next(bytes, of: nil, from: &position, side: side)
    }

    /// The next complete frame or noise in these bytes; nil if there is none. If it lies whole within them, it is a part
    /// of them.
    package mutating func next(_ bytes: ByteSlice, from position: inout Int, side: Side) -> Event.Kind? {
        next(bytes.span, of: bytes, from: &position, side: side)
    }

    private mutating func next(
        _ bytes: Span<UInt8>, of owner: ByteSlice?, from position: inout Int, side: Side
    ) -> Event.Kind? {
        if links != nil {
            return links?[side].next(bytes, of: owner, from: &position).map { kind(of: .noise($0), from: side) }
        }
        if !blocks.isEmpty {
            return blocks[0][side].next(bytes, from: &position).map {
                setAside(ByteSlice($0), from: side, as: .httpMessage)
            }
        }
        if file != nil, side == fileSender,
            side == .client ? decoders.client.pending == 0 : decoders.server.pending == 0,
            let noise = nextFileBlocks(bytes, of: owner, from: &position)
        {
            return noise
        }
        return decoders[side].next(bytes, of: owner, from: &position).map { kind(of: $0, from: side) }
    }

    /// The number of buffered bytes while the decoder of a side searches for the next command after a gap or an error.
    ///
    /// The function is `mutating` only to avoid a copy of the tap; it changes nothing.
    package mutating func heldBack(of side: Side) -> Int {
        // Not by subscript, which would copy the decoder.
        side == .client ? decoders.client.heldBack : decoders.server.heldBack
    }

    /// The number of bytes of an incomplete command of a side; 0 on a direct link.
    ///
    /// The function is `mutating` only to avoid a copy of the tap; it changes nothing.
    package mutating func unfinishedBytes(of side: Side) -> Int {
        if links != nil || !blocks.isEmpty { return 0 }
        return side == .client ? decoders.client.pending : decoders.server.pending
    }

    /// Marks the end of a TCP segment after the bytes passed so far for a side.
    ///
    /// - Returns: whether a buffered piece is complete now, so that `next` with no bytes returns it.
    package mutating func settle(_ side: Side) -> Bool {
        guard links == nil, blocks.isEmpty else { return false }
        return decoders[side].settle()
    }

    /// Processes a frame that another parser produced, such as the reader of a pasted log, and counts its bytes.
    package mutating func take(_ frame: Frame, from side: Side) -> Event.Kind {
        count(frame.bytes.span, from: side)
        return kind(of: .frame(frame), from: side)
    }

    /// The file blocks before the next line, as noise; nil if there are none.
    private mutating func nextFileBlocks(
        _ bytes: Span<UInt8>, of owner: ByteSlice?, from position: inout Int
    ) -> Event.Kind? {
        guard let count = file?.take(bytes, from: position), count > 0 else { return nil }
        defer { position += count }
        let blocks = ByteSlice(bytes, of: owner, from: position, count: count)
        return setAside(blocks, from: fileSender, as: .fileData)
    }

    /// The received beginning of an incomplete command of this side, and its stream offset.
    package func unfinishedCommand(of side: Side) -> (offset: UInt64, bytes: ByteSlice)? {
        decoders[side].unfinishedCommand
    }

    /// Records a gap of this many bytes in a side's stream.
    ///
    /// - Returns: the pieces buffered before the gap, then the gap.
    package mutating func lose(_ count: UInt64, from side: Side) -> [Event.Kind] {
        let offset = tallies[side].offset
        tallies[side].countGap(count)
        let gap = Event.Kind.gap(bytes: count, offset: offset, from: side)
        if !blocks.isEmpty {
            let block = blocks[0][side].receiveGap(Int(clamping: count)).map {
                setAside(ByteSlice($0), from: side, as: .httpMessage)
            }
            _ = decoders[side].lose(count)
            return (block.map { [$0] } ?? []) + [gap]
        }
        var pieces = decoders[side].lose(count)
        if links != nil { pieces = links?[side].lose(count).map(Piece.noise) ?? [] }
        if side == fileSender { file?.lose(count) }
        return pieces.map { kind(of: $0, from: side) } + [gap]
    }

    /// Ends the stream of a side, and returns the pieces that were still buffered.
    package mutating func finish(_ side: Side) -> [Event.Kind] {
        if links != nil {
            return (links?[side].finish() ?? []).map { kind(of: .noise($0), from: side) }
        }
        if !blocks.isEmpty {
            return blocks[0][side].finish().map { [setAside(ByteSlice($0), from: side, as: .httpMessage)] } ?? []
        }
        var kinds: [Event.Kind] = []
        while let piece = decoders[side].finish() { kinds.append(kind(of: piece, from: side)) }
        return kinds
    }

    /// The totals of a side so far.
    package func sums(of side: Side) -> Tally.Sums { tallies[side].sums }

    /// Sets the number of bytes that the other side acknowledged but the capture does not contain.
    ///
    /// - Parameter holes: the final list of gaps, which replaces the gaps counted so far: bytes missing after the last
    ///   captured byte are not a gap.
    package mutating func countAckedUnseen(_ bytes: UInt64, from side: Side, holes: [Tally.Hole]? = nil) {
        tallies[side].ackedUnseenBytes = bytes
        if let holes { tallies[side].replaceGaps(by: holes) }
    }

    /// Counts a piece, updates the state of the connection from it, and returns its event kind.
    private mutating func kind(of piece: Piece, from side: Side) -> Event.Kind {
        switch piece {
        case .frame(let frame):
            tallies[side].count(frame)
            updateState(from: frame, side)
            return .frame(frame, from: side)
        case .noise(let noise):
            countNoise(noise, from: side)
            if side == .client { clientHasSent = true }
            return .noise(noise, from: side)
        }
    }

    private mutating func countNoise(_ noise: Noise, from side: Side) {
        tallies[side].count(noise)
    }

    /// Updates role, dialect, account and sign-in state from a command.
    private mutating func updateState(from frame: Frame, _ side: Side) {
        if side == .client {
            if let transaction = frame.transaction(from: .client, in: dialect) { lastTransaction = transaction }
            updateState(fromClient: frame)
        } else {
            updateState(fromServer: frame)
        }
        // If the first commands were missed, a verb that only one kind of server uses determines the role. A
        // notification verb also proves a sign-in, because a dispatch server has neither lists nor presence.
        guard role == .unknown || role == .notification && !isSignedIn,
            let implied = CommandForm.impliedRole(of: frame.verb, from: side), implied != .fileTransfer
        else { return }
        if role == .unknown { set(role: implied) }
        if implied == .notification { isSignedIn = true }
    }

    private mutating func updateState(fromClient frame: Frame) {
        if !clientHasSent {
            clientHasSent = true
            let opening = FirstCommand(frame)
            if opening.role != .unknown { set(role: opening.role) }
        }
        switch frame.verb {
        case "VER": offered = Command.dialects(of: frame, from: .client)
        case "USR", "ANS":
            guard account == nil else { return }
            switch Command(frame, from: .client) {
            case .enterSwitchboard(let endpoint, _, _): account = endpoint.account
            case .signIn(_, let token): account = AccountEndpoint(token).account
            default: return
            }
        case "CVQ": if !isSignedIn, role == .unknown || role == .notification { set(role: .dispatch) }
        case "TFR": expectFile(from: .server)
        case "FIL": expectFile(from: .client)
        default: return
        }
    }

    private mutating func expectFile(from side: Side) {
        guard role == .fileTransfer, file == nil else { return }
        file = FileBlocks()
        fileSender = side
    }

    private mutating func updateState(fromServer frame: Frame) {
        switch frame.verb {
        case "VER":
            if !clientHasSent, role == .unknown, FirstCommand(frame) == .fileTransfer {
                return set(role: .fileTransfer)
            }
            let named = Command.dialects(of: frame, from: .server)
            guard let chosen = Dialect.settled(by: named, offered: offered) else { return }
            set(dialect: chosen)
        case "USR": if case .signedIn = Command(frame, from: .server) { isSignedIn = true }
        case "FIL": expectFile(from: .server)
        case "TFR": expectFile(from: .client)
        case "XFR":
            // A redirect to a notification server before the end of the sign-in comes from a dispatch server. An
            // unsolicited one (`XFR 0 NS`) does not prove that, since notification servers send it, too.
            guard role == .notification, !isSignedIn, frame.transaction(from: .server, in: dialect) != 0,
                case .redirect(let redirect) = Command(frame, from: .server),
                case .notification = redirect.destination
            else { return }
            set(role: .dispatch)
        default: return
        }
    }

    private mutating func set(role: Role) {
        self.role = role
        if role == .peerToPeer, links == nil { links = PerSide(both: LinkStream()) }
        decoders.client.role = role
        decoders.server.role = role
    }

    private mutating func set(dialect: Dialect) {
        self.dialect = dialect
        decoders.client.dialect = dialect
        decoders.server.dialect = dialect
    }
}
