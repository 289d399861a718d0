// Parses the start line and headers of an HTTP message, as far as a gateway needs them. Pure.

internal import MSNP

/// The head of an HTTP message.
package struct HTTPHead: Equatable, Sendable {
    /// Start line and header lines, including the empty line after them.
    package let bytes: [UInt8]
    /// The method of a request; empty in an answer.
    package var method = ""
    /// The target of a request: a path, or a whole URL if it goes through a proxy.
    package var target = ""
    /// The `x` of HTTP/1.x.
    package var minorVersion = 1
    /// The value of `Host`.
    package var host: String?
    /// Whether the sender closes the connection after this message.
    package var wantsClose = false
    /// The credentials in `Proxy-Authorization: Basic`, decoded: `name:password`.
    private var proxyCredentials: [UInt8]?
    /// The status of an answer; 0 in a request.
    package var status = 0
    /// The stated length of the body in bytes.
    package var contentLength: UInt64?
    /// Whether the body is chunked.
    package var isChunked = false
    /// The values of `X-MSN-Messenger`, joined.
    package var messenger: String?
    /// Whether the content type is that of gateways.
    private var hasTypeOfGateway = false

    /// Parses a head.
    ///
    /// - Parameter bytes: start line and header lines, including the empty line after them.
    /// - Returns: nil if it is not a head, or its lengths contradict each other.
    package init?(_ bytes: [UInt8], isRequest: Bool) {
        self.bytes = bytes
        let lines = bytes.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }
        guard let first = lines.first, readStart(first, isRequest: isRequest) else { return nil }
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: 0x3A) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = line[(colon + 1)...].drop { Self.isBlank($0) }
            let trimmed = value.dropLast(value.reversed().prefix { Self.isBlank($0) }.count)
            switch name {
            case "content-length":
                guard let length = Decimal.value(of: trimmed), contentLength == nil || contentLength == length else {
                    return nil
                }
                contentLength = length
            case "transfer-encoding":
                if String(decoding: trimmed, as: UTF8.self).lowercased().hasSuffix("chunked") { isChunked = true }
            case "x-msn-messenger":
                let text = String(decoding: trimmed, as: UTF8.self)
                messenger = messenger.map { $0 + "; " + text } ?? text
            case "content-type":
                hasTypeOfGateway = String(decoding: trimmed, as: UTF8.self).lowercased().hasPrefix(
                    "application/x-msn-messenger")
            case "connection", "proxy-connection":
                if String(decoding: trimmed, as: UTF8.self).lowercased().contains("close") { wantsClose = true }
            case "host": host = host ?? String(decoding: trimmed, as: UTF8.self)
            case "proxy-authorization":
                let scheme = Array("basic ".utf8)
                if trimmed.prefix(scheme.count).map({ $0 | 0x20 }) == scheme {
                    proxyCredentials = Base64.decode(trimmed.dropFirst(scheme.count))
                }
            default: continue
            }
        }
    }

    private mutating func readStart(_ line: ArraySlice<UInt8>, isRequest: Bool) -> Bool {
        guard Self.startLine(in: Array(line), isRequest: isRequest) == 0 else { return false }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2)
        guard words.count >= 2 else { return false }
        let version = line.dropLast(line.reversed().prefix { $0 == 0x0D || $0 == 0x0A }.count)
        minorVersion = (isRequest ? version.last : line.dropFirst(7).first) == 0x30 ? 0 : 1
        if isRequest {
            method = String(words[0])
            target = String(words[1])
        } else {
            status = Int(words[1]) ?? 0
        }
        return true
    }

    /// The place behind the empty line that ends a head; nil if there is none.
    ///
    /// - Parameter start: the place where the search begins.
    package static func end(in bytes: [UInt8], from start: Int = 0) -> Int? {
        var index = start
        while let feed = bytes[index...].firstIndex(of: 0x0A) {
            let before = bytes[..<feed]
            if before.last == 0x0A || before.suffix(2).elementsEqual([0x0A, 0x0D]) { return feed + 1 }
            index = feed + 1
        }
        return nil
    }

    /// The index at which a start line begins in a line; nil if it contains none.
    static func startLine(in line: [UInt8], isRequest: Bool) -> Int? {
        isRequest ? requestLine(in: line) : statusLine(in: line)
    }

    /// Finds `POST target HTTP/1.x` or `GET …` at the end of the line, or any method at its very start.
    private static func requestLine(in line: [UInt8]) -> Int? {
        var end = line.count
        while end > 0, line[end - 1] == 0x0D || line[end - 1] == 0x0A { end -= 1 }
        let version = Array(" HTTP/1.".utf8)
        guard end > version.count + 1, line[(end - 1 - version.count)..<(end - 1)].elementsEqual(version) else {
            return nil
        }
        let text = line[..<(end - 1 - version.count)]
        let method = text.prefix { $0 &- 0x41 < 26 }
        let words = text.count { $0 == 0x20 }
        if !method.isEmpty, method.endIndex < text.endIndex, text[method.endIndex] == 0x20, words == 1 { return 0 }
        return ["POST ", "GET "].compactMap { method in
            text.indices.last { text[$0...].starts(with: method.utf8) }
        }.max()
    }

    /// Finds `HTTP/1.x NNN` anywhere in the line.
    private static func statusLine(in line: [UInt8]) -> Int? {
        let version = Array("HTTP/1.".utf8)
        return line.indices.last { start in
            guard line[start] == 0x48, line.count - start >= 12, line[start...].starts(with: version) else {
                return false
            }
            let digits = line[(start + 9)..<(start + 12)]
            let next = start + 12 < line.count ? line[start + 12] : 0x20
            return line[start + 8] == 0x20 && digits.allSatisfy { $0 &- 0x30 < 10 } && digits.first != 0x30
                && (next == 0x20 || next == 0x0D || next == 0x0A)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension HTTPHead {
    /// The password in the credentials for a proxy.
    var proxyPassword: ArraySlice<UInt8>? {
        guard let proxyCredentials, let colon = proxyCredentials.firstIndex(of: 0x3A) else { return nil }
        return proxyCredentials[(colon + 1)...]
    }

    /// Whether a request is for the gateway.
    package var isToGateway: Bool {
        method == "POST" || method == "GET" ? target.lowercased().contains("gateway.dll") : false
    }

    /// Whether an answer is from a gateway, not from a proxy in front of it.
    package var isOfGateway: Bool { messenger != nil || hasTypeOfGateway }

    /// The value of a parameter in the query of a request, percent-decoded.
    package func query(_ name: String) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        return Self.value(of: name, in: target[target.index(after: mark)...], separator: "&")
    }

    /// The value of a parameter in `X-MSN-Messenger`.
    package func messenger(_ name: String) -> String? {
        messenger.flatMap { Self.value(of: name, in: $0[...], separator: ";") }
    }

    /// The value of the last `name=value` in a list, because the newest session is named last.
    private static func value(of name: String, in list: Substring, separator: Character) -> String? {
        var found: String?
        for pair in list.split(separator: separator) {
            let pair = pair.drop { $0 == " " }
            guard let equals = pair.firstIndex(of: "="), pair[..<equals].lowercased() == name.lowercased() else {
                continue
            }
            let value = Array(pair[pair.index(after: equals)...].utf8)
            found = String(decoding: PercentEncoding.decode(ByteSlice(value.prefix { $0 != 0x20 })), as: UTF8.self)
        }
        return found
    }
}
