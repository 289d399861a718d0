// The forms of all commands in a shape that comparing costs little: numbers in flat arrays.

/// Where the arguments of a line are, without an array for them.
struct Tokens {
    /// How many there are, also beyond those whose place is known.
    private(set) var count = 0
    private var starts = InlineArray<32, UInt32>(repeating: 0)
    private var ends = InlineArray<32, UInt32>(repeating: 0)

    /// More arguments than any form has.
    static let most = 32

    /// The arguments of a line.
    ///
    /// - Parameter end: where they stop, as `Frame.argumentsEnd` has it; one more, and a blank there makes an empty one.
    init(_ frame: Frame, to end: Int) {
        guard end > 3 else { return }
        let bytes = frame.bytes.span
        var start = 4
        for index in 4..<end where bytes[index] == .space {
            add(start, index)
            start = index &+ 1
        }
        add(start, end)
    }

    private mutating func add(_ start: Int, _ end: Int) {
        if count < Self.most {
            starts[count] = UInt32(clamping: start)
            ends[count] = UInt32(clamping: end)
        }
        count &+= 1
    }

    func start(_ index: Int) -> Int { index < Self.most ? Int(starts[index]) : 0 }
    func end(_ index: Int) -> Int { index < Self.most ? Int(ends[index]) : 0 }
}

/// A fixed word of up to eight letters, or the key in front of a value.
struct PackedWord {
    private let letters: UInt64
    let length: Int
    /// The field that the value behind the key fills.
    let field: UInt16

    /// Words in the table are short; a longer one could never be compared, so there must be none.
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

/// One parameter of one form.
struct ParameterSlot {
    enum Test: UInt8 {
        case anything
        case number
        case braced
        case account
        case unkeyed
        case words
        /// The argument must begin with this key.
        case key
        /// It may begin with one of these.
        case keys
    }

    let test: Test
    let isOptional: Bool
    let repeats: Bool
    let field: UInt16
    let words: Range<Int>
}

/// What is compared first of a form, so that most forms are ruled out at once.
struct CommandShape {
    let place: UInt16
    let fewest: Int
    let most: Int
    let dialects: UInt32
    let roles: UInt8
    /// 4 where the form names its arguments, 0 where the table only says that they are those of the request.
    let base: UInt8
    /// Whether every argument fits every parameter, and only the last parameters can be left out.
    let isLax: Bool
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
        base | (roles & role != 0 ? 2 : 0) | (dialects & dialect != 0 ? 1 : 0)
    }
}

/// All forms. One object, so that looking something up copies no array.
final class CommandTable: Sendable {
    static let shared = CommandTable()

    let shapes: [CommandShape]
    let slots: [ParameterSlot]
    let words: [PackedWord]
    let fields: [ArgumentField]
    /// The meanings of the fields.
    let meanings: [Meaning]
    /// The field of arguments that no parameter is there for.
    let extra: Int
    private let emptyValues: Set<Verb>
    private let slotsOfForms: [Range<Int>]
    private let client: [Range<Int>]
    private let server: [Range<Int>]

    /// The forms of a verb as a side says it; where a reply repeats its request, the request's too.
    func shapes(of verb: Verb, from side: Side) -> Range<Int> {
        side == .client ? client[verb.tableIndex] : server[verb.tableIndex]
    }

    /// Whether the last argument of this command may be a value that is empty, so that its line ends in a blank.
    func mayEndInEmptyValue(_ verb: Verb) -> Bool { emptyValues.contains(verb) }

    /// The slots of a form's parameters.
    func parameters(of place: Int) -> Range<Int> { slotsOfForms[place] }

    /// Which parameters get an argument; nil where the arguments do not fit.
    ///
    /// - Parameter isStrict: take no arguments beyond those of the table.
    func match(_ shape: CommandShape, _ tokens: borrowing Tokens, of bytes: Span<UInt8>, isStrict: Bool = false)
        -> UInt32?
    {
        if shape.isLax { return tokens.count == 0 ? 0 : ~0 &>> UInt32(32 &- min(tokens.count, 32)) }
        return match(shape.slots, 0, tokens, 0, bytes, toleratesMore: shape.toleratesMore && !isStrict)
    }

    /// Tries to give the first argument to the first parameter, optional ones also to nobody. One that repeats takes
    /// as few as it can. The depth is that of the parameters, however long the line.
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
            for index in next..<max(next, min(tokens.count, Tokens.most)) {
                guard accepts(slot, tokens, index, bytes) else { return nil }
                // The last parameter takes all that is left.
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
            // `N=eve@example.com` is MSNP10's way of writing an address; no address begins like that.
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
        var building = Building()
        let forms = CommandForm.all
        for form in forms { building.add(form) }
        slotsOfForms = building.slotsOfForms
        slots = building.slots
        words = building.words
        extra = building.field("extra", "extra", .text, isList: true, isWord: false)
        fields = building.fields
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
                // Those that take anything behind their arguments come last: while the dialect is not known, the form that
                // names all of them is the better one.
                for toleratesMore in [false, true] {
                    for (place, form) in forms.enumerated() where form.verb == verb {
                        guard form.side == side || side == .server && repeats, form.toleratesMore == toleratesMore
                        else {
                            continue
                        }
                        shapes.append(CommandShape(place, form, building.slotsOfForms[place]))
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
    fileprivate init(_ place: Int, _ form: CommandForm, _ slots: Range<Int>) {
        self.place = UInt16(clamping: place)
        self.slots = slots
        fewest = form.fewestArguments
        most = form.toleratesMore ? .max : form.mostArguments ?? .max
        toleratesMore = form.toleratesMore
        var dialects: UInt32 = 0
        for number in 0...31 where form.dialects.contains(Dialect(UInt8(number))) { dialects |= 1 &<< UInt32(number) }
        self.dialects = dialects
        roles = form.roles.isEmpty ? .max : form.roles.reduce(0) { $0 | Self.bit(of: $1) }
        base = form.repeatsRequest ? 0 : 4
        let optional = form.parameters.drop { !$0.isOptional }
        isLax =
            !form.toleratesMore && form.parameters.allSatisfy { $0.acceptsAnything && !$0.repeats }
            && optional.allSatisfy(\.isOptional)
    }
}

/// The flat arrays while they grow.
private struct Building {
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

    /// The place of a field, which is added where there is none like it.
    mutating func field(_ name: String, _ parameter: String, _ meaning: Meaning, isList: Bool, isWord: Bool) -> Int {
        let field = ArgumentField(name: name, parameter: parameter, meaning: meaning, isList: isList, isWord: isWord)
        if let place = fields.firstIndex(of: field) { return place }
        fields.append(field)
        return fields.count - 1
    }
}
