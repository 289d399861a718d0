// The proxy's side of SOCKS5 (RFC 1928) with passwords (RFC 1929). Pure.

internal import MSNP

/// A SOCKS5 handshake: methods, perhaps a name and a password, and one request.
package struct SOCKS5: ProxyServer {
    private enum State: Sendable {
        case methods
        case login
        case request
        case answering
        case done
    }

    private var state = State.methods
    private var held: [UInt8] = []
    private let password: ProxyPassword?

    /// - Parameter password: the password that the proxy demands; nil for none.
    package init(password: ProxyPassword? = nil) { self.password = password }

    package mutating func receive(_ bytes: [UInt8]) -> [ProxyStep] {
        held += bytes
        var steps: [ProxyStep] = []
        while let next = step() { steps += next }
        return steps
    }

    package mutating func answer(_ outcome: ProxyOutcome) -> [ProxyStep] {
        guard case .answering = state else { return [] }
        state = .done
        return [.say(Self.reply(Self.code(outcome)))]
    }

    package mutating func takeRest() -> [UInt8] {
        defer { held = [] }
        return held
    }

    /// Handles the next whole message of the client; nil if there is none.
    private mutating func step() -> [ProxyStep]? {
        switch state {
        case .methods:
            guard held.count > 1, let message = take(2 + Int(held[1])) else { return nil }
            return [.took(message)] + choose(message.dropFirst(2))
        case .login:
            // A wrong version ends the handshake before the lengths behind it are believed.
            if let version = held.first, version != 0x01 {
                let message = take(1) ?? []
                return [.took(message)] + refuse([0x01, 0x01], "a SOCKS5 login of version \(version)")
            }
            guard held.count > 1, held.count > 2 + Int(held[1]),
                let message = take(3 + Int(held[1]) + Int(held[2 + Int(held[1])]))
            else { return nil }
            return [.took(message)] + logIn(message.dropFirst(3 + Int(message[1])))
        case .request:
            guard held.count > 4 else { return nil }
            let length =
                switch held[3] {
                case 0x01: 10
                case 0x03: 7 + Int(held[4])
                case 0x04: 22
                // The rest of a request with an unknown type of address cannot be delimited.
                default: 4
                }
            guard let message = take(length) else { return nil }
            return [.took(message)] + ask(message)
        case .answering, .done: return nil
        }
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        guard held.count >= count else { return nil }
        defer { held.removeFirst(count) }
        return Array(held.prefix(count))
    }

    private mutating func choose(_ methods: ArraySlice<UInt8>) -> [ProxyStep] {
        if password == nil, methods.contains(0x00) {
            state = .request
            return [.say([0x05, 0x00])]
        }
        guard methods.contains(0x02) else {
            return refuse(
                [0x05, 0xFF],
                password == nil
                    ? "SOCKS5 offered no method that the relay has"
                    : "SOCKS5 offered no password, but --proxy-password demands one")
        }
        state = .login
        return [.say([0x05, 0x02])]
    }

    private mutating func logIn(_ given: ArraySlice<UInt8>) -> [ProxyStep] {
        guard password?.matches(given) ?? true else { return refuse([0x01, 0x01], "SOCKS5 gave a wrong password") }
        state = .request
        return [.say([0x01, 0x00])]
    }

    private mutating func ask(_ message: [UInt8]) -> [ProxyStep] {
        guard message[0] == 0x05 else {
            return refuse(Self.reply(0x01), "a malformed SOCKS5 request")
        }
        guard message[1] == 0x01 else {
            // Clients that try UDP first go on with TCP.
            let command = [0x02: "BIND", 0x03: "UDP ASSOCIATE"][message[1]] ?? "an unknown command"
            return refuse(Self.reply(0x07), "SOCKS5 asked for \(command)")
        }
        guard [0x01, 0x03, 0x04].contains(message[3]) else {
            return refuse(Self.reply(0x08), "SOCKS5 asked for an unknown type of address")
        }
        let port = message.suffix(2).reduce(0) { $0 << 8 | UInt16($1) }
        let address = message[4..<(message.count - 2)]
        let target =
            message[3] == 0x03
            ? HostPort(name: address.dropFirst(), port: port) : HostPort(address: address, port: port)
        guard let target else { return refuse(Self.reply(0x01), "SOCKS5 asked for no valid address") }
        state = .answering
        return [.ask(target)]
    }

    private mutating func refuse(_ reply: [UInt8], _ why: String) -> [ProxyStep] {
        state = .done
        return [.say(reply), .fail(why)]
    }

    private static func code(_ outcome: ProxyOutcome) -> UInt8 {
        switch outcome {
        case .connected: 0x00
        case .forbidden: 0x02
        case .networkUnreachable: 0x03
        case .hostUnreachable, .timedOut: 0x04
        case .refused: 0x05
        case .failed: 0x01
        }
    }

    private static func reply(_ code: UInt8) -> [UInt8] { [0x05, code, 0, 0x01, 0, 0, 0, 0, 0, 0] }
}
