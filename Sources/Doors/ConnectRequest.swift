// The proxy's side of HTTP CONNECT (RFC 9110 section 9.3.6). Pure.

internal import MSNP

/// A `CONNECT` request and its answer.
package struct ConnectRequest: ProxyServer {
    private enum State: Sendable {
        case head
        case answering
        case done
    }

    private var state = State.head
    private var held: [UInt8] = []
    /// The number of bytes that cannot end the head, so that it is not searched again for each packet.
    private var searched = 0
    private var minorVersion = 1
    private let password: ProxyPassword?

    /// - Parameter password: the password that the proxy demands; nil for none.
    package init(password: ProxyPassword? = nil) { self.password = password }

    package mutating func receive(_ bytes: [UInt8]) -> [ProxyStep] {
        held += bytes
        guard case .head = state else { return [] }
        let end = HTTPHead.end(in: held, from: searched)
        searched = held.count
        guard let end, end <= HTTPStream.mostHeadBytes else {
            guard held.count > HTTPStream.mostHeadBytes else { return [] }
            return takeAll(held.count) + refuse(.headTooLong, "the head of a CONNECT is too long")
        }
        let took = takeAll(end)
        guard case .took(let bytes)? = took.first, let head = HTTPHead(bytes, isRequest: true) else {
            return took + refuse(.badRequest, "a malformed CONNECT")
        }
        minorVersion = head.minorVersion
        if let password, !password.matches(head.proxyPassword ?? []) {
            return took + refuse(.passwordRequired, "CONNECT without the password that --proxy-password demands")
        }
        guard let target = Self.target(head.target) else {
            return took + refuse(.badRequest, "CONNECT to no host and port")
        }
        state = .answering
        return took + [.ask(target)]
    }

    package mutating func answer(_ outcome: ProxyOutcome) -> [ProxyStep] {
        guard case .answering = state else { return [] }
        state = .done
        let status: HTTPAnswer.Status
        switch outcome {
        case .connected:
            return [.say(Array("HTTP/1.\(minorVersion) 200 Connection established\r\n\r\n".utf8))]
        case .forbidden: status = .forbidden
        case .timedOut: status = .timedOut
        case .hostUnreachable, .networkUnreachable, .refused, .failed: status = .badGateway
        }
        return [.say(HTTPAnswer.refusal(status, minorVersion: minorVersion))]
    }

    package mutating func takeRest() -> [UInt8] {
        defer { held = [] }
        return held
    }

    private mutating func takeAll(_ count: Int) -> [ProxyStep] {
        defer { held.removeFirst(count) }
        return [.took(Array(held.prefix(count)))]
    }

    private mutating func refuse(_ status: HTTPAnswer.Status, _ why: String) -> [ProxyStep] {
        state = .done
        return [.say(HTTPAnswer.refusal(status, minorVersion: minorVersion)), .fail(why)]
    }

    /// The `host:port` of a request; nil if there is no port.
    private static func target(_ text: String) -> HostPort? {
        let port = text.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        guard text.contains(":"), !port.contains("]"), let number = Decimal.value(of: Array(port.utf8)),
            let port = UInt16(exactly: number), let parsed = HostPort(text)
        else { return nil }
        if let address = IPAddressText.bytes(of: parsed.host) { return HostPort(address: address, port: port) }
        return HostPort(name: parsed.host.utf8, port: port)
    }
}
