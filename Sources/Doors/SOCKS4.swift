// The proxy's side of SOCKS4 and 4a. Pure.

internal import MSNP

/// A SOCKS4 handshake: one request with a user name, for 4a also with a host name; an answer of eight bytes.
package struct SOCKS4: ProxyServer {
    /// The most bytes of a user name or host name.
    static let mostNameBytes = 255

    private enum State: Sendable {
        case request
        case answering
        case done
    }

    private var state = State.request
    private var held: [UInt8] = []
    private let needsPassword: Bool

    /// - Parameter needsPassword: whether the proxy demands a password, which this protocol does not have.
    package init(needsPassword: Bool = false) { self.needsPassword = needsPassword }

    package mutating func receive(_ bytes: [UInt8]) -> [ProxyStep] {
        held += bytes
        guard case .request = state else { return [] }
        guard let (length, target) = request else { return [] }
        let taken = Array(held.prefix(length))
        held.removeFirst(min(length, held.count))
        let took = [ProxyStep.took(taken)]
        if needsPassword { return took + refuse("SOCKS4 cannot give the password that --proxy-password demands") }
        guard taken.count > 1, taken[1] == 0x01 else { return took + refuse("SOCKS4 asked for BIND") }
        guard let target else { return took + refuse("SOCKS4 asked for no valid address") }
        state = .answering
        return took + [.ask(target)]
    }

    package mutating func answer(_ outcome: ProxyOutcome) -> [ProxyStep] {
        guard case .answering = state else { return [] }
        state = .done
        return [.say(Self.reply(outcome == .connected ? 0x5A : 0x5B))]
    }

    package mutating func takeRest() -> [UInt8] {
        defer { held = [] }
        return held
    }

    /// The length of the request and its destination; nil while incomplete. A name that is too long ends the request.
    private var request: (length: Int, target: HostPort?)? {
        guard held.count > 8 else { return nil }
        let port = UInt16(held[2]) << 8 | UInt16(held[3])
        guard let user = end(ofNameAt: 8) else { return nil }
        guard user.isWhole else { return (user.end, nil) }
        let address = held[4..<8]
        guard address.prefix(3).allSatisfy({ $0 == 0 }) else {
            return (user.end, HostPort(address: address, port: port))
        }
        guard address.last != 0 else { return (user.end, nil) }
        guard let host = end(ofNameAt: user.end) else { return nil }
        guard host.isWhole else { return (host.end, nil) }
        return (host.end, HostPort(name: held[user.end..<(host.end - 1)], port: port))
    }

    /// The place behind a name and its zero byte; nil while incomplete.
    private func end(ofNameAt start: Int) -> (end: Int, isWhole: Bool)? {
        let name = held[start...].prefix(Self.mostNameBytes + 1)
        if let zero = name.firstIndex(of: 0) { return (zero + 1, true) }
        return name.count > Self.mostNameBytes ? (name.endIndex, false) : nil
    }

    private mutating func refuse(_ why: String) -> [ProxyStep] {
        state = .done
        return [.say(Self.reply(0x5B)), .fail(why)]
    }

    private static func reply(_ code: UInt8) -> [UInt8] { [0, code, 0, 0, 0, 0, 0, 0] }
}
