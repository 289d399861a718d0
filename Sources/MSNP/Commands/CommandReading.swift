// Which form of its command a line is, and which argument is what.

/// A line as one form of its command explains it. Small, so that every event can carry one.
public struct CommandReading: Sendable, Hashable {
    /// The form's place in the table.
    private let place: UInt16
    /// One bit for each parameter that got an argument, the first in the lowest.
    private let used: UInt32
    /// Whether the form belongs to the dialect that is spoken, if that is known.
    public let isInDialect: Bool
    /// Whether the form belongs to the kind of server, if that is known.
    public let isInRole: Bool

    /// The form.
    public var form: CommandForm { CommandForm.all[Int(place)] }

    /// Reads a line: the form of the right dialect and server first, then any that its arguments fit. Where the dialect is
    /// not known, the one whose values are most like what they should be.
    ///
    /// - Parameters:
    ///   - frame: what was said.
    ///   - side: who said it.
    ///   - role: what the connection is for, as far as known.
    ///   - dialect: what is spoken, as far as known.
    /// - Returns: nil where no form of the command fits.
    public init?(_ frame: Frame, from side: Side, role: Role, dialect: Dialect?) {
        let table = CommandTable.shared
        let shapes = table.shapes(of: frame.verb, from: side)
        guard !shapes.isEmpty else { return nil }
        let spoken = Self.dialect(dialect, of: frame.verb)
        let (end, other) = Self.ends(of: frame)
        var reading = Self.read(frame, Tokens(frame, to: end), shapes, CommandShape.bit(of: role), spoken)
        if let other, reading.map({ $0.rank < 3 }) ?? true {
            let second = Self.read(frame, Tokens(frame, to: other), shapes, CommandShape.bit(of: role), spoken)
            if let second, reading.map({ $0.rank < second.rank }) ?? true { reading = second }
        }
        guard let reading else { return nil }
        self = reading
    }

    /// Where the arguments of a line end. Behind a blank at the line's end stands nothing, or a value that is empty: then
    /// there are two places, the likelier one first.
    private static func ends(of frame: Frame) -> (Int, Int?) {
        let end = frame.argumentsEnd
        if end == frame.lineEnd { return (end, nil) }
        return CommandTable.shared.mayEndInEmptyValue(frame.verb) ? (end &+ 1, end) : (end, end &+ 1)
    }

    private static func read(
        _ frame: Frame, _ tokens: borrowing Tokens, _ shapes: Range<Int>, _ role: UInt8, _ spoken: Dialect?
    ) -> CommandReading? {
        let table = CommandTable.shared
        let dialect = CommandShape.bit(of: spoken)
        var best: (rank: UInt8, place: UInt16, used: UInt32)?
        var misfit: Int?
        for index in shapes {
            let shape = table.shapes[index]
            guard tokens.count >= shape.fewest, tokens.count <= shape.most else { continue }
            let rank = shape.rank(role: role, dialect: dialect)
            if let best, best.rank > rank || best.rank == rank && spoken != nil { continue }
            guard let used = table.match(shape, tokens, of: frame.bytes.span) else { continue }
            if let old = best, old.rank == rank {
                // Nobody knows the dialect: the form counts whose values are as they should be.
                let known = misfit ?? ArgumentFit.misfit(Self(place: old.place, used: old.used, rank: rank), frame)
                misfit = known
                if known == 0 { break }
                let own = ArgumentFit.misfit(Self(place: shape.place, used: used, rank: rank), frame)
                if own >= known { continue }
                misfit = own
            } else {
                misfit = nil
            }
            best = (rank, shape.place, used)
            if rank == CommandShape.highestRank, spoken != nil { break }
        }
        return best.map { CommandReading(place: $0.place, used: $0.used, rank: $0.rank) }
    }

    /// Names what can be named of a line that no form fits: by the form that it should have, from the left; what is left
    /// over is in the field `extra`.
    ///
    /// - Returns: nil where nothing is known of the command.
    public init?(guessing frame: Frame, from side: Side, role: Role, dialect: Dialect?) {
        let table = CommandTable.shared
        let bits = (CommandShape.bit(of: role), CommandShape.bit(of: Self.dialect(dialect, of: frame.verb)))
        let forms = table.shapes(of: frame.verb, from: side).map { table.shapes[$0] }
        guard
            let form = forms.max(by: { $0.rank(role: bits.0, dialect: bits.1) < $1.rank(role: bits.0, dialect: bits.1) }
            )
        else { return nil }
        let count = min(frame.argumentCount, form.slots.count, Tokens.most)
        self.init(place: form.place, used: count == 0 ? 0 : ~0 &>> UInt32(32 - count), rank: 0)
    }

    /// The dialect whose forms a command has: that of `CVQ` is the newest that the client offered beside CVR0, which
    /// nobody says again.
    package static func dialect(_ spoken: Dialect?, of verb: Verb) -> Dialect? { verb == "CVQ" ? nil : spoken }

    /// How well the form goes with dialect and server.
    private var rank: UInt8 { (isInRole ? 2 : 0) | (isInDialect ? 1 : 0) }

    private init(place: UInt16, used: UInt32, rank: UInt8) {
        self.place = place
        self.used = used
        isInRole = rank & 2 != 0
        isInDialect = rank & 1 != 0
    }

