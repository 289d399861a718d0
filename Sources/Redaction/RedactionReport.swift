// What a copy for sharing says about itself: how much was replaced, and why it cannot be made.

package import MSNP

/// What was replaced in a copy, and what could not be.
package struct RedactionReport: Sendable {
    /// What is replaced.
    package enum Kind: String, Sendable, CaseIterable {
        /// E-mail addresses that people sign in with, and telephone numbers in their place.
        case account
        /// Names of people and groups.
        case name
        /// Addresses and names of hosts.
        case address
        /// Passwords, tickets, cookies, nonces.
        case secret
        /// What people wrote, and what is not known to be harmless.
        case text
        /// Numbers of machines, contacts and messages.
        case identifier
        /// What pictures and files consist of.
        case data
    }

    /// Something that could not be read, and so might hide something.
    package struct Doubt: Sendable, Hashable {
        /// The connection's number.
        package var connection: Int
        /// Who said it.
        package var side: Side
        /// Bytes that this side said before, holes counted in.
        package var offset: UInt64
        /// What it is, in a few words.
        package var what: String
    }

    /// How often each kind was replaced.
    package internal(set) var counts: [Kind: Int] = [:]
    /// The first of what could not be read.
    package internal(set) var doubts: [Doubt] = []
    /// How much could not be read.
    package internal(set) var doubtCount = 0

    /// How many doubts are kept with their places.
    static let mostDoubts = 20

    /// `12 accounts, 3 names`, the most first.
    package var summary: String {
        let parts = Kind.allCases.compactMap { kind in counts[kind].map { (kind, $0) } }.sorted { $0.1 > $1.1 }
        return parts.isEmpty
            ? "nothing" : parts.map { "\($1) \(Self.plural($0, $1))" }.joined(separator: ", ")
    }

    private static func plural(_ kind: Kind, _ count: Int) -> String {
        switch kind {
        case .data: "\(count == 1 ? "piece" : "pieces") of data"
        case .address: count == 1 ? "address" : "addresses"
        default: count == 1 ? kind.rawValue : kind.rawValue + "s"
        }
    }

    mutating func add(_ counts: [Kind: Int]) { self.counts.merge(counts) { $0 + $1 } }

    mutating func add(_ doubt: Doubt) {
        doubtCount += 1
        if doubts.count < Self.mostDoubts { doubts.append(doubt) }
    }
}
