// Chooses the format of an output file: the option, else the ending of its name.

/// Formats with the file endings that stand for them.
struct FormatChoice<Style: RawRepresentable & Equatable & Sendable>: Sendable where Style.RawValue == String {
    /// The format for each ending, without the dot and in lower case.
    let endings: [String: Style]
    /// The format without an option or a known ending.
    let standard: Style

    /// The format to write.
    ///
    /// - Parameters:
    ///   - wanted: the option `--format`.
    ///   - output: the name of the file; nil for standard output.
    func format(_ wanted: Style?, output: String?) -> Style { wanted ?? ending(of: output) ?? standard }

    /// A warning in one line if the name of the file stands for another format than the one that was asked for.
    func warning(_ wanted: Style?, output: String?) -> String? {
        guard let wanted, let output, let named = ending(of: output), named != wanted else { return nil }
        return "\(output) is written as \(wanted.rawValue), although its name suggests \(named.rawValue)"
    }

    private func ending(of output: String?) -> Style? {
        guard let output, let dot = output.lastIndex(of: ".") else { return nil }
        return endings[output[output.index(after: dot)...].lowercased()]
    }
}
