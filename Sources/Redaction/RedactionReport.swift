// The report on a redacted copy: how much was replaced, and the reasons to refuse it.

package import MSNP

/// Counts of replaced values by kind, and the reasons to refuse the copy.
package struct RedactionReport: Sendable {
    /// The kinds of replaced values.
    package enum Kind: String, Sendable, CaseIterable {
        /// Sign-in e-mail addresses, and telephone numbers in their place.
        case account
        /// Names of people and groups.
        case name
        /// IP addresses and host names.
        case address
        /// Passwords, tickets, cookies, nonces.
        case secret
        /// Texts by people, and everything not known to be harmless.
        case text
        /// Identifiers of machines, contacts, sessions and messages.
        case identifier
        /// The data of pictures and files.
        case data
    }

    /// Unreadable content, which might hide personal data: a reason to refuse the copy.
    package struct Refusal: Sendable, Hashable {
        package var connection: Int
        /// The sender.
        package var side: Side
        /// Offset in this side's stream, gaps included.
        package var offset: UInt64
        package var reason: Reason
    }

    /// What could not be read.
    package enum Reason: Sendable, Hashable {
        /// A command that neither side of MSNP sends.
        case unknownCommand(Verb)
        /// A command whose copy would have another structure.
        case alteredStructure
        /// Bytes outside commands.
        case noise(bytes: Int, Noise.Reason)
        /// A packet of a direct link.
        case linkPacket
        /// A peer-to-peer packet in a message.
        case peerPacket
        /// A message without a content type.
        case missingContentType
        /// A message of this content type; cut to `longestContentType` characters.
        case unknownContentType(String)
    }

    /// The longest content type kept in a reason, in characters.
    static let longestContentType = 60

    /// Number of replacements of each kind.
    package internal(set) var counts: [Kind: Int] = [:]
    /// The first reasons for refusal, at most `maxListedRefusals`.
    package internal(set) var refusals: [Refusal] = []
    /// Number of all reasons for refusal.
    package internal(set) var refusalCount = 0

    /// The limit on reasons kept with their places.
    static let maxListedRefusals = 20

    /// The counts as text, largest first: `12 accounts, 3 names`.
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

    mutating func add(_ refusal: Refusal) {
        refusalCount += 1
        if refusals.count < Self.maxListedRefusals { refusals.append(refusal) }
    }
}

extension RedactionReport.Reason {
    /// A short description of the content.
    package var text: String {
        switch self {
        case .unknownCommand(let verb): "the unknown command \(verb)"
        case .alteredStructure: "a command that would not keep its structure"
        case .noise(let bytes, let reason): "\(bytes) bytes that are not MSNP (\(reason.rawValue))"
        case .linkPacket: "a packet of a direct link that cannot be parsed"
        case .peerPacket: "a damaged peer-to-peer packet"
        case .missingContentType: "a message without a Content-Type"
        case .unknownContentType(let type): "a message of the unknown type \(type)"
        }
    }
}
