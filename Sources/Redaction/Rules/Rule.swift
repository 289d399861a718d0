// What is done with the value in one place: what may stay, and how all else is replaced.

/// A value that is harmless stays; others get the treatment.
struct Rule: Sendable {
    var harmless: HarmlessValues
    var treatment: Replacement

    /// Nothing stays.
    static func replace(_ treatment: Replacement) -> Rule { Rule(harmless: .nothing, treatment: treatment) }

    /// Values of a list or range stay; others become as many letters and digits.
    static func keep(_ harmless: HarmlessValues, else treatment: Replacement = .token(.text)) -> Rule {
        Rule(harmless: harmless, treatment: treatment)
    }

    /// What is to be done with a value.
    func treatment(of value: ArraySlice<UInt8>) -> Replacement { harmless.holds(value) ? .keep : treatment }
}
