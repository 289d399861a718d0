// A redaction rule: the values that may stay in one place, and the replacement for all others.

internal import MSNP

/// A harmless value stays; others are replaced.
struct Rule: Sendable {
    var harmless: HarmlessValues
    var replacement: Replacement

    /// Nothing stays.
    static func replace(_ replacement: Replacement) -> Rule { Rule(harmless: .nothing, replacement: replacement) }

    /// Harmless values stay; others become as many letters and digits unless `replacement` says otherwise.
    static func keep(_ harmless: HarmlessValues, else replacement: Replacement = .token(.text)) -> Rule {
        Rule(harmless: harmless, replacement: replacement)
    }

    /// The replacement for a value: `keep` if it is harmless.
    func replacement(of value: ByteSlice) -> Replacement { harmless.holds(value) ? .keep : replacement }
}
