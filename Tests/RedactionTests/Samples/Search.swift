// The words of a recording that identify somebody, collected independently of the redaction, and a search for them.

import Events
import Foundation
import MSNP

/// Words that a copy for sharing must not hold.
struct IdentifyingWords {
    private(set) var accounts: Set<String> = []
    private(set) var names: Set<String> = []
    private(set) var texts: Set<String> = []
    private(set) var secrets: Set<String> = []
    private(set) var addresses: Set<String> = []

    var all: [String] { accounts.union(names).union(texts).union(secrets).union(addresses).sorted() }

    init(_ events: [Event]) {
        for event in events {
            switch event.kind {
            case .opened(let ends):
                for end in [ends.client, ends.server] { add(HostPort(end)?.host ?? "", to: \.addresses, atLeast: 6) }
            case .frame(let frame, let side): add(frame, side)
            case .noise(let noise, _): addAccounts(in: String(decoding: noise.bytes, as: UTF8.self))
            case .message(let message):
                add(message.text, to: \.texts)
                for line in message.text.split(whereSeparator: \.isNewline) { add(String(line), to: \.texts) }
            default: break
            }
        }
    }

    private mutating func add(
        _ word: String, to set: WritableKeyPath<IdentifyingWords, Set<String>>, atLeast count: Int = 4
    ) {
        let bare = word.trimmingCharacters(in: .whitespacesAndNewlines)
        // Placeholders are random: short words in small letters are among them by chance.
        let isCommon = bare.utf8.count < 7 && bare.utf8.allSatisfy { $0 &- 0x61 < 26 }
        if bare.utf8.count >= count, !isCommon, !Self.vocabulary.contains(bare.lowercased()) {
            self[keyPath: set].insert(bare)
        }
    }

    private mutating func add(_ frame: Frame, _ side: Side) {
        let line = String(decoding: frame.line, as: UTF8.self)
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map { plain(String($0)) }
        let payload = String(decoding: frame.payload, as: UTF8.self)
        for part in words + [payload, plain(payload)] + inBase64(payload) + words.flatMap(inBase64) {
            addAccounts(in: part)
            for match in part.matches(of: /(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/) {
                if HostPort(String(match.output))?.ipv4 != nil, frame.verb != "CVR", frame.verb != "CVQ" {
                    add(String(match.output), to: \.addresses, atLeast: 7)
                }
            }
        }
        // What stands behind an account in these is a name.
        if ["USR", "ILN", "NLN", "JOI", "IRO", "RNG", "MSG", "ADD", "LST", "REA"].contains(frame.verb.description) {
            if let account = words.firstIndex(where: { $0.contains("@") }), account + 1 < words.count, side == .server,
                words[account + 1].contains(where: \.isLetter)
            {
                add(words[account + 1].replacing(/^F=/, with: ""), to: \.names)
            }
        }
        if ["PRP", "BPR", "SBP", "REA"].contains(frame.verb.description), let last = words.last, last.count > 3 {
            add(last, to: \.texts)
        }
        for word in words where word.hasPrefix("F=") { add(String(word.dropFirst(2)), to: \.names) }
        addSecrets(words, payload, frame)
    }

    private mutating func addAccounts(in text: String) {
        for match in text.matches(of: /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/) {
            add(String(match.output), to: \.accounts)
            add(String(match.output.prefix { $0 != "@" }), to: \.accounts, atLeast: 5)
        }
    }

    private mutating func addSecrets(_ words: [String], _ payload: String, _ frame: Frame) {
        if let cki = words.firstIndex(of: "CKI"), cki + 1 < words.count { add(words[cki + 1], to: \.secrets) }
        if words.first == "USR", words.count == 4, words[2].contains("@") { add(words[3], to: \.secrets) }
        if words.first == "ANS", words.count > 3 { add(words[3], to: \.secrets) }
        if words.first == "USR", let stage = words.firstIndex(of: "S") {
            for word in words[(stage + 1)...] where word.utf8.count > 12 && !word.contains("://") {
                add(word, to: \.secrets)
            }
        }
        if words.first == "QRY", payload.count == 32 { add(payload, to: \.secrets) }
        for match in payload.matches(of: /(?i)(?:MSPAuth|sid|kv|AuthCookie|Nonce|Hashed-Nonce): *([^\r\n]+)/) {
            add(String(match.1), to: \.secrets, atLeast: 5)
        }
        for match in payload.matches(
            of: /(?i)(?:Application-File|Subject|PostalCode|MachineGuid|Nickname): *([^\r\n]+)/)
        {
            add(String(match.1), to: \.texts)
        }
        for match in payload.matches(of: /<(?:PSM|EpName|MachineGuid|TEXT|Artist|Title)>([^<]+)</) {
            add(String(match.1), to: \.texts)
        }
        for match in payload.matches(of: /(?:SHA1D|SHA1C|Location)="([^"]+)"/) {
            add(String(match.1), to: \.texts, atLeast: 8)
        }
    }

    private func plain(_ word: String) -> String {
        String(decoding: PercentEncoding.decode(ByteSlice(word.utf8)), as: UTF8.self)
    }

    private func inBase64(_ text: String) -> [String] {
        text.matches(of: /[A-Za-z0-9+\/]{16,}={0,2}/).compactMap { match in
            Data(base64Encoded: String(match.output)).map { data in
                let isWide = data.count > 40 && data.prefix(600).count { $0 == 0 } > data.prefix(600).count / 3
                return isWide
                    ? String(decoding: data.filter { $0 != 0 }, as: UTF8.self) : String(decoding: data, as: UTF8.self)
            }
        }
    }

    /// Words that are MSN's own.
    private static let vocabulary: Set<String> = [
        "msmsgs@msnmsgr.com", "msmsgs", "hotmail", "file transfer", "0.0.0.0", "127.0.0.1", "null",
    ]
}

