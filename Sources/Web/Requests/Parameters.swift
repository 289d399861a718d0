// The parameters of a request's query, checked.

import MSNP

/// The query of a request. A wrong value is an error that names the parameter, never a guess.
struct Parameters: Sendable {
    private let values: [String: String]

    /// The longest query in bytes.
    static let longestQuery = 8_192

    /// - Parameter known: the parameters that the address takes.
    /// - Throws: `RequestError` for a query that cannot be read, an unknown parameter, or one that occurs twice.
    init(_ query: String, known: Set<String>) throws {
        guard query.utf8.count <= Self.longestQuery else { throw RequestError(.tooLarge) }
        var values: [String: String] = [:]
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]), let value = parts.count == 2 ? Self.decode(parts[1]) : "" else {
                throw RequestError.parameter(nil, "The query is not UTF-8.")
            }
            guard known.contains(name) else {
                throw RequestError.parameter(nil, "This address does not take one of the parameters.")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw RequestError.parameter(name, "This parameter occurs twice.")
            }
        }
        self.values = values
    }

    private static func decode(_ text: Substring.UTF8View.SubSequence) -> String? {
        let spaced = text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return String(validating: PercentEncoding.decode(ByteSlice(spaced)), as: UTF8.self)
    }

    /// A text; nil if it is not given.
    func text(_ name: String, most: Int = 2_048) throws -> String? {
        guard let value = values[name] else { return nil }
        guard value.utf8.count <= most else {
            throw RequestError.parameter(name, "This parameter has \(most) bytes at most.")
        }
        return value
    }

    /// A number in a range.
    func number(_ name: String, in range: ClosedRange<Int>, standard: Int) throws -> Int {
        guard let value = values[name] else { return standard }
        guard let number = Int(value), range.contains(number), "\(number)" == value else {
            throw RequestError.parameter(
                name, "This parameter is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// A switch: `1` or `0`.
    func flag(_ name: String) throws -> Bool {
        switch values[name] {
        case nil, "0": return false
        case "1": return true
        default: throw RequestError.parameter(name, "This parameter is 1 or 0.")
        }
    }

    /// Whether more than one of some parameters is given.
    func requireOneOf(_ names: [String]) throws {
        let given = names.filter { values[$0] != nil }
        if given.count > 1 { throw RequestError.parameter(given[1], "Only one of \(names.joined(separator: ", ")).") }
    }
}

/// Why a request cannot be answered, with what was wrong.
struct RequestError: Error, Sendable {
    /// The kind, which decides the status; nil for a wrong parameter.
    var refusal: Refusal?
    /// The name in the answer.
    var name: String
    /// A sentence for people. It repeats nothing of the request.
    var text: String
    var status: Int
    var parameter: String?
    /// Where in the parameter, counted from 1.
    var column: Int?

    init(_ refusal: Refusal, text: String? = nil) {
        self.refusal = refusal
        name = refusal.rawValue
        self.text = text ?? refusal.text
        status = refusal.status
    }

    /// A wrong parameter: 400.
    static func parameter(_ name: String?, _ text: String) -> RequestError {
        var error = RequestError(.internalError, text: text)
        (error.refusal, error.name, error.status, error.parameter) = (nil, "bad_parameter", 400, name)
        return error
    }

    /// A wrong filter: 400.
    static func filter(_ text: String, parameter: String, column: Int) -> RequestError {
        var error = parameter == "" ? RequestError(.internalError) : Self.parameter(parameter, text)
        (error.name, error.text, error.status, error.column) = ("filter_invalid", text, 400, column)
        return error
    }
}
