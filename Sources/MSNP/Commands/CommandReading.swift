// Matches a command to one of its forms and assigns its arguments to named fields.

/// A command matched to one of its forms. The value is small, because every event of a frame carries one.
public struct CommandReading: Sendable, Hashable {
    /// The index in `CommandForm.all`.
    private let formIndex: UInt16
    /// One bit for each parameter with an argument; the lowest bit is the first parameter.
    private let used: UInt32
    /// Whether the form belongs to the dialect of the connection; true if the dialect is unknown.
    public let isInDialect: Bool
    /// Whether the form belongs to the role of the connection; true if the role is unknown.
    public let isInRole: Bool

    /// The matched form.
    public var form: CommandForm { CommandForm.all[Int(formIndex)] }

    /// Finds the best matching form. Forms of the given dialect and role come first, then all others. If the dialect is
    /// unknown, the form with the best matching argument values is chosen.
    ///
    /// - Parameters:
    ///   - frame: the command.
    ///   - side: the sender.
    ///   - role: the role of the connection, if known.
    ///   - dialect: the dialect of the connection, if known.
    /// - Returns: nil if no form of the command matches.
    public init?(_ frame: Frame, from side: Side, role: Role, dialect: Dialect?) {
        let table = CommandTable.shared
        let shapes = table.shapes(of: frame.verb, from: side)
        guard !shapes.isEmpty else { return nil }
        let formDialect = Self.dialect(dialect, of: frame.verb)
        let (end, alternativeEnd) = Self.ends(of: frame)
        var reading = Self.read(frame, Tokens(frame, to: end), shapes, CommandShape.bit(of: role), formDialect)
        if let alternativeEnd, reading.map({ $0.rank < 3 }) ?? true {
            let second = Self.read(
                frame, Tokens(frame, to: alternativeEnd), shapes, CommandShape.bit(of: role), formDialect)
            if let second, reading.map({ $0.rank < second.rank }) ?? true { reading = second }
        }
        guard let reading else { return nil }
        self = reading
    }

    /// The end of the arguments. After a blank at the end of the line there may be an empty last argument or nothing,
    /// so there are two possible ends, the likelier one first; the second is nil without such a blank.
    private static func ends(of frame: Frame) -> (Int, Int?) {
        let end = frame.argumentsEnd
        if end == frame.lineEnd { return (end, nil) }
        return CommandTable.shared.mayEndInEmptyValue(frame.verb) ? (end &+ 1, end) : (end, end &+ 1)
    }

    private static func read(
        _ frame: Frame, _ tokens: borrowing Tokens, _ shapes: Range<Int>, _ role: UInt8, _ formDialect: Dialect?
    ) -> CommandReading? {
        let table = CommandTable.shared
        let dialect = CommandShape.bit(of: formDialect)
        var best: (rank: UInt8, formIndex: UInt16, used: UInt32)?
        var mismatch: Int?
        for index in shapes {
            let shape = table.shapes[index]
            guard tokens.count >= shape.fewest, tokens.count <= shape.most else { continue }
            let rank = shape.rank(role: role, dialect: dialect)
            if let best, best.rank > rank || best.rank == rank && formDialect != nil { continue }
            guard let used = table.match(shape, tokens, of: frame.bytes.span) else { continue }
            if let old = best, old.rank == rank {
                // The dialect is unknown: prefer the form with the better matching argument values.
                let known =
                    mismatch ?? ArgumentFit.mismatch(Self(formIndex: old.formIndex, used: old.used, rank: rank), frame)
                mismatch = known
                if known == 0 { break }
                let own = ArgumentFit.mismatch(Self(formIndex: shape.formIndex, used: used, rank: rank), frame)
                if own >= known { continue }
                mismatch = own
            } else {
                mismatch = nil
            }
            best = (rank, shape.formIndex, used)
            if rank == CommandShape.highestRank, formDialect != nil { break }
        }
        return best.map { CommandReading(formIndex: $0.formIndex, used: $0.used, rank: $0.rank) }
    }

    /// Assigns the arguments of a command that matches no form to the parameters of its most likely form, from left to
    /// right. Remaining arguments are in the field `extra`.
    ///
    /// - Returns: nil for an unknown command.
    public init?(guessing frame: Frame, from side: Side, role: Role, dialect: Dialect?) {
        let table = CommandTable.shared
        let bits = (CommandShape.bit(of: role), CommandShape.bit(of: Self.dialect(dialect, of: frame.verb)))
        let forms = table.shapes(of: frame.verb, from: side).map { table.shapes[$0] }
        guard
            let form = forms.max(by: { $0.rank(role: bits.0, dialect: bits.1) < $1.rank(role: bits.0, dialect: bits.1) }
            )
        else { return nil }
        let count = min(frame.argumentCount, form.slots.count, Tokens.capacity)
        self.init(formIndex: form.formIndex, used: count == 0 ? 0 : ~0 &>> UInt32(32 - count), rank: 0)
    }

