// Messages that come in several MSGs are put together here, in whatever order their parts come (p2p.md section 1).

internal import MSNP

/// The messages of one connection of which more is to come.
struct MessageParts: Sendable {
    private var open: [Parts] = []

    /// How many multi-part messages may be open at once, and how large one may grow: ten times what clients send.
    private static let mostOpen = 16
    private static let mostBytes = 256 * 1_024
    private static let mostChunks = 1_000

    /// A text as it was sent, and what its first part says of it.
    struct Whole: Sendable {
        var bytes: [UInt8]
        var type: [UInt8]?
        var format: [UInt8]?
        var sender: String
        var count: Int
    }

    /// What a part brings about.
    enum Outcome {
        /// The rest is still to come, or the part belongs to nothing.
        case nothing
        /// All of a text is there.
        case whole(Whole)
        /// One will never be whole.
        case incomplete(Event.Kind)
    }

    private struct Parts: Sendable {
        var key: [UInt8]
        var side: Side
        var sender: String
        /// Unknown until the first part is there.
        var count: Int?
        /// False for pictures and the like, which nobody asks for here.
        var isText = true
        var first: Whole?
        var bodies: [Int: [UInt8]] = [:]
        var size = 0
        var isWhole: Bool { count.map { bodies.count == $0 } ?? false }
    }

    /// Whether a message is one of several. A number of parts that is none makes no part of it, so that nobody can hide
    /// words behind one.
    static func isPart(_ frame: Frame, _ kind: Headers.Kind) -> Bool {
        guard let count = kind.chunks else { return kind.chunk != nil }
        return Decimal.value(of: frame.bytes[count]).map { $0 > 0 && $0 <= UInt64(mostChunks) } ?? false
    }

    /// Takes one part.
    mutating func take(
        _ key: ArraySlice<UInt8>, _ frame: Frame, _ kind: Headers.Kind, isText: Bool, _ body: [UInt8],
        from sender: String, _ side: Side
    ) -> Outcome {
        func number(_ range: Range<Int>?) -> Int? {
            range.flatMap { Decimal.value(of: frame.bytes[$0]) }.map { Int(clamping: $0) }
        }
        let known = open.firstIndex { $0.sender == sender && $0.side == side && $0.key.elementsEqual(key) }
        var parts = known.map { open[$0] } ?? Parts(key: Array(key), side: side, sender: sender)
        let index: Int
        if let count = number(kind.chunks) {
            guard count > 0, count <= Self.mostChunks else { return .nothing }
            // The same identifier again: the old message never was finished.
            if parts.count != nil { parts = Parts(key: Array(key), side: side, sender: sender) }
            parts.count = count
            parts.isText = isText
            let format = Headers.value(of: "x-mms-im-format", in: frame.payload)
            parts.first = Whole(
                bytes: [], type: kind.type.map { Array(frame.bytes[$0]) },
                format: format.map { Array(frame.bytes[$0]) },
                sender: sender, count: count)
            parts.bodies = parts.bodies.filter { (1..<count).contains($0.key) }
            index = 0
        } else {
            guard let chunk = number(kind.chunk), chunk > 0, chunk < parts.count ?? Self.mostChunks else {
                return .nothing
            }
            index = chunk
        }
        guard parts.bodies[index] == nil else { return .nothing }
        // What nobody asks for is counted, not kept.
        parts.bodies[index] = parts.isText ? body : []
        parts.size += body.count
        if let known { open.remove(at: known) }
        if parts.isWhole {
            guard parts.isText, var whole = parts.first else { return .nothing }
            for index in 0..<whole.count { whole.bytes += parts.bodies[index] ?? [] }
            return .whole(whole)
        }
        if parts.isText, parts.size > Self.mostBytes { return .incomplete(Self.incomplete(parts)) }
        open.insert(parts, at: known ?? open.count)
        guard open.count > Self.mostOpen else { return .nothing }
        let oldest = open.removeFirst()
        return oldest.isText ? .incomplete(Self.incomplete(oldest)) : .nothing
    }

    /// What was begun and never finished.
    mutating func finish() -> [Event.Kind] {
        defer { open = [] }
        return open.filter(\.isText).map(Self.incomplete)
    }

    private static func incomplete(_ parts: Parts) -> Event.Kind {
        let all = parts.count.map { "\(parts.bodies.count) of \($0)" } ?? "later"
        return .finding(
            Finding(.messageIncomplete, "Only \(all) parts of a message were seen.", side: parts.side))
    }
}