/// Looks for words in bytes, in all the forms in which they could still be read.
enum Search {
    /// All forms of some words, by their first four bytes: so that one pass finds them all.
    struct Index: Sendable {
        fileprivate var byStart: [UInt32: [(form: [UInt8], word: String)]] = [:]

        init(_ words: [String]) {
            for word in words {
                for form in forms(of: word) where form.count >= 4 {
                    byStart[start(form, 0), default: []].append((form, word))
                }
            }
        }
    }

    /// The words of which something is left.
    static func found(_ words: [String], in bytes: [UInt8]) -> [String] { found(Index(words), in: bytes) }

    /// The words of which something is left.
    static func found(_ index: Index, in bytes: [UInt8]) -> [String] {
        var found: Set<String> = []
        // Accounts were written in any case.
        for isLowered in [false, true] {
            var window: UInt32 = 0
            for place in bytes.indices {
                let byte = bytes[place]
                window = window << 8 | UInt32(isLowered && byte &- 0x41 < 26 ? byte | 0x20 : byte)
                guard place >= 3, let candidates = index.byStart[window] else { continue }
                let here = bytes[(place - 3)...].prefix(300).map { isLowered && $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
                for candidate in candidates where here.starts(with: candidate.form.prefix(300)) {
                    found.insert(candidate.word)
                }
            }
        }
        return found.sorted()
    }

    /// As it is, in small letters, backwards, percent-encoded, as entities, in UTF-16, and in base64 at any of its three
    /// places.
    static func forms(of word: String) -> [[UInt8]] {
        let plain = Array(word.utf8)
        var forms = [plain]
        if word.contains("@") { forms.append(Array(word.lowercased().utf8)) }
        let isSafe: (UInt8) -> Bool = {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || [0x2D, 0x2E, 0x5F].contains($0)
        }
        for format in ["%%%02X", "%%%02x"] {
            forms.append(plain.flatMap { isSafe($0) ? [$0] : Array(String(format: format, $0).utf8) })
            forms.append(plain.flatMap { Array(String(format: format, $0).utf8) })
        }
        forms.append(plain.reversed())
        for format in ["&#%d;", "&#x%x;", "&#x%X;"] {
            forms.append(word.unicodeScalars.flatMap { Array(String(format: format, $0.value).utf8) })
        }
        let wide = word.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        forms.append(wide)
        for bytes in [plain, wide] where bytes.count >= 6 {
            for shift in 0..<3 {
                let text = Array(Data([UInt8](repeating: 0, count: shift) + bytes).base64EncodedString().utf8)
                // What depends on the neighbours is left out.
                let first = [0, 2, 3][shift]
                let last = text.count - ((shift + bytes.count) % 3 == 0 ? 0 : 4)
                if last - first >= 7 { forms.append(Array(text[first..<last])) }
            }
        }
        return forms
    }

    private static func start(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[place + $1]) }
    }
}