    /// Every form that fits a line as well as the best one: while little is known of a connection, a line may be several
    /// things.
    package static func all(_ frame: Frame, from side: Side, role: Role, dialect: Dialect?) -> [CommandReading] {
        let table = CommandTable.shared
        let tokens = Tokens(frame, to: frame.argumentsEnd)
        let (role, dialect) = (CommandShape.bit(of: role), CommandShape.bit(of: Self.dialect(dialect, of: frame.verb)))
        var best: UInt8 = 0
        var readings: [CommandReading] = []
        for index in table.shapes(of: frame.verb, from: side) {
            let shape = table.shapes[index]
            let rank = shape.rank(role: role, dialect: dialect)
            guard tokens.count >= shape.fewest, tokens.count <= shape.most, rank >= best || readings.isEmpty,
                let used = table.match(shape, tokens, of: frame.bytes.span)
            else { continue }
            if rank > best { readings = [] }
            best = rank
            readings.append(CommandReading(place: shape.place, used: used, rank: rank))
        }
        return readings
    }

    /// One argument of a line: which field it fills, and where its value stands, behind its key if it has one.
    public struct Argument: Sendable {
        /// The field's place in `ArgumentField.all`.
        public let field: Int
        /// Where the value begins in the frame's bytes.
        public let start: Int
        /// Where it ends.
        public let end: Int

        /// What its text means.
        public var meaning: Meaning { CommandTable.shared.meanings[field] }

        /// The value's bytes in the frame.
        public var range: Range<Int> { start..<max(start, end) }
    }

    /// Every argument in order. Those beyond the form are in the field `extra`.
    public func arguments(of frame: Frame) -> Arguments { Arguments(frame, place: Int(place), used: used) }

    /// Goes through the arguments of a line.
    public struct Arguments: Sequence, IteratorProtocol {
        private let bytes: [UInt8]
        private let end: Int
        /// Where only blanks follow.
        private let blanks: Int
        private let table = CommandTable.shared
        private let used: UInt32
        private let first: Int
        private let count: Int
        private var parameter = 0
        /// How many arguments are left for the parameter that takes several; -1 until somebody asks.
        private var repeats = -1
        private var position = 4

        fileprivate init(_ frame: Frame, place: Int, used: UInt32) {
            bytes = frame.bytes
            end = frame.lineEnd
            blanks = frame.argumentsEnd
            self.used = used
            let parameters = table.parameters(of: place)
            first = parameters.lowerBound
            count = parameters.count
        }

        /// The next argument.
        public mutating func next() -> Argument? {
            guard position <= end, end > 3 else { return nil }
            let start = position
            let stop = bytes.span.first(.space, from: start, to: Swift.max(start, end))
            position = stop &+ 1
            while parameter < count, used & (1 &<< UInt32(parameter)) == 0 { parameter &+= 1 }
            // A blank at the line's end makes no argument, but where the form has a value there, which is empty.
            if start > blanks, parameter >= count || repeats >= 0 { return nil }
            guard parameter < count else { return Argument(field: table.extra, start: start, end: stop) }
            let slot = table.slots[first &+ parameter]
            if slot.repeats, repeats < 0 {
                let last = Swift.max(4, blanks)
                repeats = Swift.max(0, bytes.span.count(.space, from: 4, to: last) &+ 1 &- used.nonzeroBitCount)
            }
            if slot.repeats, repeats > 0 { repeats &-= 1 } else { parameter &+= 1 }
            guard slot.test == .key || slot.test == .keys else {
                return Argument(field: Int(slot.field), start: start, end: stop)
            }
            for index in slot.words where table.words[index].begins(bytes.span, start, stop) {
                let word = table.words[index]
                return Argument(field: Int(word.field), start: start &+ word.length, end: stop)
            }
            return Argument(field: Int(slot.field), start: start, end: stop)
        }
    }

    /// The name of each argument, as the table writes it.
    public func names(of frame: Frame) -> [String] {
        arguments(of: frame).map { ArgumentField.all[$0.field].parameter }
    }

    /// Whether the arguments fit one of the forms of a server's or client's command to the letter.
    static func isExact(_ frame: Frame, from side: Side) -> Bool {
        let table = CommandTable.shared
        let (end, other) = ends(of: frame)
        for end in [end, other ?? end] {
            let tokens = Tokens(frame, to: end)
            for index in table.shapes(of: frame.verb, from: side) {
                let shape = table.shapes[index]
                let form = CommandForm.all[Int(shape.place)]
                guard form.side == side, form.roles != [.fileTransfer], let most = form.mostArguments,
                    tokens.count >= shape.fewest, tokens.count <= most
                else { continue }
                if table.match(shape, tokens, of: frame.bytes.span, isStrict: true) != nil { return true }
            }
        }
        return false
    }
}

extension Frame {
    /// How many arguments stand behind the verb; a blank at the line's end makes none.
    public var argumentCount: Int {
        let end = argumentsEnd
        guard end > 3 else { return 0 }
        return 1 &+ bytes.span.count(.space, from: 4, to: max(4, end))
    }
}

/// A name under which arguments are found.
public struct ArgumentField: Sendable, Hashable {
    /// In `lower_snake`.
    public let name: String
    /// The argument as the commands table writes it.
    public let parameter: String
    /// What its text means.
    public let meaning: Meaning
    /// Whether several arguments of one line can fill it.
    public let isList: Bool
    /// Whether the argument is a fixed word, and so its own name.
    public let isWord: Bool

    /// All fields of all forms. Two forms may have fields of the same name.
    public static var all: [ArgumentField] { CommandTable.shared.fields }
}
