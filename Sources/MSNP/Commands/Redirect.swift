// Parses and rewrites redirects to another server, `XFR` and `RNG` (addresses.md sections 1 to 3).

/// An `XFR` or `RNG` with the address of another server.
public struct Redirect: Sendable, Hashable {
    /// The server to which the client is redirected.
    public enum Destination: Sendable, Hashable {
        /// A notification server; with `viaGateway` (`G`), by the HTTP gateway.
        case notification(viaGateway: Bool)
        /// A switchboard that this client requested, and the cookie for it.
        case switchboard(cookie: [UInt8])
        /// A switchboard to which another account invites this client.
        case ring(session: [UInt8], cookie: [UInt8])
    }

    /// The server to which the client is redirected.
    public let destination: Destination
    /// The address in the command. The default port is 1863, or 80 for a gateway.
    public let address: HostPort
    /// The byte range of the address in the frame.
    public let addressRange: Range<Int>
    /// The byte range of the address of the current server, which MSNP7 to 12 add; nil without it.
    public let currentServerRange: Range<Int>?

    /// The cookie for the switchboard; nil for a notification server.
    public var cookie: [UInt8]? {
        switch destination {
        case .notification: nil
        case .switchboard(let cookie), .ring(_, let cookie): cookie
        }
    }

    /// The result of parsing a command of a server.
    enum Reading: Sendable, Hashable {
        /// A redirect.
        case redirect(Redirect)
        /// `XFR t NS 0`: sign in again on this connection. Never rewritten.
        case softReset
        /// `XFR` or `RNG` in an undocumented form.
        case notUnderstood
        /// Another command.
        case other
    }

    /// Whether a command with this name may be a redirect. The test is cheap; `Command` decides.
    public static func mayBe(_ verb: Verb) -> Bool { verb == "XFR" || verb == "RNG" }

    /// Parses a command of a server, for `Command`.
    static func read(_ frame: Frame) -> Reading {
        switch frame.verb {
        case "XFR": readTransfer(frame)
        case "RNG": readRing(frame)
        default: .other
        }
    }

    /// The frame's bytes with other addresses; all other bytes are unchanged.
    ///
    /// - Parameters:
    ///   - frame: the frame of this redirect.
    ///   - address: replaces the address of the redirect.
    ///   - current: replaces the address of the current server, if the frame contains one.
    public func splice(_ frame: Frame, to address: HostPort, current: HostPort) -> [UInt8] {
        var changes = [(range: addressRange, with: Array(address.description.utf8))]
        if let currentServerRange { changes.append((currentServerRange, Array(current.description.utf8))) }
        return frame.replacing(changes)
    }

    private static func readTransfer(_ frame: Frame) -> Reading {
        let ranges = frame.argumentRanges
        let tokens = ranges.map { frame.bytes[$0] }
        guard tokens.count >= 3, Decimal.value(of: tokens[0]) != nil else { return .notUnderstood }
        if tokens[1].elementsEqual("NS".utf8) {
            if tokens[2].elementsEqual("0".utf8) { return .softReset }
            let viaGateway = tokens.count > 3 && tokens[3].elementsEqual("G".utf8)
            let port = viaGateway ? 80 : HostPort.standardPort
            guard let address = HostPort(token: tokens[2], defaultPort: port) else { return .notUnderstood }
            let namesCurrent =
                tokens.count > 4 && tokens[3].elementsEqual("0".utf8) && HostPort(token: tokens[4]) != nil
            return .redirect(
                Redirect(
                    destination: .notification(viaGateway: viaGateway), address: address, addressRange: ranges[2],
                    currentServerRange: namesCurrent ? ranges[4] : nil))
        }
        guard tokens.count >= 5, tokens[1].elementsEqual("SB".utf8), tokens[3].elementsEqual("CKI".utf8),
            !tokens[4].isEmpty, let address = HostPort(token: tokens[2])
        else { return .notUnderstood }
        return .redirect(
            Redirect(
                destination: .switchboard(cookie: Array(tokens[4])), address: address, addressRange: ranges[2],
                currentServerRange: nil))
    }

    private static func readRing(_ frame: Frame) -> Reading {
        let ranges = frame.argumentRanges
        let tokens = ranges.map { frame.bytes[$0] }
        guard tokens.count >= 4, tokens[2].elementsEqual("CKI".utf8), !tokens[3].isEmpty,
            let address = HostPort(token: tokens[1])
        else { return .notUnderstood }
        return .redirect(
            Redirect(
                destination: .ring(session: Array(tokens[0]), cookie: Array(tokens[3])), address: address,
                addressRange: ranges[1], currentServerRange: nil))
    }

    /// Whether an incomplete line may become a redirect: its first bytes match `XFR ` or `RNG `.
    public static func mayBegin(_ part: ByteSlice) -> Bool {
        let length = min(part.count, 4)
        let head = part.prefix(length)
        return head.elementsEqual("XFR ".utf8.prefix(length)) || head.elementsEqual("RNG ".utf8.prefix(length))
    }
}
