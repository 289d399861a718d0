// The lines with which a server hands its client on to another server (addresses.md sections 1 to 3).

/// An `XFR` or `RNG` that names an address to connect to.
public struct Redirect: Sendable, Hashable {
    /// Where the client is sent.
    public enum Destination: Sendable, Hashable {
        /// A notification server; `viaGateway` where it is to be spoken to over HTTP (`G`).
        case notification(viaGateway: Bool)
        /// A switchboard that this client asked for, to be entered with this cookie.
        case switchboard(cookie: [UInt8])
        /// A switchboard that somebody else calls this client to.
        case ring(session: [UInt8], cookie: [UInt8])
    }

    /// Where the client is sent.
    public let destination: Destination
    /// The address that the line names; port 1863, or 80 for a gateway, where it names none.
    public let address: HostPort
    /// Where the address stands in the frame's bytes.
    public let addressRange: Range<Int>
    /// Where MSNP7 to 12 name the server that the client is on now.
    public let currentServerRange: Range<Int>?

    /// The cookie that opens the switchboard, nil for a notification server.
    public var cookie: [UInt8]? {
        switch destination {
        case .notification: nil
        case .switchboard(let cookie), .ring(_, let cookie): cookie
        }
    }

    /// What a server's line turns out to be.
    public enum Reading: Sendable, Hashable {
        /// A redirect.
        case redirect(Redirect)
        /// `XFR t NS 0`: start again on this connection. Never changed.
        case softReset
        /// `XFR` or `RNG` in a form that no source knows.
        case notUnderstood
        /// Another command.
        case other
    }

    /// Reads a server's line.
    public static func read(_ frame: Frame) -> Reading {
        switch frame.verb {
        case "XFR": readTransfer(frame)
        case "RNG": readRing(frame)
        default: .other
        }
    }

    /// The frame's bytes with the client sent elsewhere; every other byte stays.
    ///
    /// - Parameters:
    ///   - frame: the frame that this redirect was read from.
    ///   - address: where to send the client instead.
    ///   - current: what to call the server that the client is on now.
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

    /// Whether a line that has come in part could still become a redirect: it starts as `XFR ` or `RNG ` do.
    public static func mayBegin(_ part: ArraySlice<UInt8>) -> Bool {
        let length = min(part.count, 4)
        let head = part.prefix(length)
        return head.elementsEqual("XFR ".utf8.prefix(length)) || head.elementsEqual("RNG ".utf8.prefix(length))
    }
}
