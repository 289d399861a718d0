// Parses MSNSLP messages, which set up peer-to-peer sessions (p2p.md section 4, addresses.md section 10).

package import MSNP

/// A request or response: start line, headers and body.
package struct SLPMessage: Sendable, Hashable {
    /// The start line.
    package enum Start: Sendable, Hashable {
        /// `INVITE MSNMSGR:to MSNSLP/1.0`, `ACK`, `BYE`.
        case request(method: String, to: String)
        /// `MSNSLP/1.0 200 OK`.
        case response(code: Int, phrase: String)
    }

    /// A `Name: value` line.
    package struct Line: Sendable, Hashable {
        package var name: String
        /// The text after the colon, without spaces at both ends.
        package var value: String
    }

    package var start: Start
    /// The lines before the first empty line.
    package var headers: [Line]
    /// The lines of the body. Lines that WLM sends backwards are reversed.
    package var body: [Line]
    /// The length of the body in bytes.
    package var bodyLength: Int
    /// The number of NULs at the end of the body. Normally it is one; clients differ in whether they send and count it.
    private var trailingNULs: Int
    private var isBodyBlank: Bool

    /// The maximum length of a message in bytes; an invitation with a preview picture has about 60 KiB.
    package static let mostBytes = 256 << 10
    /// The maximum number of lines, for headers and body each.
    private static let mostLines = 64

    /// Whether these bytes begin with the start line of a message.
    package static func begins(_ bytes: ByteSlice) -> Bool {
        ["MSNSLP/", "INVITE ", "BYE ", "ACK "].contains { bytes.starts(with: $0.utf8) }
    }

    /// Parses a message; nil if the start line is invalid.
    package init?(_ bytes: ByteSlice) {
        guard bytes.count <= Self.mostBytes else { return nil }
        var rest = bytes
        let first = String(decoding: Self.line(&rest), as: UTF8.self)
        let words = Self.words(first)
        guard words.count >= 2 else { return nil }
        if words[0].hasPrefix("MSNSLP/") {
            guard words[1].utf8.count == 3, let code = Int(words[1]), code >= 0 else { return nil }
            start = .response(code: code, phrase: words.count > 2 ? String(words[2]) : "")
        } else {
            guard words.count == 3, words[2].hasPrefix("MSNSLP/"), !words[0].isEmpty, words[0].utf8.count <= 16,
                words[0].utf8.allSatisfy({ $0 >= 0x41 && $0 <= 0x5A })
            else { return nil }
            start = .request(method: String(words[0]), to: Self.address(words[1]))
        }
        headers = Self.lines(&rest)
        bodyLength = rest.count
        trailingNULs = rest.count - (rest.lastIndex { $0 != 0 }.map { $0 - rest.startIndex + 1 } ?? 0)
        isBodyBlank = rest.allSatisfy { $0 == 0 || $0 == 0x0D || $0 == 0x0A }
        body = Self.lines(&rest).map { line in
            // WLM sends some lines backwards, name and value, such as srddA-lanretnI4vPI.
            guard line.name.hasSuffix("4vPI") || line.name.hasSuffix("6vPI") || line.name.hasPrefix("srddA6vPI") else {
                return line
            }
            return Line(name: String(line.name.reversed()), value: String(line.value.reversed()))
        }
    }

    /// The first header with this name; ignores case.
    package func header(_ name: String) -> String? { Self.value(of: name, in: headers) }
    /// The first body line with this name; ignores case.
    package func value(_ name: String) -> String? { Self.value(of: name, in: body) }

    /// The method of a request; nil for a response.
    package var method: String? { if case .request(let method, _) = start { method } else { nil } }
    /// The status code of a response; nil for a request.
    package var code: Int? { if case .response(let code, _) = start { code } else { nil } }
    /// The recipient's account; empty if missing.
    package var to: String { header("To").map { Self.address($0) } ?? "" }
    /// The sender's account; empty if missing.
    package var from: String { header("From").map { Self.address($0) } ?? "" }
    /// The `Call-ID`, which all messages of a call share.
    package var call: String? { header("Call-ID") }
    /// The session identifier in the body.
    package var sessionID: UInt32? { value("SessionID").flatMap { UInt32($0) } }
    /// The application of the session.
    package var application: PeerApplication? { value("EUF-GUID").flatMap { GUID($0) }.map(PeerApplication.init) }
    /// The `Context` of an invitation, decoded from base64.
    package var context: [UInt8]? { value("Context").flatMap { Base64.decode($0.utf8) } }
    /// The nonces of a direct link, and whether each is hashed.
    package var nonces: [(guid: GUID, isHashed: Bool)] {
        [("Hashed-Nonce", true), ("Nonce", false)].compactMap { name, isHashed in
            value(name).flatMap { GUID($0) }.map { ($0, isHashed) }
        }
    }
    /// The `Content-Length` if it is wrong; nil if it is right. Some clients count the NUL at the end, some do not, and
    /// some omit it. An empty body has 0, with or without its line end and NUL.
    package var wrongLength: String? {
        guard let announced = header("Content-Length"), announced != String(bodyLength) else { return nil }
        let text = bodyLength - trailingNULs
        return [text, text + 1, isBodyBlank ? 0 : text].contains { announced == String($0) } ? nil : announced
    }

    /// The message as named fields.
    package var fields: [Field] {
        var fields = FieldList()
        switch start {
        case .request(let method, let to):
            fields.add("method", method)
            fields.add("request_to", to)
        case .response(let code, let phrase):
            fields.add("code", code)
            fields.add("phrase", phrase)
        }
        for line in headers { fields.add(named: Self.plain(line.name), .text(line.value)) }
        var inside = FieldList()
        for line in body {
            inside.add(named: Self.plain(line.name), .text(line.value))
            switch line.name.lowercased() {
            case "euf-guid": inside.add("application", application?.known)
            case "appid": inside.add("app_id_name", UInt32(line.value).flatMap(PeerApplication.name(of:)))
            case "netid": inside.add("net_address", Int32(line.value).map(Self.address(ofNumber:)))
            default: break
            }
        }
        if let context {
            if let object = MSNObject(plain: ByteSlice(context)) {
                inside.add("object", .fields(object.fields))
            } else if application == .file || value("AppID") == "2", let offer = FileOffer(ByteSlice(context)) {
                inside.add("file", .fields(offer.fields))
            }
        }
        if !inside.all.isEmpty { fields.add("body", .fields(inside.all)) }
        return fields.all
    }

    /// A client's address from its decimal number, whose lowest byte is the first.
    private static func address(ofNumber number: Int32) -> String {
        let bits = UInt32(bitPattern: number)
        return [bits & 0xFF, bits >> 8 & 0xFF, bits >> 16 & 0xFF, bits >> 24].map(String.init).joined(separator: ".")
    }

    /// Prepares a name for the conversion to `lower_snake`, where capitals start words: `IPv4` and the like are one
    /// word.
    private static func plain(_ name: String) -> String {
        // The replacements are expensive, and few names need one.
        let bytes = name.utf8Span.span
        let mayNeedOne = bytes.first(0x76, from: 0, to: bytes.count) < bytes.count || bytes.holds("UP", at: 0)
        if name == "CSeq" { return "Cseq" }
        guard mayNeedOne || bytes.holds("CSeq", at: 0) else { return name }
        return name.replacing("IPv", with: "Ipv").replacing("UPnP", with: "Upnp-").replacing("CSeq", with: "Cseq")
    }

    private static func value(of name: String, in lines: [Line]) -> String? {
        func small(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
        return lines.first { line in
            line.name.utf8.count == name.utf8.count
                && zip(line.name.utf8, name.utf8).allSatisfy { small($0) == small($1) }
        }?.value
    }

    /// The first two words of a line, and the rest of it.
    private static func words(_ line: String) -> [Substring] {
        // In ASCII, characters are bytes.
        UTF8Sequence.isASCII(line.utf8Span.span)
            ? line.utf8.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false).map(Substring.init)
            : line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    }

    /// The account in `<msnmsgr:account;{guid}>` or `MSNMSGR:account`, in lower case.
    private static func address(_ text: some StringProtocol) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return address(ofASCII: text.utf8) }
        let bare = text.lowercased().filter { $0 != "<" && $0 != ">" }
        let account = bare.hasPrefix("msnmsgr:") ? bare.dropFirst(8) : bare[...]
        return String(account.prefix { $0 != ";" })
    }

    private static func address(ofASCII text: some Sequence<UInt8>) -> String {
        let bare = text.compactMap { byte -> UInt8? in
            byte == 0x3C || byte == 0x3E ? nil : byte &- 0x41 < 26 ? byte | 0x20 : byte
        }
        let account = bare.starts(with: "msnmsgr:".utf8) ? bare.dropFirst(8) : bare[...]
        return String(decoding: account.prefix { $0 != 0x3B }, as: UTF8.self)
    }

    /// Reads the lines up to and including the next empty line.
    private static func lines(_ rest: inout ByteSlice) -> [Line] {
        var lines: [Line] = []
        while !rest.isEmpty {
            let text = line(&rest)
            if text.isEmpty { break }
            guard let colon = text.firstIndex(of: 0x3A), lines.count < mostLines else { continue }
            let name = String(decoding: text[..<colon], as: UTF8.self)
            lines.append(Line(name: name, value: String(decoding: trimmed(text[(colon + 1)...]), as: UTF8.self)))
        }
        return lines
    }

    private static func trimmed(_ text: ByteSlice) -> ByteSlice {
        var text = text.drop { $0 == 0x20 }
        while text.last == 0x20 { text.removeLast() }
        return text
    }

    /// Reads up to and including the next line end; drops NULs.
    private static func line(_ rest: inout ByteSlice) -> ByteSlice {
        let end = rest.startIndex + rest.span.first(0x0A, from: 0, to: rest.count)
        var line = rest[..<end]
        rest = rest[end...].dropFirst()
        if line.last == 0x0D { line.removeLast() }
        guard line.contains(where: { $0 == 0x0D || $0 == 0 }) else { return line }
        return ByteSlice(line.filter { $0 != 0x0D && $0 != 0 })
    }
}
