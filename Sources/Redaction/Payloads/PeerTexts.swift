// What has to be remembered of one connection's messages that come in several parts.

internal import MSNP

/// Texts of the peer-to-peer layer that are under way, and what later parts of other messages are.
///
/// A text that comes in several packets can be made harmless as one only by who knows all of it: a first reading puts
/// texts together, and a second one has them from the first part on.
struct PeerTexts {
    enum PartKind {
        case text
        case ink
    }

    private struct Key: Hashable {
        var side: Side
        var number: UInt64
    }

    private var open: [Key: PeerText] = [:]
    private var order: [Key] = []
    private(set) var types: [Side: [[UInt8]: PartKind]] = [:]
    /// How many texts were begun that go on in later packets.
    private var begun = 0
    /// The texts that a first reading put together, as they were.
    private(set) var whole: [Int: [UInt8]] = [:]
    private var wholeBytes = 0

    /// How many texts may be open at once; more is nobody's habit.
    private static let mostOpen = 64
    /// How long a text may be, and all of one connection.
    static let longest = 256 << 10
    private static let mostBytes = 8 << 20
    /// How much of a value may stay that is not whole yet.
    static let longestPiece = 64

    /// Texts of a connection that was read before.
    init(whole: [Int: [UInt8]] = [:]) { self.whole = whole }

    mutating func note(_ id: [UInt8], _ kind: PartKind, _ side: Side) {
        if let count = types[side]?.count, count >= Self.mostOpen { types[side] = [:] }
        types[side, default: [:]][id] = kind
    }

    /// Begins a text.
    ///
    /// - Parameter goesOn: whether more of it is to come.
    mutating func begin(goesOn: Bool) -> PeerText {
        guard goesOn else { return PeerText() }
        begun += 1
        return PeerText(place: begun, known: whole[begun])
    }

    /// Keeps a text for the second reading.
    mutating func learn(_ text: [UInt8], at place: Int) {
        guard wholeBytes + text.count <= Self.mostBytes else { return }
        wholeBytes += text.count
        whole[place] = text
    }

    mutating func take(_ number: UInt64, _ side: Side) -> PeerText? {
        let key = Key(side: side, number: number)
        order.removeAll { $0 == key }
        return open.removeValue(forKey: key)
    }

    mutating func keep(_ text: PeerText, _ number: UInt64, _ side: Side) {
        let key = Key(side: side, number: number)
        order.removeAll { $0 == key }
        order.append(key)
        open[key] = text
        while order.count > Self.mostOpen { open[order.removeFirst()] = nil }
    }
}
