// One result of the doctor: what was looked at, what it found, and what to type. Pure.

/// A finished check.
package struct Check: Sendable, Hashable {
    /// What was looked at. The raw values are names that scripts read.
    package enum Name: String, Sendable, Hashable, CaseIterable {
        case listen
        case upstream
        case loop
        case advertise
        case clientView = "client_view"
        case hostsFile = "hosts_file"
        case proxies
        case transparent
        case archive
        case clock
        case limits
        /// Only looked at alone, with `--ready`.
        case ready
    }

    /// The result. The raw values are names that scripts read.
    package enum Outcome: String, Sendable, Hashable, CaseIterable {
        case ok
        /// Nothing is wrong, but the user should know it.
        case note
        /// Clients will not work as things are.
        case failed
        /// It could not be looked at, or was not asked for.
        case skipped
    }

    package let name: Name
    package let outcome: Outcome
    /// One sentence.
    package let text: String
    /// Lines to type, or to change in a file; empty if nothing is to be done.
    package let advice: [String]

    package init(_ name: Name, _ outcome: Outcome, _ text: String, _ advice: [String] = []) {
        self.name = name
        self.outcome = outcome
        self.text = text
        self.advice = advice
    }
}
