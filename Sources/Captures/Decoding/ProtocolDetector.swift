// Detects MSNP and related protocols by content, on any port (payload-rules.md section 6). Pure.

internal import Doors
internal import MSNP

/// Detects the protocol from the first bytes of both sides of a connection.
struct ProtocolDetector {
    /// The bytes so far from the presumed client.
    var a: [UInt8]
    /// The bytes so far from the presumed server.
    var b: [UInt8]
    /// Whether `a` begins where the connection began.
    var aIsStart: Bool
    /// Whether `b` begins where the connection began.
    var bIsStart: Bool
    /// Whether a SYN shows which endpoint connected.
    var clientIsKnown: Bool
    /// Whether the server's port is MSN's; this only supports weak evidence.
    var isMSNPort: Bool
    /// Whether the connection has no more bytes.
    var ended: Bool

    /// A connection with this many bytes and no decision is foreign: twice the largest list that clients send.
    static let mostBytes = 16_384

    /// The protocol of these bytes.
    var result: DetectedProtocol {
        // The receiver of a file always sends first. With Sender-Connect the sender has connected, so the server's side
        // begins.
        if bIsStart, clientIsKnown, a.isEmpty, FirstCommand.read(b) == .fileTransfer { return .msnp(clientIsA: true) }
        if aIsStart, clientIsKnown, !a.isEmpty { return fromStart }
        // No other protocol begins with these eight bytes; the side that sends them connected.
        if FirstCommand.read(a) == .peerToPeer { return .peer(clientIsA: true) }
        if !clientIsKnown, FirstCommand.read(b) == .peerToPeer { return .peer(clientIsA: false) }
        let straight = Self.commands(a, .client, aIsStart, ended) + Self.commands(b, .server, bIsStart, ended)
        let crossed =
            clientIsKnown ? 0 : Self.commands(a, .server, aIsStart, ended) + Self.commands(b, .client, bIsStart, ended)
        let best = max(straight, crossed)
        if best > 0 || startsLikeHTTP, let clientIsA = gatewayClient { return .gateway(clientIsA: clientIsA) }
        if best >= 2 || (best == 1 && (isMSNPort || isConvincing)) {
            return ended || best >= 2 ? .msnp(clientIsA: straight >= crossed) : .undecided
        }
        let isFull = a.count + b.count >= Self.mostBytes
        let mayBeLink = best == 0 && (!aIsStart || !bIsStart)
        let links = mayBeLink ? [(a, aIsStart), (b, bIsStart)].map { Self.holdsPackets($0.0, isStart: $0.1) } : []
        if links.contains(true) { return .peer(clientIsA: true, isStart: false) }
        let isOpen = links.contains(nil)
        return isFull || ended || isHopeless && !isOpen ? .foreign : .undecided
    }

    /// Whether these are packets of a direct link whose greeting was not captured; nil if undecided.
    private static func holdsPackets(_ bytes: [UInt8], isStart: Bool) -> Bool? {
        // A side captured from its start begins with the greeting or nonce; otherwise it is no direct link.
        bytes.isEmpty || isStart ? false : LinkSearch.holdsPackets(bytes)
    }

    private var startsLikeHTTP: Bool {
        [a, b].contains { bytes in ["POST ", "HTTP/1."].contains { bytes.starts(with: $0.utf8) } }
    }

    /// Whether `a` is the client, if a connection captured from the middle contains a request to a gateway or its
    /// answer; otherwise nil.
    private var gatewayClient: Bool? {
        for (client, server, isA) in [(a, b, true), (b, a, false)] where isA || !clientIsKnown {
            for (bytes, isRequest) in [(client, true), (server, false)] {
                var stream = HTTPStream(isRequest: isRequest, isStart: false)
                var position = 0
                while let piece = stream.next(bytes.span, from: &position) {
                    if case .head(let head) = piece, isRequest ? head.isToGateway : head.isOfGateway { return isA }
                }
            }
        }
        return nil
    }

    /// The protocol of a connection whose first client bytes were captured.
    private var fromStart: DetectedProtocol {
        switch FirstCommand.read(a) {
        case nil: return ended ? .foreign : .undecided
        case .notification:
            // Lines of other protocols may start with VER too; MSNP's names its dialects.
            return Self.namesDialects(a) ? .msnp(clientIsA: true) : .foreign
        case .dispatch, .switchboardCaller, .switchboardCallee, .fileTransfer: return .msnp(clientIsA: true)
        case .otherCommand:
            let commands = Self.commands(a, .client, true, ended)
            return commands > 0 ? .msnp(clientIsA: true) : .foreign
        case .http:
            if SignInRequest.begins(a) == true { return .signIn }
            return Self.isGatewayRequest(a, ended: ended)
        case .peerToPeer: return .peer(clientIsA: true)
        case .foreign: return Self.proxied(client: a, server: b, ended: ended)
        }
    }

    /// Whether the first bytes of both sides already exclude MSNP: they are not text that could contain a command.
    private var isHopeless: Bool {
        Self.isHopeless(a, aIsStart) && Self.isHopeless(b, bIsStart) && a.count + b.count >= 64
    }

    private static func isHopeless(_ bytes: [UInt8], _ isStart: Bool) -> Bool {
        guard !bytes.isEmpty else { return true }
        if isStart { return !CommandPlausibility.mayStart(bytes) }
        // Payloads may contain any bytes, but MSNP has lines: this many bytes without a line feed exclude it.
        return bytes.count >= 2_048 && !bytes.contains(0x0A)
    }

    /// Whether the only command found cannot belong to another protocol.
    private var isConvincing: Bool {
        for (bytes, side) in [(a, Side.server), (b, .server), (a, .client), (b, .client)] {
            var decoder = FrameDecoder(side: side, startsMidStream: true)
            var position = 0
            var pieces: [Piece] = []
            while let piece = decoder.next(bytes.span, from: &position) { pieces.append(piece) }
            while let piece = decoder.finish() { pieces.append(piece) }
            for case .frame(let frame) in pieces where CommandPlausibility.isConvincing(frame, from: side) {
                return true
            }
        }
        return false
    }

    /// The number of well-formed commands in these bytes if this side sent them.
    private static func commands(_ bytes: [UInt8], _ side: Side, _ isStart: Bool, _ ended: Bool) -> Int {
        guard !bytes.isEmpty else { return 0 }
        var decoder = FrameDecoder(side: side, startsMidStream: !isStart)
        var count = 0
        func add(_ piece: Piece) {
            if case .frame(let frame) = piece, CommandPlausibility.isWellFormed(frame, from: side) { count += 1 }
        }
        var position = 0
        while let piece = decoder.next(bytes.span, from: &position) { add(piece) }
        // A capture may start and end anywhere: one complete command at the end counts too.
        if ended || decoder.isSeeking { while let piece = decoder.finish() { add(piece) } }
        return count
    }

    /// Whether the first line, `VER`, names one of MSNP's dialects.
    static func namesDialects(_ bytes: [UInt8]) -> Bool {
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        guard let version = Frame(Array(line) + [0x0A]) else { return false }
        return !Command.dialects(of: version, from: .client).isEmpty
    }

    /// Whether the first request is for `gateway.dll` (addresses.md section 5).
    private static func isGatewayRequest(_ bytes: [UInt8], ended: Bool) -> DetectedProtocol {
        let line = bytes.prefix { $0 != 0x0A }
        guard line.count < bytes.count || ended || bytes.count >= 4_096 else { return .undecided }
        let text = String(decoding: line, as: UTF8.self).lowercased()
        return text.contains("gateway.dll") ? .gateway(clientIsA: true) : .foreign
    }
}
