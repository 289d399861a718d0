// The proxy's side of a plain HTTP request with a whole address (`GET http://host/…`), which is passed on. Pure.

internal import MSNP

/// A request that a proxy's client sends for another server than a gateway.
///
/// It is passed on without the headers that concern this proxy, and the connection ends with its answer: the client's next
/// request may be for another server, or for the gateway.
package struct ForwardedRequest: ProxyServer {
    private enum State: Sendable {
        case head
        case answering
        case done
    }

    private var state = State.head
    private var held: [UInt8] = []
    private var searched = 0
    private var head: HTTPHead?
    private var headBytes: [UInt8] = []
    private let password: ProxyPassword?

    /// - Parameter password: the password that the proxy demands; nil for none.
    package init(password: ProxyPassword? = nil) { self.password = password }

    /// Whether a request has a whole address, as only a proxy gets it; nil if more bytes are needed.
    package static func isMeant(by bytes: [UInt8]) -> Bool? {
        guard let blank = bytes.firstIndex(of: 0x20) else { return bytes.count > 16 ? false : nil }
        let target = bytes[(blank + 1)...].prefix(scheme.utf8.count).map { $0 | 0x20 }
        guard Array(scheme.utf8).map({ $0 | 0x20 }).starts(with: target) else { return false }
        return target.count == scheme.utf8.count ? true : nil
    }

    private static let scheme = "http://"

    /// Whether the request is for a gateway, and so not for another server. Known when the head is complete.
    package var isToGateway: Bool { head?.isToGateway ?? false }

    package mutating func receive(_ bytes: [UInt8]) -> [ProxyStep] {
        held += bytes
        guard case .head = state else { return [] }
        let end = HTTPHead.end(in: held, from: searched)
        searched = held.count
        guard let end, end <= HTTPStream.mostHeadBytes else {
            guard held.count > HTTPStream.mostHeadBytes else { return [] }
            return takeAll(held.count) + refuse(.headTooLong, "the head of a request is too long")
        }
        let parsed = HTTPHead(Array(held.prefix(end)), isRequest: true)
        head = parsed
        if isToGateway { return [] }
        headBytes = Array(held.prefix(end))
        let took = takeAll(end)
        guard let parsed else { return took + refuse(.badRequest, "a malformed request") }
        if let password, !password.matches(parsed.proxyPassword ?? []) {
            return took + refuse(.passwordRequired, "a request without the password that --proxy-password demands")
        }
        guard let asked = Self.server(of: parsed.target) else {
            return took + refuse(.badRequest, "a request for no host")
        }
        state = .answering
        return took + [.ask(asked)]
    }

    package mutating func answer(_ outcome: ProxyOutcome) -> [ProxyStep] {
        guard case .answering = state else { return [] }
        state = .done
        switch outcome {
        // The server's own answer follows.
        case .connected: return []
        case .forbidden: return [.say(HTTPAnswer.refusal(.forbidden))]
        case .timedOut: return [.say(HTTPAnswer.refusal(.timedOut))]
        case .hostUnreachable, .networkUnreachable, .refused, .failed:
            return [.say(HTTPAnswer.refusal(.badGateway))]
        }
    }

    package mutating func takeRest() -> [UInt8] {
        defer { held = [] }
        return held
    }

    /// The head to send on.
    ///
    /// - Parameter toProxy: whether the next server is a proxy too, and needs the whole address.
    package func head(toProxy: Bool) -> [UInt8] {
        let lines = Self.lines(headBytes)
        guard let first = lines.first else { return [] }
        var result: [[UInt8]] = [toProxy ? Array(first) : Self.inOriginForm(first)]
        var isDropped = false
        for line in lines.dropFirst() {
            // A line that begins with a blank continues the one before it.
            if line.first != 0x20, line.first != 0x09 { isDropped = Self.isForThisProxy(line) }
            if !isDropped { result.append(Array(line)) }
        }
        result += [Array("Connection: close".utf8), []]
        return result.flatMap { $0 + [0x0D, 0x0A] }
    }

    /// The lines of a head without their ends and without the empty one.
    private static func lines(_ head: [UInt8]) -> [ArraySlice<UInt8>] {
        head.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
    }

    private static func isForThisProxy(_ line: ArraySlice<UInt8>) -> Bool {
        let name = String(decoding: line.prefix { $0 != 0x3A }, as: UTF8.self).lowercased()
        return ["connection", "proxy-connection", "keep-alive", "proxy-authorization"].contains(name)
    }

    /// The request line with the path instead of the whole address.
    private static func inOriginForm(_ line: ArraySlice<UInt8>) -> [UInt8] {
        let words = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count > 1 else { return Array(line) }
        let address = words[1].dropFirst(scheme.utf8.count)
        let path = address.drop { $0 != 0x2F && $0 != 0x3F }
        let origin = path.first == 0x2F ? Array(path) : [0x2F] + path
        return Array(words[0]) + [0x20] + origin + words.dropFirst(2).flatMap { [0x20] + $0 }
    }

    /// The server of a whole address; port 80 if none is named.
    private static func server(of target: String) -> HostPort? {
        let authority = target.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        guard let parsed = HostPort(authority, defaultPort: 80), parsed.port > 0 else { return nil }
        if let address = IPAddressText.bytes(of: parsed.host) { return HostPort(address: address, port: parsed.port) }
        return HostPort(name: parsed.host.utf8, port: parsed.port)
    }

    private mutating func takeAll(_ count: Int) -> [ProxyStep] {
        defer { held.removeFirst(count) }
        return [.took(Array(held.prefix(count)))]
    }

    private mutating func refuse(_ status: HTTPAnswer.Status, _ why: String) -> [ProxyStep] {
        state = .done
        return [.say(HTTPAnswer.refusal(status)), .fail(why)]
    }
}
