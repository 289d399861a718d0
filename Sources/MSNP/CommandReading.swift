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

    /// Reads a line: the form of the right dialect and server first, then any that its arguments fit.
    ///
    /// - Parameters:
    ///   - frame: what was said.
    ///   - side: who said it.
    ///   - role: what the connection is for, as far as known.
    ///   - dialect: what is spoken, as far as known.
    /// - Returns: nil where no form of the command fits.
    public init?(_ frame: Frame, from side: Side, role: Role, dialect: Dialect?) {
        let tokens = Tokens(frame)
        let role = CommandShape.bit(of: role)
        let dialect = CommandShape.bit(of: dialect)
        var best: (rank: UInt8, place: UInt16, used: UInt32)?
        for shape in CommandShape.shapes(of: frame.verb, from: side) {
            guard tokens.count >= shape.fewest, tokens.count <= shape.most else { continue }
            let rank = shape.rank(role: role, dialect: dialect)
            if let best, best.rank >= rank { continue }
            guard let used = shape.match(tokens, of: frame.bytes) else { continue }
            best = (rank, shape.place, used)
            if rank == CommandShape.highestRank { break }
        }
        guard let best else { return nil }
        place = best.place
        used = best.used
        isInRole = best.rank & 2 != 0
        isInDialect = best.rank & 1 != 0
    }

    /// Calls back for every argument in order.
    ///
    /// - Parameter body: gets the parameter, the field that the argument fills with its meaning, where its value stands,
    ///   and whether the field is a list that may get more. Arguments beyond the form are in the field `extra`.
    public func forEachArgument(
        of frame: Frame, _ body: (Parameter?, _ field: String, Meaning, Range<Int>, _ isList: Bool) -> Void
    ) {
        let parameters = form.parameters
        var index = 0
        var repeats = 0
        var left = frame.argumentCount &- used.nonzeroBitCount
        frame.forEachArgument { range in
            while index < parameters.count, used & (1 &<< UInt32(index)) == 0 { index += 1 }
            guard index < parameters.count else {
                body(nil, "extra", .text, range, true)
                return
            }
            let parameter = parameters[index]
            let (field, meaning, value) = parameter.value(range, of: frame.bytes)
            body(parameter, field, meaning, value, FieldName.isList(field))
            if parameter.repeats, left > 0 {
                left &-= 1
                repeats += 1
            } else {
                index += 1
            }
        }
    }

    /// The name of each argument, as the table writes it.
    public func names(of frame: Frame) -> [String] {
        var names: [String] = []
        forEachArgument(of: frame) { parameter, field, _, _, _ in names.append(parameter?.name ?? field) }
        return names
    }
}

extension CommandReading {
    /// Whether the arguments fit one of the forms of a server's or client's command to the letter.
    static func isExact(_ frame: Frame, from side: Side) -> Bool {
        let tokens = Tokens(frame)
        return CommandShape.shapes(of: frame.verb, from: side).contains { shape in
            let form = CommandForm.all[Int(shape.place)]
            guard form.side == side, form.roles != [.fileTransfer], let most = form.mostArguments,
                tokens.count >= shape.fewest, tokens.count <= most
            else { return false }
            return shape.match(tokens, of: frame.bytes, isStrict: true) != nil
        }
    }
}

extension Frame {
    /// How many tokens stand behind the verb.
    public var argumentCount: Int {
        guard lineEnd > 3 else { return 0 }
        var count = 1
        for index in 4..<lineEnd where bytes[index] == .space { count &+= 1 }
        return count
    }
}

/// Where the arguments of a line are, without an array for them.
struct Tokens {
    /// How many there are, also beyond those whose place is known.
    private(set) var count = 0
    private var ranges = InlineArray<32, Range<Int>>(repeating: 0..<0)

    /// More arguments than any form has.
    static let most = 32

    init(_ frame: Frame) {
        frame.forEachArgument { range in
            if count < Self.most { ranges[count] = range }
            count &+= 1
        }
    }

    subscript(index: Int) -> Range<Int> { index < Self.most ? ranges[index] : 0..<0 }
}

/// What is compared first of a form: numbers only, so that most forms are ruled out at once.
struct CommandShape {
    let place: UInt16
    let fewest: Int
    let most: Int
    private let dialects: UInt32
    private let roles: UInt8
    /// 4 where the form names its arguments, 0 where the table only says that they are those of the request.
    private let base: UInt8
    /// Whether every argument fits every parameter, and only the last parameters can be left out.
    private let isLax: Bool

    static let highestRank: UInt8 = 7

    /// The forms of a verb as a side says it; where a reply repeats its request, the request's too.
    static func shapes(of verb: Verb, from side: Side) -> ArraySlice<CommandShape> {
        let ranges = side == .client ? table.client : table.server
        return table.shapes[ranges[verb.tableIndex]]
    }

