// Bytes while they are made harmless: every replacement has the length of the original.

internal import MSNP

/// What is to be done with a value.
enum Treatment: Sendable, Hashable {
    case keep
    /// An account, as lines write it: `1:a@b;via=9:c@d`, `a@b;{guid}`, `tel:+1…`.
    case account
    /// A name, perhaps percent-encoded, perhaps an account.
    case name
    case text
    case address
    /// Several addresses behind each other.
    case addresses
    /// Addresses written backwards, as WLM does in MSNSLP.
    case backwards
    /// Letters for letters, digits for digits.
    case token(RedactionReport.Kind)
    case hex(RedactionReport.Kind)
    case base64(RedactionReport.Kind)
    /// The description of a picture: XML, percent-encoded in lines.
    case object
    /// The `Context` of an invitation: a description or a file offer in base64.
    case context
    case xml
}

/// A frame, or what was encoded in one, on its way into a copy.
struct Draft {
    var bytes: [UInt8]
    let placeholders: Placeholders
    var counts: [RedactionReport.Kind: Int] = [:]
    /// What could not be read.
    var doubts: [String] = []

    init(_ bytes: [UInt8], _ placeholders: Placeholders) {
        self.bytes = bytes
        self.placeholders = placeholders
    }

    /// Puts something of the same length in the place of a value.
    mutating func put(_ new: [UInt8], at range: Range<Int>, _ kind: RedactionReport.Kind) {
        guard new.count == range.count, !range.isEmpty, range.upperBound <= bytes.count else { return }
        bytes.replaceSubrange(range, with: new)
        counts[kind, default: 0] += 1
    }

    /// Treats a value as it stands.
    mutating func treat(_ range: Range<Int>, _ treatment: Treatment) {
        guard !range.isEmpty else { return }
        let value = bytes[range]
        switch treatment {
        case .keep: break
        case .account: account(range)
        case .name: Self.isAccount(value) ? account(range) : put(placeholders.letters(value), at: range, .name)
        case .text:
            guard value.contains(where: { $0 > 0x20 }) else { return }
            Self.isAccount(value) ? account(range) : put(placeholders.letters(value), at: range, .text)
        case .address: put(placeholders.hostPort(value), at: range, .address)
        case .addresses: for part in parts(of: range, at: [0x20, 0x2C, 0x3B]) { treat(part, .address) }
        case .backwards:
            for part in parts(of: range, at: [0x20]) {
                let forwards = Array(bytes[part].reversed())
                put(placeholders.hostPort(forwards[...]).reversed(), at: part, .address)
            }
        case .token(let kind): put(placeholders.token(value), at: range, kind)
        case .hex(let kind): put(placeholders.hex(value), at: range, kind)
        case .base64(let kind): put(placeholders.base64(value), at: range, kind)
        case .object, .xml: xml(range)
        case .context: context(range)
        }
    }

    /// Treats a value that may be percent-encoded: what is encoded stays encoded, so that lengths stay the same inside
    /// and outside.
    mutating func treatEncoded(_ range: Range<Int>, _ treatment: Treatment) {
        guard treatment != .keep, bytes[range].contains(0x25) else { return treat(range, treatment) }
        let view = PercentView(bytes[range])
        var inner = Draft(view.bytes, placeholders)
        inner.treat(0..<inner.bytes.count, treatment)
        bytes.replaceSubrange(range, with: view.encoded(inner.bytes))
        take(inner)
    }

    /// Fills data with dots, which tell nothing, not even that two pieces are the same.
    mutating func fill(_ range: Range<Int>) {
        put([UInt8](repeating: 0x2E, count: range.count), at: range, .data)
    }

    /// Adds what was counted one layer down.
    mutating func take(_ inner: Draft) {
        counts.merge(inner.counts) { $0 + $1 }
        doubts += inner.doubts
    }

    /// The parts of a range between separators, those without bytes left out.
    func parts(of range: Range<Int>, at separators: [UInt8]) -> [Range<Int>] {
        bytes[range].split(whereSeparator: separators.contains).map { $0.startIndex..<$0.endIndex }
    }

    /// Whether a range holds exactly this, in any case.
    func holds(_ range: Range<Int>, _ lowercase: StaticString) -> Bool { Headers.equal(bytes[range], lowercase) }

    private static func isAccount(_ value: ArraySlice<UInt8>) -> Bool {
        value.count { $0 == 0x40 } == 1 && value.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}

// MARK: - Accounts

extension Draft {
    /// `[network:]account`, then perhaps `;via=…`, `;epid={…}`, `;{guid}`, `;path=IM`.
    private mutating func account(_ range: Range<Int>) {
        for part in parts(of: range, at: [0x3B]) {
            var part = part
            if let equals = bytes[part].firstIndex(of: 0x3D) { part = equals + 1..<part.upperBound }
            if bytes[part].first == 0x7B {
                put(placeholders.hex(bytes[part]), at: part, .identifier)
            } else if !holds(part, "im") {
                simpleAccount(part)
            }
        }
    }

    private mutating func simpleAccount(_ range: Range<Int>) {
        var range = range
        if bytes[range].starts(with: "tel:".utf8) {
            put(placeholders.token(bytes[range].dropFirst(4)), at: range.lowerBound + 4..<range.upperBound, .account)
            return
        }
        if let colon = bytes[range].firstIndex(of: 0x3A), bytes[range.lowerBound..<colon].allSatisfy(\.isDigit) {
            range = colon + 1..<range.upperBound
        }
        guard !range.isEmpty else { return }
        let value = bytes[range]
        guard let at = value.lastIndex(of: 0x40) else {
            put(placeholders.local(value), at: range, .account)
            return
        }
        put(placeholders.local(value[..<at]) + [0x40] + placeholders.domain(value[(at + 1)...]), at: range, .account)
    }
}

/// The bytes that a percent-encoded text means, and the way back.
struct PercentView {
    private(set) var bytes: [UInt8] = []
    private var isEncoded: [Bool] = []

    init(_ text: ArraySlice<UInt8>) {
        var index = text.startIndex
        while index < text.endIndex {
            let triple = text[index...].prefix(3)
            let decoded = PercentEncoding.decode(triple)
            if triple.first == 0x25, triple.count == 3, decoded.count == 1 {
                bytes += decoded
                isEncoded.append(true)
                index += 3
            } else {
                bytes.append(text[index])
                isEncoded.append(false)
                index += 1
            }
        }
    }

    /// Other bytes, as many, each encoded where its original was.
    func encoded(_ new: [UInt8]) -> [UInt8] {
        zip(new, isEncoded).flatMap { byte, isEncoded -> [UInt8] in
            guard isEncoded else { return [byte] }
            return [0x25] + [byte &>> 4, byte & 15].map { $0 < 10 ? 0x30 + $0 : 0x37 + $0 }
        }
    }
}
