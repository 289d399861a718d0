// Formats a count with its noun in singular or plural.

extension BinaryInteger {
    /// `1 command`, `2 commands`.
    package func counting(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
