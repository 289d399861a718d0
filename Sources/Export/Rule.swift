// What is done with the value in one place: what may stay, and how all else is replaced.

/// A value that is harmless stays; others get the treatment.
struct Rule: Sendable {
    var harmless: Harmless
    var treatment: Treatment

    /// Nothing stays.
    static func replace(_ treatment: Treatment) -> Rule { Rule(harmless: .nothing, treatment: treatment) }

    /// Values of a list or range stay; others become as many letters and digits.
    static func keep(_ harmless: Harmless, else treatment: Treatment = .token(.text)) -> Rule {
        Rule(harmless: harmless, treatment: treatment)
    }

    /// What is to be done with a value.
    func treatment(of value: ArraySlice<UInt8>) -> Treatment { harmless.holds(value) ? .keep : treatment }
}
