// Bytes while they are made harmless: every replacement has the length of the original.

internal import MSNP

/// What is to be done with a value.
enum Replacement: Sendable, Hashable {
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
    /// Capabilities, of which the generation of the client stays.
    case capabilities
    /// What a direct link's ends know each other by, as it is or as its digest.
    case nonce
    /// The number of a peer-to-peer session, to which packets refer.
    case session
    /// How long something is of which the recording has not the most.
    case size
    /// The digest of an object's data.
    case digest
    /// The description of a picture: XML, percent-encoded in lines.
    case object
    /// The `Context` of an invitation: a description or a file offer in base64.
    case context
    case xml
}

/// A frame, or what was encoded in one, on its way into a copy.
struct RedactionBuffer {
    private(set) var bytes: [UInt8]
    let placeholders: Placeholders
    var counts: [RedactionReport.Kind: Int] = [:]
    /// What could not be read.
    var doubts: [String] = []

    init(_ bytes: [UInt8], _ placeholders: Placeholders) {
        self.bytes = bytes
        self.placeholders = placeholders
    }

    /// A value by itself. Whoever makes a placeholder takes this: while a slice is held, every change copies all bytes.
    func value(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

    /// Puts something of the same length in the place of a value.
    mutating func put(_ new: [UInt8], at range: Range<Int>, _ kind: RedactionReport.Kind) {
        guard !range.isEmpty else { return }
        write(new, at: range)
        counts[kind, default: 0] += 1
    }

    /// The same without counting it. Should a replacement have another length, the original must not stay: its place is
    /// filled.
    mutating func write(_ new: [UInt8], at range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        let fits = new.count == range.count
        for (index, place) in range.enumerated() { bytes[place] = fits ? new[index] : Placeholders.filling }
    }

    /// Treats a value as it stands.
    mutating func treat(_ range: Range<Int>, _ treatment: Replacement) {
        guard !range.isEmpty else { return }
        switch treatment {
        case .keep: break
        case .account: account(range)
        case .name: isAccount(range) ? account(range) : put(placeholders.letters(value(range)), at: range, .name)
        case .text:
            guard bytes[range].contains(where: { $0 > 0x20 }) else { return }
            isAccount(range) ? account(range) : put(placeholders.letters(value(range)), at: range, .text)
        case .address: put(placeholders.hostPort(value(range)[...]), at: range, .address)
        case .addresses: for part in parts(of: range, at: [0x20, 0x2C, 0x3B]) { treat(part, .address) }
        case .backwards:
            for part in parts(of: range, at: [0x20]) {
                let forwards = Array(bytes[part].reversed())
                put(placeholders.hostPort(forwards[...]).reversed(), at: part, .address)
            }
        case .token(let kind): put(placeholders.token(value(range)), at: range, kind)
        case .hex(let kind): put(placeholders.hex(value(range)), at: range, kind)
        case .base64(let kind): put(placeholders.base64(value(range)), at: range, kind)
        case .capabilities: put(placeholders.capabilities(value(range)), at: range, .text)
        case .nonce: put(placeholders.nonce(value(range)), at: range, .secret)
        case .session: put(placeholders.session(value(range)), at: range, .identifier)
        case .size: put(placeholders.size(value(range)), at: range, .text)
        case .digest: put(placeholders.digest(value(range)), at: range, .identifier)
        case .object, .xml: xml(range)
        case .context: context(range)
        }
    }

    /// Treats a value by a rule.
    mutating func treat(_ range: Range<Int>, _ rule: Rule) { treat(range, rule.treatment(of: bytes[range])) }

    /// Treats a value that may be percent-encoded: what is encoded stays encoded, so that lengths stay the same inside
    /// and outside.
    mutating func treatEncoded(_ range: Range<Int>, _ treatment: Replacement) {
        guard treatment != .keep, bytes[range].contains(0x25) else { return treat(range, treatment) }
        let view = PercentView(bytes[range])
        var inner = RedactionBuffer(view.bytes, placeholders)
        inner.treat(0..<inner.bytes.count, treatment)
        write(view.encoded(inner.bytes), at: range)
        take(inner)
    }

    /// Fills data with dots, which tell nothing, not even that two pieces are the same.
    mutating func fill(_ range: Range<Int>) {
        put([UInt8](repeating: Placeholders.filling, count: range.count), at: range, .data)
    }

    /// Adds what was counted one layer down.
    mutating func take(_ inner: RedactionBuffer) {
        counts.merge(inner.counts) { $0 + $1 }
        doubts += inner.doubts
    }

    /// The parts of a range between separators, those without bytes left out.
    func parts(of range: Range<Int>, at separators: [UInt8]) -> [Range<Int>] {
        bytes[range].split(whereSeparator: separators.contains).map { $0.startIndex..<$0.endIndex }
    }

    /// Whether a range holds exactly this, in any case.
    func holds(_ range: Range<Int>, _ lowercase: StaticString) -> Bool { Headers.equal(bytes[range], lowercase) }

    func lowered(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self).lowercased() }

    private func isAccount(_ range: Range<Int>) -> Bool {
        bytes[range].count { $0 == 0x40 } == 1 && bytes[range].allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}

// MARK: - Accounts

extension RedactionBuffer {
    /// `[network:]account`, then perhaps `;via=…`, `;epid={…}`, `;{guid}`, `;path=IM`.
    private mutating func account(_ range: Range<Int>) {
        for part in parts(of: range, at: [0x3B]) {
            var part = part
            if part.lowerBound > range.lowerBound, let equals = bytes[part].firstIndex(of: 0x3D),
                Self.keys.contains(lowered(part.lowerBound..<equals))
            {
                part = equals + 1..<part.upperBound
            }
            guard !part.isEmpty else { continue }
            if bytes[part].first == 0x7B {
                put(placeholders.hex(value(part)), at: part, .identifier)
            } else if !holds(part, "im") {
                simpleAccount(part)
            }
        }
    }

    private static let keys: Set<String> = ["via", "epid", "path"]

    private mutating func simpleAccount(_ range: Range<Int>) {
        var range = range
        if bytes[range].starts(with: "tel:".utf8) {
            range = range.lowerBound + 4..<range.upperBound
            return put(placeholders.token(value(range)), at: range, .account)
        }
        if let colon = bytes[range].firstIndex(of: 0x3A), HarmlessValues.network.holds(bytes[range.lowerBound..<colon])
        {
            range = colon + 1..<range.upperBound
        }
        guard !range.isEmpty else { return }
        let value = value(range)
        guard let at = value.lastIndex(of: 0x40) else {
            return put(placeholders.local(value), at: range, .account)
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
            let rest = text[index...]
            if let byte = PercentEncoding.byte(in: rest.span, at: 0) {
                bytes.append(byte)
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
        zip(new, isEncoded).flatMap { byte, isEncoded in
            isEncoded ? PercentEncoding.triple(byte) : [byte]
        }
    }
}