    /// The dialect to match a command with: nil (unknown) for `CVQ`. Its dialect is the newest that the client offered
    /// beside CVR0, and no later command repeats it.
    package static func dialect(_ dialect: Dialect?, of verb: Verb) -> Dialect? { verb == "CVQ" ? nil : dialect }

    /// The rank of the form by dialect and role.
    private var rank: UInt8 { (isInRole ? 2 : 0) | (isInDialect ? 1 : 0) }

    private init(formIndex: UInt16, used: UInt32, rank: UInt8) {
        self.formIndex = formIndex
        self.used = used
        isInRole = rank & 2 != 0
        isInDialect = rank & 1 != 0
    }

    /// All forms that match with the best rank. A command may be ambiguous while the dialect or role is unknown.
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
            readings.append(CommandReading(formIndex: shape.formIndex, used: used, rank: rank))
        }
        return readings
    }

    /// One argument of a command: its field, and the byte range of its value without the key (`N=`).
    public struct Argument: Sendable {
        /// The index in `ArgumentField.all`.
        public let field: Int
        /// The start of the value in the frame's bytes.
        public let start: Int
        /// The end of the value.
        public let end: Int

        /// The meaning of the value.
        public var meaning: Meaning { CommandTable.shared.meanings[field] }

        /// The byte range of the value in the frame.
        public var range: Range<Int> { start..<max(start, end) }
    }

    /// All arguments in order. Arguments that the form does not list are in the field `extra`.
    public func arguments(of frame: Frame) -> Arguments { Arguments(frame, formIndex: Int(formIndex), used: used) }

    /// Iterates over the arguments of a command.
    public struct Arguments: Sequence, IteratorProtocol {
        private let bytes: ByteSlice
        private let lineEnd: Int
        /// The end of the arguments: only blanks follow up to `lineEnd`.
        private let argumentsEnd: Int
        private let table = CommandTable.shared
        private let used: UInt32
        private let first: Int
        private let count: Int
        private var parameter = 0
        /// The number of arguments still to assign to the repeated parameter; -1 until it is computed.
        private var remainingRepeats = -1
        private var position = 4

        fileprivate init(_ frame: Frame, formIndex: Int, used: UInt32) {
            bytes = frame.bytes
            lineEnd = frame.lineEnd
            argumentsEnd = frame.argumentsEnd
            self.used = used
            let parameters = table.parameters(of: formIndex)
            first = parameters.lowerBound
            count = parameters.count
        }

        /// The next argument.
        public mutating func next() -> Argument? {
            guard position <= lineEnd, lineEnd > 3 else { return nil }
            let start = position
            let stop = bytes.span.first(.space, from: start, to: Swift.max(start, lineEnd))
            position = stop &+ 1
            while parameter < count, used & (1 &<< UInt32(parameter)) == 0 { parameter &+= 1 }
            // A blank at the end of the line starts an empty argument only if the form has a parameter left.
            if start > argumentsEnd, parameter >= count || remainingRepeats >= 0 { return nil }
            guard parameter < count else { return Argument(field: table.extra, start: start, end: stop) }
            let slot = table.slots[first &+ parameter]
            if slot.repeats, remainingRepeats < 0 {
                let last = Swift.max(4, argumentsEnd)
                remainingRepeats = Swift.max(
                    0, bytes.span.count(.space, from: 4, to: last) &+ 1 &- used.nonzeroBitCount)
            }
            if slot.repeats, remainingRepeats > 0 { remainingRepeats &-= 1 } else { parameter &+= 1 }
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

    /// The name of each argument as in the table.
    public func names(of frame: Frame) -> [String] {
        arguments(of: frame).map { ArgumentField.all[$0.field].parameter }
    }

    /// Whether the arguments exactly match a form of the command that this side sends.
    static func isExact(_ frame: Frame, from side: Side) -> Bool {
        let table = CommandTable.shared
        let (end, alternativeEnd) = ends(of: frame)
        for end in [end, alternativeEnd ?? end] {
            let tokens = Tokens(frame, to: end)
            for index in table.shapes(of: frame.verb, from: side) {
                let shape = table.shapes[index]
                let form = CommandForm.all[Int(shape.formIndex)]
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
    /// The number of arguments. Blanks at the end of the line do not count.
    public var argumentCount: Int {
        let end = argumentsEnd
        guard end > 3 else { return 0 }
        return 1 &+ bytes.span.count(.space, from: 4, to: max(4, end))
    }
}

/// A named field that holds arguments.
public struct ArgumentField: Sendable, Hashable {
    /// The name in `lower_snake` case.
    public let name: String
    /// The parameter as in the commands table.
    public let parameter: String
    /// The meaning of the value.
    public let meaning: Meaning
    /// Whether several arguments of one command can fill the field.
    public let isList: Bool
    /// Whether the argument is a fixed word.
    public let isWord: Bool

    /// All fields of all forms. Different fields may have the same name.
    public static var all: [ArgumentField] { CommandTable.shared.fields }
}
