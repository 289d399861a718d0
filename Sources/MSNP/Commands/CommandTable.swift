// The compiled forms of all commands, in flat arrays of numbers, for fast matching of arguments.

/// The positions of the arguments of a line, without a heap allocation.
struct Tokens {
    /// The number of arguments; may exceed `capacity`.
    private(set) var count = 0
    private var starts = InlineArray<32, UInt32>(repeating: 0)
    private var ends = InlineArray<32, UInt32>(repeating: 0)

    /// The number of positions that are stored; no form has more parameters.
    static let capacity = 32

    /// Splits the arguments of a line.
    ///
    /// - Parameter end: the end of the arguments, such as `Frame.argumentsEnd`. With one byte more, a trailing blank
    ///   adds an empty argument.
    init(_ frame: Frame, to end: Int) {
        guard end > 3 else { return }
        let bytes = frame.bytes.span
        var start = 4
        while true {
            let stop = bytes.first(.space, from: start, to: end)
            add(start, stop)
            if stop >= end { return }
            start = stop &+ 1
        }
    }

    private mutating func add(_ start: Int, _ end: Int) {
        if count < Self.capacity {
            starts[count] = UInt32(clamping: start)
            ends[count] = UInt32(clamping: end)
        }
        count &+= 1
    }

    func start(_ index: Int) -> Int { index < Self.capacity ? Int(starts[index]) : 0 }
    func end(_ index: Int) -> Int { index < Self.capacity ? Int(ends[index]) : 0 }
}

/// A fixed word of up to eight letters, or the key of a value (`N=`).
struct PackedWord {
    private let letters: UInt64
    let length: Int
    /// The field of the value after the key.
    let field: UInt16

    /// All words in the table have at most eight letters; a longer word would never match.
    init(_ text: [UInt8], field: Int) {
        letters = text.prefix(8).reduce(0) { $0 &<< 8 | UInt64($1) }
        length = text.count
        self.field = UInt16(clamping: field)
    }

    func begins(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard end &- start >= length else { return false }
        var value: UInt64 = 0
        for index in start..<(start &+ length) { value = value &<< 8 | UInt64(bytes[index]) }
        return value == letters
    }

    func equals(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        end &- start == length && begins(bytes, start, end)
    }
}

/// A compiled parameter of a form.
struct ParameterSlot {
    enum Test: UInt8 {
        case anything
        case number
        case braced
        case account
        case unkeyed
        case words
        /// The argument must begin with the key.
        case key
        /// The argument may begin with one of the keys.
        case keys
    }

    let test: Test
    let isOptional: Bool
    let repeats: Bool
    let field: UInt16
    let words: Range<Int>
}

/// The properties of a form that rule it out quickly: argument counts, dialects, roles.
struct CommandShape {
    let formIndex: UInt16
    let fewest: Int
    let most: Int
    let dialects: UInt32
    let roles: UInt8
    /// 4 if the form lists its arguments, 0 if the table only states that they are those of the request.
    let baseRank: UInt8
    /// Whether every parameter accepts any argument and only trailing parameters are optional, so that nothing needs to
    /// be compared.
    let isUnconstrained: Bool
    /// Whether the place of an argument determines its parameter: no parameter repeats, no further arguments are
    /// tolerated, and only the last parameter is optional, or several trailing ones that accept anything.
    let isPositional: Bool
    let toleratesMore: Bool
    let slots: Range<Int>

    static let highestRank: UInt8 = 7

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
        baseRank | (roles & role != 0 ? 2 : 0) | (dialects & dialect != 0 ? 1 : 0)
    }
}

/// The compiled forms of all commands. A class, so that a lookup copies no array.
final class CommandTable: Sendable {
    static let shared = CommandTable()

    let shapes: [CommandShape]
    let slots: [ParameterSlot]
    let words: [PackedWord]
    let fields: [ArgumentField]
    /// The meaning of each field.
    let meanings: [Meaning]
    /// The index of the field `extra`, for arguments beyond the parameters.
    let extra: Int
    private let emptyValues: Set<Verb>
    private let slotsOfForms: [Range<Int>]
    private let client: [Range<Int>]
    private let server: [Range<Int>]

    /// The forms of a verb that a side sends. If a reply repeats its request, the forms of the request are included.
    func shapes(of verb: Verb, from side: Side) -> Range<Int> {
        side == .client ? client[verb.tableIndex] : server[verb.tableIndex]
    }

    /// Whether the last argument of the command may be empty, so that its line ends in a blank.
    func mayEndInEmptyValue(_ verb: Verb) -> Bool { emptyValues.contains(verb) }

