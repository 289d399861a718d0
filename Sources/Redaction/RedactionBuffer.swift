// A byte buffer for redaction in place: every replacement has the length of the original.

internal import MSNP

/// A frame, or data decoded from one, during redaction.
struct RedactionBuffer {
    private(set) var bytes: [UInt8]
    let placeholders: Placeholders
    var counts: [RedactionReport.Kind: Int] = [:]
    /// Reasons to refuse the copy: content that could not be read.
    var refusals: [RedactionReport.Reason] = []

    init(_ bytes: [UInt8], _ placeholders: Placeholders) {
        self.bytes = bytes
        self.placeholders = placeholders
    }

    /// The bytes of a range, to be read before the next write: a slice held during a write would copy the whole buffer.
    func slice(_ range: Range<Int>) -> ByteSlice { ByteSlice(bytes)[range] }

    /// A copy of a value. Placeholders are made from a copy: an array slice held during a write would copy the whole
    /// buffer.
    func value(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

    /// Overwrites a value with a placeholder of the same length, and counts the replacement.
    mutating func put(_ new: [UInt8], at range: Range<Int>, _ kind: RedactionReport.Kind) {
        guard !range.isEmpty else { return }
        write(new, at: range)
        counts[kind, default: 0] += 1
    }

    /// Overwrites a value without counting. If the length differs, the place is filled, so that the original never
    /// stays.
    mutating func write(_ new: [UInt8], at range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        let fits = new.count == range.count
        for (index, place) in range.enumerated() { bytes[place] = fits ? new[index] : Placeholders.filling }
    }

    /// Replaces a value that is not percent-encoded.
    mutating func redact(_ range: Range<Int>, _ replacement: Replacement) {
        guard !range.isEmpty else { return }
        switch replacement {
        case .keep: break
        case .account: account(range)
        case .name: isAccount(range) ? account(range) : put(placeholders.letters(value(range)), at: range, .name)
        case .text:
            guard bytes[range].contains(where: { $0 > 0x20 }) else { return }
            isAccount(range) ? account(range) : put(placeholders.letters(value(range)), at: range, .text)
        case .address: put(placeholders.hostPort(ByteSlice(value(range))), at: range, .address)
        case .addresses: for part in parts(of: range, at: [0x20, 0x2C, 0x3B]) { redact(part, .address) }
        case .reversedAddresses:
            for part in parts(of: range, at: [0x20]) {
                let forwards = ByteSlice(bytes[part].reversed())
                put(placeholders.hostPort(forwards).reversed(), at: part, .address)
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

    /// Applies a rule to a value.
    mutating func redact(_ range: Range<Int>, _ rule: Rule) { redact(range, rule.replacement(of: slice(range))) }

    /// Replaces a value that may be percent-encoded. Encoded bytes stay encoded, so that lengths stay the same in both
    /// forms.
    mutating func redactEncoded(_ range: Range<Int>, _ replacement: Replacement) {
        guard replacement != .keep, bytes[range].contains(0x25) else { return redact(range, replacement) }
        let view = PercentDecodedView(slice(range))
        var inner = RedactionBuffer(view.bytes, placeholders)
        inner.redact(0..<inner.bytes.count, replacement)
        write(view.encoded(inner.bytes), at: range)
        merge(inner)
    }

    /// Fills data with dots, which reveal nothing, not even that two pieces are equal.
    mutating func fill(_ range: Range<Int>) {
        put([UInt8](repeating: Placeholders.filling, count: range.count), at: range, .data)
    }

    /// Adds the counts and refusals of a decoded value.
    mutating func merge(_ inner: RedactionBuffer) {
        counts.merge(inner.counts) { $0 + $1 }
        refusals += inner.refusals
    }

    /// The non-empty parts of a range between separators.
    func parts(of range: Range<Int>, at separators: [UInt8]) -> [Range<Int>] {
        bytes[range].split(whereSeparator: separators.contains).map { $0.startIndex..<$0.endIndex }
    }

    /// Whether a range equals a lowercase text, ignoring case.
    func holds(_ range: Range<Int>, _ lowercase: StaticString) -> Bool { Headers.equal(slice(range), lowercase) }

    func lowered(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self).lowercased() }

    private func isAccount(_ range: Range<Int>) -> Bool {
        bytes[range].count { $0 == 0x40 } == 1 && bytes[range].allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}

// MARK: - Accounts

extension RedactionBuffer {
    /// Replaces `[network:]account`, optionally with `;via=…`, `;epid={…}`, `;{guid}`, `;path=IM`.
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
        if let colon = bytes[range].firstIndex(of: 0x3A), HarmlessValues.network.holds(slice(range.lowerBound..<colon))
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
