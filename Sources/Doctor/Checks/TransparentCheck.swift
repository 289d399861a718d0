// Decides whether firewall rules bring connections to the relay. Pure.

internal import MSNP

/// What is known of packet filters.
struct TransparentFact: Sendable, Hashable {
    /// The rules as text; nil if they may not be read, or there is no `nft`.
    var rules: String?
    /// Whether the system tracks connections; nil if that could not be seen.
    var tracksConnections = false
    /// Whether this process is in a network namespace of its own.
    var isInNamespace = false
    var hasIPv6 = true

    /// The rules that lead to a port of this machine.
    func rules(toPort port: UInt16) -> [String] {
        (rules ?? "").split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }.filter { line in
            ["redirect to :\(port)", "tproxy to :\(port)", "tproxy ip to :\(port)", "tproxy ip6 to :\(port)"]
                .contains { mark in
                    guard let end = line.firstRange(of: mark)?.upperBound else { return false }
                    return end == line.endIndex || !line[end].isNumber
                }
                || line.contains("dnat") && line.contains(":\(port)")
        }.map(String.init)
    }
}

extension Check {
    static func transparent(_ fact: TransparentFact, port: UInt16) -> Check {
        guard fact.rules != nil else {
            return Check(
                .transparent, .skipped, "Firewall rules cannot be read (no nft, or not allowed).",
                ["sudo nft list ruleset"])
        }
        let found = fact.rules(toPort: port)
        guard let first = found.first else {
            return Check(
                .transparent, .ok, "No firewall rule leads to port \(port): clients come by their own settings.")
        }
        if fact.isInNamespace, !fact.tracksConnections {
            return Check(
                .transparent, .failed,
                "A rule leads here (\(first)), but this network namespace does not know the addresses that clients wanted.",
                ["load the rule in the namespace in which the relay runs"])
        }
        return Check(
            .transparent, .note,
            "\(found.count == 1 ? "A firewall rule leads" : "\(found.count) firewall rules lead") here: \(first)"
                + (fact.hasIPv6 ? "." : "; IPv6 is off."))
    }
}
