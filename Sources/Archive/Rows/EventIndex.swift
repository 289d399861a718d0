// The compact event list of a block: kinds, times, lengths and connection state; the bytes are stored separately.

internal import Events
internal import MSNP

/// The kind of an entry. The numbers are stored in files, so they never change.
enum EntryKind: UInt8 {
    /// The absolute time, role, dialect and sign-in for all following entries; every block starts with one.
    case state = 0
    case frame = 1
    case noise = 2
    case gap = 3
    /// The next row of `rewriting` belongs here.
    case rewriting = 4
    /// The next row of `finding` belongs here.
    case finding = 5
    case opened = 6
    case closed = 7
}

/// The bits of an entry's first byte. After it come the time since the last entry unless it is the same; for noise one
/// byte for its reason; for frames, noise and gaps the length.
enum EntryBits {
    static let kind: UInt8 = 0b0000_0111
    static let isServer: UInt8 = 0b0000_1000
    static let isSameTime: UInt8 = 0b0001_0000
    /// The time since the last entry is in microseconds, as in most captures; otherwise in nanoseconds.
    static let isMicroseconds: UInt8 = 0b0010_0000
}

/// The codes of roles and reasons in files: indices into these lists. Only append to them.
enum EntryCodes {
    static let roles: [Role] = [
        .unknown, .dispatch, .notification, .switchboard, .peerToPeer, .fileTransfer, .http,
    ]
    static let reasons: [Noise.Reason] = [
        .notMSNP, .lineTooLong, .payloadTooLong, .unsynchronised, .damagedFrame, .proxyHandshake, .fileData,
        .unfinishedLine, .unfinishedPayload, .peerData, .httpMessage,
    ]
}

/// Encodes entries.
struct EventIndexWriter {
    private(set) var bytes: [UInt8] = []
    private var last: Int64 = 0

    /// Discards the entries to start the next block.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        last = 0
    }

    mutating func append(_ state: ConnectionState, at time: Int64) {
        bytes.append(EntryKind.state.rawValue)
        bytes.append(zigzag: time)
        bytes.append(UInt8(clamping: EntryCodes.roles.firstIndex(of: state.role) ?? 0))
        bytes.append(varint: state.dialect.map { UInt64($0.number) + 1 } ?? 0)
        bytes.append(varint: UInt64(max(0, state.signIn)) << 1 | (state.hasAccount ? 1 : 0))
        last = time
    }

    mutating func append(_ kind: EntryKind, from side: Side?, at time: Int64, length: UInt64? = nil, code: UInt8? = nil)
    {
        var first = kind.rawValue | (side == .server ? EntryBits.isServer : 0)
        let delta = time &- last
        if delta == 0 {
            bytes.append(first | EntryBits.isSameTime)
        } else {
            let (quotient, remainder) = delta.quotientAndRemainder(dividingBy: 1_000)
            if remainder == 0 { first |= EntryBits.isMicroseconds }
            bytes.append(first)
            bytes.append(zigzag: remainder == 0 ? quotient : delta)
        }
        last = time
        if let code { bytes.append(code) }
        if let length { bytes.append(varint: length) }
    }
}

/// Decodes entries; an invalid entry ends the list.
struct EventIndexReader {
    /// A decoded entry with the connection state at its time.
    struct Entry {
        var kind: EntryKind
        var side: Side
        var time: Int64
        var length: UInt64
        var reason: Noise.Reason
        var state: ConnectionState
    }

    private var reader: ByteReader
    private var last: Int64 = 0
    private var state = ConnectionState()
    /// Whether it ended at an entry that cannot be decoded.
    private(set) var isDamaged = false

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

    /// The next entry with its connection state; nil at the end.
    mutating func next() -> Entry? {
        while !reader.isAtEnd {
            guard let entry = readEntry() else {
                reader.skipAll()
                isDamaged = true
                return nil
            }
            if entry.kind != .state { return entry }
        }
        return nil
    }

    private mutating func readEntry() -> Entry? {
        guard let first = reader.byte(), let kind = EntryKind(rawValue: first & EntryBits.kind) else { return nil }
        var entry = Entry(
            kind: kind, side: first & EntryBits.isServer != 0 ? .server : .client, time: last, length: 0,
            reason: .notMSNP, state: state)
        if kind == .state {
            guard readConnectionState() else { return nil }
            return entry
        }
        if first & EntryBits.isSameTime == 0 {
            guard let delta = reader.zigzag() else { return nil }
            let unit: Int64 = first & EntryBits.isMicroseconds != 0 ? 1_000 : 1
            last = last &+ delta &* unit
        }
        entry.time = last
        if kind == .noise {
            guard let code = reader.byte(), EntryCodes.reasons.indices.contains(Int(code)) else { return nil }
            entry.reason = EntryCodes.reasons[Int(code)]
        }
        if kind == .frame || kind == .noise || kind == .gap {
            guard let length = reader.varint() else { return nil }
            entry.length = length
        }
        return entry
    }

    private mutating func readConnectionState() -> Bool {
        guard let time = reader.zigzag(), let role = reader.byte(), EntryCodes.roles.indices.contains(Int(role)),
            let dialect = reader.varint(),
            dialect <= 256, let signIn = reader.varint(), signIn <= UInt64(Int32.max)
        else { return false }
        last = time
        state.role = EntryCodes.roles[Int(role)]
        state.dialect = dialect == 0 ? nil : Dialect(UInt8(dialect - 1))
        state.signIn = Int(signIn >> 1)
        state.hasAccount = signIn & 1 == 1
        return true
    }
}
