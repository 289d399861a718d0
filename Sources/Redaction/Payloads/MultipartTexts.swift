// State of one connection's multi-part messages during redaction.

internal import MSNP

/// MSNSLP texts in progress, and the types of multi-part messages.
///
/// A text split over several packets can be redacted as a whole only if all of it is known: the first pass assembles
/// texts, and the second pass has them from the first packet on.
struct MultipartTexts {
    enum PartKind {
        case text
        case ink
    }

    private struct Key: Hashable {
        var side: Side
        var number: UInt64
    }

    private var open: [Key: SLPTextProgress] = [:]
    private var order: [Key] = []
    private(set) var types: [Side: [[UInt8]: PartKind]] = [:]
    /// Number of split texts begun.
    private var begun = 0
    /// The original texts that the first pass assembled, by number.
    private(set) var whole: [Int: [UInt8]] = [:]
    private var wholeBytes = 0

    /// The limit on texts in progress; no client has more.
    private static let maxOpen = 64
    /// Limits in bytes on one text, and on all texts of a connection.
    static let maxLength = 256 << 10
    private static let maxBytes = 8 << 20
    /// The limit in bytes on the unreplaced beginning of an incomplete value.
    static let maxPieceLength = 64

    /// Creates the state with the texts that the first pass assembled.
    init(whole: [Int: [UInt8]] = [:]) { self.whole = whole }

    mutating func note(_ id: [UInt8], _ kind: PartKind, _ side: Side) {
        if let count = types[side]?.count, count >= Self.maxOpen { types[side] = [:] }
        types[side, default: [:]][id] = kind
    }

    /// Begins a text.
    ///
    /// - Parameter continues: whether it continues in later packets.
    mutating func begin(continues: Bool) -> SLPTextProgress {
        guard continues else { return SLPTextProgress() }
        begun += 1
        return SLPTextProgress(number: begun, known: whole[begun])
    }

    /// Stores an assembled text for the second pass.
    mutating func learn(_ text: [UInt8], at number: Int) {
        guard wholeBytes + text.count <= Self.maxBytes else { return }
        wholeBytes += text.count
        whole[number] = text
    }

    mutating func remove(_ number: UInt64, _ side: Side) -> SLPTextProgress? {
        let key = Key(side: side, number: number)
        order.removeAll { $0 == key }
        return open.removeValue(forKey: key)
    }

    mutating func keep(_ text: SLPTextProgress, _ number: UInt64, _ side: Side) {
        let key = Key(side: side, number: number)
        order.removeAll { $0 == key }
        order.append(key)
        open[key] = text
        while order.count > Self.maxOpen { open[order.removeFirst()] = nil }
    }
}