    /// The slots of the parameters of a form.
    func parameters(of formIndex: Int) -> Range<Int> { slotsOfForms[formIndex] }

    /// Assigns the arguments to the parameters of a form.
    ///
    /// - Parameter isStrict: reject arguments that the table does not list.
    /// - Returns: one bit for each parameter with an argument; nil if the arguments do not match.
    func match(_ shape: CommandShape, _ tokens: borrowing Tokens, of bytes: Span<UInt8>, isStrict: Bool = false)
        -> UInt32?
    {
        if shape.isUnconstrained { return Self.bits(of: tokens.count) }
        if shape.isPositional {
            // Without optional parameters before others, each argument belongs to the parameter at its place.
            for index in 0..<min(tokens.count, shape.slots.count) {
                guard accepts(slots[shape.slots.lowerBound &+ index], tokens, index, bytes) else { return nil }
            }
            return Self.bits(of: tokens.count)
        }
        return search(shape, tokens, of: bytes, isStrict: isStrict)
    }

    /// `match` for all forms, by backtracking.
    func search(_ shape: CommandShape, _ tokens: borrowing Tokens, of bytes: Span<UInt8>, isStrict: Bool = false)
        -> UInt32?
    {
        match(shape.slots, 0, tokens, 0, bytes, toleratesMore: shape.toleratesMore && !isStrict)
    }

    /// The lowest bits, one for each argument.
    private static func bits(of count: Int) -> UInt32 { count == 0 ? 0 : ~0 &>> UInt32(32 &- min(count, 32)) }

    /// Matches the arguments from `next` on with the parameters from `first` on, by backtracking over optional and
    /// repeated parameters. A repeated parameter takes as few arguments as possible. The recursion is as deep as there
    /// are parameters, regardless of the line.
    private func match(
        _ slots: Range<Int>, _ first: Int, _ tokens: borrowing Tokens, _ next: Int, _ bytes: Span<UInt8>,
        toleratesMore: Bool
    ) -> UInt32? {
        let count = tokens.count
        guard first < slots.count else { return next == count || toleratesMore ? 0 : nil }
        let slot = self.slots[slots.lowerBound &+ first]
        let bit = UInt32(1) &<< UInt32(first)
        if slot.repeats {
            if slot.isOptional, let rest = match(slots, first + 1, tokens, next, bytes, toleratesMore: toleratesMore) {
                return rest
            }
            for index in next..<max(next, min(tokens.count, Tokens.capacity)) {
                guard accepts(slot, tokens, index, bytes) else { return nil }
                // The last parameter takes all remaining arguments.
                if first == slots.count - 1 { continue }
                if let rest = match(slots, first + 1, tokens, index + 1, bytes, toleratesMore: toleratesMore) {
                    return bit | rest
                }
            }
            return first == slots.count - 1 && next < count ? bit : nil
        }
        if next < tokens.count, accepts(slot, tokens, next, bytes),
            let rest = match(slots, first + 1, tokens, next + 1, bytes, toleratesMore: toleratesMore)
        {
            return bit | rest
        }
        return slot.isOptional ? match(slots, first + 1, tokens, next, bytes, toleratesMore: toleratesMore) : nil
    }

    private func accepts(_ slot: ParameterSlot, _ tokens: borrowing Tokens, _ index: Int, _ bytes: Span<UInt8>) -> Bool
    {
        let start = tokens.start(index)
        let end = tokens.end(index)
        switch slot.test {
        case .anything, .keys: return true
        case .number:
            guard end > start, end &- start < 20 else { return false }
            for index in start..<end where bytes[index] &- 0x30 > 9 { return false }
            return true
        case .braced: return end > start && bytes[start] == 0x7B
        case .account:
            for index in start..<max(start, end) where bytes[index] == 0x40 { return true }
            return false
        case .unkeyed:
            // `N=eve@example.com` is a keyed address of MSNP10, not a plain address.
            return !(end &- start > 1 && bytes[start &+ 1] == 0x3D && [0x4E, 0x46, 0x43].contains(bytes[start]))
        case .words:
            for word in slot.words where words[word].equals(bytes, start, end) { return true }
            return false
        case .key:
            for word in slot.words where words[word].begins(bytes, start, end) { return true }
            return false
        }
    }

