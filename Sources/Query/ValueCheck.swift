// Checks that a value in a filter can occur, and brings it into the form in which values are compared.

internal import Events
internal import MSNP

/// The values that a comparison may have, by the kind of the field.
struct ValueCheck {
    /// The name of the field, as the user wrote it.
    let name: String
    let kind: ValueKind
    let comparison: Filter.Comparison
    let times: TimeText

    /// The values to compare with.
    ///
    /// - Parameter error: makes an error of a reason and a column.
    /// - Throws: `FilterError` for a value that the field never has.
    func wanted(
        _ values: [(text: String, column: Int)], or error: (String, Int) -> FilterError
    ) throws -> Filter.Wanted {
        func each<Value>(_ convert: (String) throws -> Value) throws -> [Value] {
            try values.map { value in
                do {
                    return try convert(value.text)
                } catch let refusal as Refusal {
                    throw error(refusal.reason, value.column)
                }
            }
        }
        // A part of a text may be anything.
        guard comparison != .contains else { return .texts(values.map(\.text)) }
        switch kind {
        case .time: return .times(try each(time))
        case .dialect: return .dialects(try each(dialect))
        case .number: return .texts(try each(number))
        case .word(let words): return .texts(try each { try word($0, words) })
        case .flag: return .texts(try each { try word($0, ["true", "false"]) })
        case .verb: return .texts(comparison.isOrder ? values.map(\.text) : try each(verb))
        case .account: return .texts(comparison.isOrder ? values.map(\.text) : try each(account))
        case .text, .object: return .texts(values.map(\.text))
        }
    }

    private struct Refusal: Error {
        let reason: String
    }

    private func time(_ text: String) throws -> Range<Timestamp> {
        if let period = times.period(of: text) { return period }
        throw Refusal(reason: "“\(text)” is not a time; times are \(TimeText.forms)")
    }

    private func dialect(_ text: String) throws -> Int {
        // The number alone is clear.
        if let dialect = Dialect(token: text.utf8) ?? Dialect(token: "msnp\(text)".utf8) { return Int(dialect.number) }
        throw Refusal(reason: "“\(text)” is not a dialect; dialects are CVR0 and MSNP2 to MSNP21")
    }

    private func number(_ text: String) throws -> String {
        // Identifiers of an archive have a letter before the number.
        let letter: Character? = name.lowercased() == "conn" ? "c" : name.lowercased() == "sign_in" ? "s" : nil
        let digits = letter != nil && text.first == letter ? String(text.dropFirst()) : text
        if let number = Int64(digits) { return String(number) }
        let isLarge = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
        throw Refusal(
            reason: isLarge
                ? "\(text) is too large for \(name)" : "\(name) is a number; “\(text)” is not")
    }

    private func word(_ text: String, _ words: [String]) throws -> String {
        let plain = Self.sides[text].flatMap { words.contains($0) ? $0 : nil } ?? text.replacing("-", with: "_")
        if words.contains(where: { $0.lowercased() == plain }) { return plain }
        let hint =
            words.count < 12
            ? "it is one of \(words.joined(separator: ", "))"
            : Suggestion.likely(for: text, among: words).map { "did you mean “\($0)”?" }
                ?? "did you mean “\(Suggestion.nearest(to: text, among: words))”?"
        throw Refusal(reason: "“\(text)” is not a value of \(name); \(hint)")
    }

    /// Other names of directions: of the text format, and of the sender.
    private static let sides = ["c": "c2s", "client": "c2s", "s": "s2c", "server": "s2c"]

    private func verb(_ text: String) throws -> String {
        if Verb(text.uppercased()) != nil { return text }
        throw Refusal(reason: "“\(text)” is not a value of \(name): a verb has three letters, an error three digits")
    }

    /// Accounts are e-mail addresses, some with a network before them; rewritten redirects have addresses with a port.
    private func account(_ text: String) throws -> String {
        if text.isEmpty || text.contains("@") || text.contains(":") { return text }
        throw Refusal(
            reason: "“\(text)” is not an account, which has an @; to match a part of one: \(name) contains \(text)")
    }
}
