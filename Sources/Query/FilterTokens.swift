// Splits a filter expression into words, quoted texts and symbols.

/// A part of a filter expression.
enum FilterToken: Equatable {
    case word(String)
    case quoted(String)
    case symbol(String)

    /// The tokens of an expression, each with its column, counted from 1.
    ///
    /// - Throws: `FilterError` for a quotation mark that is never closed.
    static func all(in source: String) throws -> [(token: FilterToken, column: Int)] {
        var tokens: [(token: FilterToken, column: Int)] = []
        let characters = Array(source)
        var index = 0
        while index < characters.count {
            let character = characters[index]
            let column = index + 1
            if character.isWhitespace {
                index += 1
            } else if character == "\"" || character == "'" {
                var text = ""
                index += 1
                while index < characters.count, characters[index] != character {
                    if characters[index] == "\\", index + 1 < characters.count { index += 1 }
                    text.append(characters[index])
                    index += 1
                }
                guard index < characters.count else {
                    throw FilterError(
                        message: "the quotation mark is never closed", column: column, source: source)
                }
                index += 1
                tokens.append((.quoted(text), column))
            } else if let symbol = symbol(at: index, in: characters) {
                tokens.append((.symbol(symbol), column))
                index += symbol.count
            } else {
                var word = ""
                while index < characters.count, !characters[index].isWhitespace,
                    symbol(at: index, in: characters) == nil, characters[index] != "\""
                {
                    word.append(characters[index])
                    index += 1
                }
                tokens.append((.word(word), column))
            }
        }
        return tokens
    }

    private static let pairs = ["==", "!=", "<=", ">=", "&&", "||", "=~"]

    private static func symbol(at index: Int, in characters: [Character]) -> String? {
        let pair = String(characters[index..<min(index + 2, characters.count)])
        if pairs.contains(pair) { return pair }
        return "()<>{}=!,".contains(characters[index]) ? String(characters[index]) : nil
    }
}