    private init() {
        var builder = TableBuilder()
        let forms = CommandForm.all
        for form in forms { builder.add(form) }
        slotsOfForms = builder.slotsOfForms
        slots = builder.slots
        words = builder.words
        extra = builder.field("extra", "extra", .text, isList: true, isWord: false)
        fields = builder.fields
        meanings = fields.map(\.meaning)
        emptyValues = Set(
            forms.compactMap { form in
                form.parameters.contains { $0.name == "value" || $0.name == "(empty)" } ? form.verb : nil
            })
        var shapes: [CommandShape] = []
        var ranges = [[Range<Int>]](repeating: Array(repeating: 0..<0, count: Verb.tableSize), count: 2)
        for side in Side.allCases {
            for verb in Set(forms.map(\.verb)) {
                let start = shapes.count
                let repeats = forms.contains { $0.verb == verb && $0.side == .server && $0.repeatsRequest }
                // Forms that tolerate extra arguments come last: while the dialect is unknown, a form that lists all
                // arguments is the better match.
                for toleratesMore in [false, true] {
                    for (formIndex, form) in forms.enumerated() where form.verb == verb {
                        guard form.side == side || side == .server && repeats, form.toleratesMore == toleratesMore
                        else {
                            continue
                        }
                        shapes.append(CommandShape(formIndex, form, builder.slotsOfForms[formIndex]))
                    }
                }
                ranges[side == .client ? 0 : 1][verb?.tableIndex ?? Verb.errorIndex] = start..<shapes.count
            }
        }
        self.shapes = shapes
        client = ranges[0]
        server = ranges[1]
    }
}

extension CommandShape {
    fileprivate init(_ formIndex: Int, _ form: CommandForm, _ slots: Range<Int>) {
        self.formIndex = UInt16(clamping: formIndex)
        self.slots = slots
        fewest = form.fewestArguments
        most = form.toleratesMore ? .max : form.mostArguments ?? .max
        toleratesMore = form.toleratesMore
        var dialects: UInt32 = 0
        for number in 0...31 where form.dialects.contains(Dialect(UInt8(number))) { dialects |= 1 &<< UInt32(number) }
        self.dialects = dialects
        roles = form.roles.isEmpty ? .max : form.roles.reduce(0) { $0 | Self.bit(of: $1) }
        baseRank = form.repeatsRequest ? 0 : 4
        let optional = form.parameters.drop { !$0.isOptional }
        isPositional =
            !form.toleratesMore && !form.parameters.contains(where: \.repeats) && optional.allSatisfy(\.isOptional)
            && (optional.count <= 1 || optional.allSatisfy(\.acceptsAnything))
            && form.mostArguments == form.parameters.count && form.parameters.count <= Tokens.capacity
        isUnconstrained =
            !form.toleratesMore && form.parameters.allSatisfy { $0.acceptsAnything && !$0.repeats }
            && optional.allSatisfy(\.isOptional)
    }
}

/// Builds the flat arrays.
private struct TableBuilder {
    var slots: [ParameterSlot] = []
    var words: [PackedWord] = []
    var fields: [ArgumentField] = []
    var slotsOfForms: [Range<Int>] = []

    mutating func add(_ form: CommandForm) {
        let start = slots.count
        for parameter in form.parameters { add(parameter) }
        slotsOfForms.append(start..<slots.count)
    }

    private mutating func add(_ parameter: Parameter) {
        let field = field(
            parameter.field, parameter.name, parameter.meaning, isList: FieldName.isList(parameter.field),
            isWord: parameter.isWord)
        let start = words.count
        let test: ParameterSlot.Test
        switch parameter.test {
        case .anything: test = .anything
        case .number: test = .number
        case .braced: test = .braced
        case .account(let mustHaveAt): test = mustHaveAt ? .account : .unkeyed
        case .words(let choices):
            test = .words
            words += choices.map { PackedWord($0, field: field) }
        case .keyed(let keys):
            test = keys.count > 1 ? .keys : .key
            for key in keys {
                let own =
                    key.field == parameter.field || keys.count == 1
                    ? field
                    : self.field(key.field, parameter.name, Meaning.of(key.field), isList: false, isWord: false)
                words.append(PackedWord(key.prefix, field: own))
            }
        }
        slots.append(
            ParameterSlot(
                test: test, isOptional: parameter.isOptional, repeats: parameter.repeats,
                field: UInt16(clamping: field),
                words: start..<words.count))
    }

    /// The index of a field; adds the field if there is no equal one.
    mutating func field(_ name: String, _ parameter: String, _ meaning: Meaning, isList: Bool, isWord: Bool) -> Int {
        let field = ArgumentField(name: name, parameter: parameter, meaning: meaning, isList: isList, isWord: isWord)
        if let index = fields.firstIndex(of: field) { return index }
        fields.append(field)
        return fields.count - 1
    }
}