    static func bit(of role: Role) -> UInt8 {
        switch role {
        case .dispatch, .notification: 1
        case .switchboard: 2
        case .fileTransfer: 4
        case .peerToPeer: 8
        case .http: 16
        case .unknown: .max
        }
    }

    static func bit(of dialect: Dialect?) -> UInt32 { dialect.map { 1 &<< UInt32(min($0.number, 31)) } ?? .max }

    func rank(role: UInt8, dialect: UInt32) -> UInt8 {
        base | (roles & role != 0 ? 2 : 0) | (dialects & dialect != 0 ? 1 : 0)
    }

    /// Which parameters get an argument; nil where the arguments do not fit.
    ///
    /// - Parameter isStrict: take no arguments beyond those of the table.
    func match(_ tokens: Tokens, of bytes: [UInt8], isStrict: Bool = false) -> UInt32? {
        if isLax { return tokens.count == 0 ? 0 : ~0 &>> UInt32(32 &- min(tokens.count, 32)) }
        let form = CommandForm.all[Int(place)]
        return Self.match(form.parameters, 0, tokens, 0, of: bytes, toleratesMore: form.toleratesMore && !isStrict)
    }

    /// Tries to give the first argument to the first parameter, optional ones also to nobody. One that repeats takes
    /// as few as it can. The depth is that of the parameters, however long the line.
    private static func match(
        _ parameters: [Parameter], _ first: Int, _ tokens: Tokens, _ next: Int, of bytes: [UInt8], toleratesMore: Bool
    ) -> UInt32? {
        guard first < parameters.count else { return next == tokens.count || toleratesMore ? 0 : nil }
        let parameter = parameters[first]
        let bit = UInt32(1) &<< UInt32(first)
        if parameter.repeats {
            if parameter.isOptional,
                let rest = match(parameters, first + 1, tokens, next, of: bytes, toleratesMore: toleratesMore)
            {
                return rest
            }
            if first == parameters.count - 1 {
                guard next < tokens.count else { return nil }
                for index in next..<min(tokens.count, Tokens.most) where !parameter.accepts(tokens[index], of: bytes) {
                    return nil
                }
                return bit
            }
            for index in next..<max(next, min(tokens.count, Tokens.most)) {
                guard parameter.accepts(tokens[index], of: bytes) else { return nil }
                if let rest = match(
                    parameters, first + 1, tokens, index + 1, of: bytes, toleratesMore: toleratesMore)
                {
                    return bit | rest
                }
            }
            return nil
        }
        if next < tokens.count, parameter.accepts(tokens[next], of: bytes),
            let rest = match(parameters, first + 1, tokens, next + 1, of: bytes, toleratesMore: toleratesMore)
        {
            return bit | rest
        }
        guard parameter.isOptional else { return nil }
        return match(parameters, first + 1, tokens, next, of: bytes, toleratesMore: toleratesMore)
    }

    private init(place: Int, _ form: CommandForm) {
        self.place = UInt16(place)
        fewest = form.fewestArguments
        most = form.toleratesMore ? Int.max : form.mostArguments ?? Int.max
        var dialects: UInt32 = 0
        for number in 0...31 where form.dialects.contains(Dialect(UInt8(number))) { dialects |= 1 &<< UInt32(number) }
        self.dialects = dialects
        roles = form.roles.isEmpty ? .max : form.roles.reduce(0) { $0 | Self.bit(of: $1) }
        base = form.repeatsRequest ? 0 : 4
        let firstOptional = form.parameters.firstIndex(where: \.isOptional) ?? form.parameters.count
        isLax =
            !form.toleratesMore && form.parameters.allSatisfy { $0.acceptsAnything && !$0.repeats }
            && form.parameters[firstOptional...].allSatisfy(\.isOptional)
    }

    private static let table: (shapes: [CommandShape], client: [Range<Int>], server: [Range<Int>]) = {
        var shapes: [CommandShape] = []
        let none = [Range<Int>](repeating: 0..<0, count: Verb.tableSize)
        var ranges = [none, none]
        for side in Side.allCases {
            for verb in Set(CommandForm.all.map(\.verb)) {
                let start = shapes.count
                for (place, form) in CommandForm.all.enumerated() where form.verb == verb {
                    let repeated =
                        side == .server && form.side == .client
                        && CommandForm.all.contains { $0.verb == verb && $0.side == .server && $0.repeatsRequest }
                    if form.side == side || repeated { shapes.append(CommandShape(place: place, form)) }
                }
                let index = verb?.tableIndex ?? Verb.errorIndex
                ranges[side == .client ? 0 : 1][index] = start..<shapes.count
            }
        }
        return (shapes, ranges[0], ranges[1])
    }()
}
