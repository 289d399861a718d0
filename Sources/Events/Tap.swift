// Listens to both sides of one connection and says what was said. The relay and the importer share it.

package import MSNP

/// Turns the bytes of both sides of a connection into events.
///
/// The bytes of each side are asked out piece by piece, so that the caller can act between two of them:
///
///     tap.count(bytes, from: .server)
///     var position = 0
///     while let kind = tap.next(bytes, from: &position, side: .server) { … }
package struct Tap: Sendable {
    /// What the connection is for, as far as it is known.
    package private(set) var role: Role = .unknown
    /// The dialect that the two sides settled on.
    package private(set) var dialect: Dialect?
    /// The e-mail address of the client, once it was named.
    package private(set) var account: String?
    /// The last transaction identifier that the client used.
    package private(set) var lastTransaction: UInt32?
    /// How many bytes of a side came before its next piece, holes counted in.
    package func offset(of side: Side) -> UInt64 {
        links?[side].offset ?? decoders[side].offset
    }

    private var decoders: PerSide<FrameDecoder>
    private var tallies = PerSide(both: Tally())
    /// The dialects that the client named last.
    private var offered: [Dialect] = []
    private var hasSpoken = false
    private var isSignedIn = false
    /// The file that one side of a file transfer sends, once it has told its size: mostly the server.
    private var file: FileBlocks?
    private var fileSender = Side.server
    /// Both sides of a direct link, which has packets instead of commands.
    private var links: PerSide<LinkStream>?

    /// A tap on a connection.
    ///
    /// - Parameters:
    ///   - clientStartsMidStream: the first bytes of the client may be anywhere in a command.
    ///   - serverStartsMidStream: the same for the server.
    package init(clientStartsMidStream: Bool = false, serverStartsMidStream: Bool = false) {
        decoders = PerSide(
            client: FrameDecoder(side: .client, startsMidStream: clientStartsMidStream),
            server: FrameDecoder(side: .server, startsMidStream: serverStartsMidStream))
    }

    /// Tells the tap what another connection said about this one: a switchboard inherits its dialect by the cookie.
    package mutating func inherit(dialect: Dialect?, role: Role? = nil) {
        if let role { set(role: role) }
        if let dialect { set(dialect: dialect) }
    }

    /// Tells the tap that the first bytes of a side are somewhere in the middle of a command, or of a link's packet.
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

    /// Puts bytes of a side aside that are no MSNP, in front of those that are.
    package mutating func setAside(_ bytes: Span<UInt8>, from side: Side, as reason: Noise.Reason) -> Event.Kind {
        let noise = decoders[side].setAside(bytes, as: reason)
        countNoise(noise, from: side)
        return .noise(noise, from: side)
    }

    /// Counts bytes as they came, before any of them is asked out.
    package mutating func count(_ bytes: Span<UInt8>, from side: Side) {
        tallies[side].count(bytes)
    }

    /// The next thing in these bytes, or nil when they hold no further whole one.
    package mutating func next(_ bytes: Span<UInt8>, from position: inout Int, side: Side) -> Event.Kind? {
        if links != nil {
            return links?[side].next(bytes, from: &position).map { take(.noise($0), from: side) }
        }
        if file != nil, side == fileSender, decoders[side].pending == 0,
            let noise = takeFile(bytes, from: &position)
        {
            return noise
        }
        return decoders[side].next(bytes, from: &position).map { take($0, from: side) }
    }

    /// How many bytes of a side wait while its next command is looked for, behind a hole or a fault.
    ///
    /// Nothing is changed; but what may change is looked at where it is, and else all of it would be copied.
    package mutating func heldBack(of side: Side) -> Int {
        decoders[side].isSeeking ? decoders[side].pending : 0
    }

    /// Says that the bytes of a side that were given so far end where a segment ended.
    ///
    /// - Returns: whether something that had to wait can be asked for now, with no bytes.
    package mutating func settle(_ side: Side) -> Bool {
        guard links == nil else { return false }
        return decoders[side].settle()
    }

    /// Takes a frame that was cut by somebody else, such as the reader of a pasted log, and counts its bytes.
    package mutating func take(_ frame: Frame, from side: Side) -> Event.Kind {
        count(frame.bytes.span, from: side)
        return take(.frame(frame), from: side)
    }

    /// The blocks of a file that stand in front of the next line, if any.
    private mutating func takeFile(_ bytes: Span<UInt8>, from position: inout Int) -> Event.Kind? {
        guard let count = file?.take(bytes, from: position), count > 0 else { return nil }
        defer { position += count }
        return setAside(bytes.extracting(position..<(position + count)), from: fileSender, as: .fileData)
    }

    /// The beginning of a command of this side that has not come whole, and its place in the stream.
    package func unfinishedCommand(of side: Side) -> (offset: UInt64, bytes: ArraySlice<UInt8>)? {
        decoders[side].unfinishedCommand
    }

    /// Says that bytes of a side are missing here.
    ///
    /// - Returns: what stands before the hole and had to wait for more, and the hole.
    package mutating func lose(_ count: UInt64, from side: Side) -> [Event.Kind] {
        let offset = tallies[side].offset
        tallies[side].countGap(count)
        var pieces = decoders[side].lose(count)
        if links != nil { pieces = links?[side].lose(count).map(Piece.noise) ?? [] }
        if side == fileSender { file?.lose(count) }
        let gap = Event.Kind.gap(bytes: count, offset: offset, from: side)
        return pieces.map { take($0, from: side) } + [gap]
    }

    /// What is left of a side that will say no more.
    package mutating func finish(_ side: Side) -> [Event.Kind] {
        if links != nil {
            return (links?[side].finish() ?? []).map { take(.noise($0), from: side) }
        }
        var kinds: [Event.Kind] = []
        while let piece = decoders[side].finish() { kinds.append(take(piece, from: side)) }
        return kinds
    }

    /// The sums of a side so far.
    package func sums(of side: Side) -> Tally.Sums { tallies[side].sums }

    /// Counts bytes that one side acknowledged, but that were never seen.
    ///
    /// - Parameter holes: the holes between the bytes, as they are known now that nothing more comes: what was said to be
    ///   missing behind all bytes is no hole.
    package mutating func countAckedUnseen(_ bytes: UInt64, from side: Side, holes: [Tally.Hole]? = nil) {
        tallies[side].ackedUnseenBytes = bytes
        if let holes { tallies[side].settle(holes) }
    }

    private mutating func take(_ piece: Piece, from side: Side) -> Event.Kind {
        switch piece {
        case .frame(let frame):
            tallies[side].count(frame)
            learn(from: frame, side)
            return .frame(frame, from: side)
        case .noise(let noise):
            countNoise(noise, from: side)
            if side == .client { hasSpoken = true }
            return .noise(noise, from: side)
        }
    }

    private mutating func countNoise(_ noise: Noise, from side: Side) {
        tallies[side].count(noise)
    }

    /// Notes what a command says about the connection.
    private mutating func learn(from frame: Frame, _ side: Side) {
        if side == .client {
            if let transaction = frame.transaction(from: .client, in: dialect) { lastTransaction = transaction }
            learn(fromClient: frame)
        } else {
            learn(fromServer: frame)
        }
        // Where the first words were missed, a verb that only one kind of server knows tells; and a dispatch server has
        // neither lists nor presence.
        guard role == .unknown || role == .notification && !isSignedIn,
            let implied = CommandForm.impliedRole(of: frame.verb, from: side), implied != .fileTransfer
        else { return }
        if role == .unknown { set(role: implied) }
        if implied == .notification { isSignedIn = true }
    }

    private mutating func learn(fromClient frame: Frame) {
        if !hasSpoken {
            hasSpoken = true
            let opening = FirstCommand(frame)
            if opening.role != .unknown { set(role: opening.role) }
        }
        switch frame.verb {
        case "VER": offered = Dialect.list(in: frame)
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

    private mutating func learn(fromServer frame: Frame) {
        switch frame.verb {
        case "VER":
            if !hasSpoken, role == .unknown, FirstCommand(frame) == .fileTransfer { return set(role: .fileTransfer) }
            guard let chosen = Dialect.settled(by: frame, offered: offered) else { return }
            set(dialect: chosen)
        case "USR": if case .signedIn = Command(frame, from: .server) { isSignedIn = true }
        case "FIL": expectFile(from: .server)
        case "TFR": expectFile(from: .client)
        case "XFR":
            // The server that names another one before the sign-in is done is a dispatch server. One that was not asked
            // (`XFR 0 NS`) sends its clients away, which a notification server does, too.
            guard role == .notification, !isSignedIn, frame.transaction(from: .server, in: dialect) != 0,
                case .redirect(let redirect) = Redirect.read(frame),
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
