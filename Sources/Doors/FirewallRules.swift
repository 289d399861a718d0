// The firewall rules that bring clients to a transparent relay, for the documentation and the start of the program. Pure.

/// Rules for one situation, as commands to type.
package struct FirewallRules: Sendable, Hashable {
    /// Where the clients are, and what the rules do.
    package let situation: String
    /// The lines to type as root.
    package let commands: [String]

    /// What the rules name.
    package struct Names: Sendable, Hashable {
        /// The port of the relay's listener.
        package var relayPort: UInt16
        /// The ports of servers, in the notation of nftables.
        package var serverPorts = "1863"
        /// The router's interface towards the clients.
        package var interface = "lan0"
        /// The user as whom the relay runs, by name or number.
        package var user = "butterflynet"

        package init(relayPort: UInt16) { self.relayPort = relayPort }
    }

    /// The rules for each situation.
    package static func all(_ names: Names) -> [FirewallRules] { [router(names), machine(names), intercepting(names)] }

    /// The command that removes the rules of any situation.
    package static let removal = "nft delete table inet butterflynet"

    /// The relay runs on the router of its clients.
    package static func router(_ names: Names) -> FirewallRules {
        FirewallRules(
            situation: "The relay runs on the router of its clients",
            commands: table(
                "prerouting", "nat hook prerouting priority dstnat",
                ["iifname \"\(names.interface)\" tcp dport \(names.serverPorts) redirect to :\(names.relayPort)"]))
    }

    /// The clients run on the relay's machine.
    package static func machine(_ names: Names) -> FirewallRules {
        FirewallRules(
            situation: "The clients run on this machine; the relay runs as another user than they, \(names.user)",
            commands: table(
                "output", "nat hook output priority -100",
                [
                    "meta skuid \(names.user) accept",
                    "tcp dport \(names.serverPorts) redirect to :\(names.relayPort)",
                ]))
    }

    /// TPROXY on the router of the clients.
    package static func intercepting(_ names: Names) -> FirewallRules {
        let routes = ["", "-6 "].flatMap { family in
            [
                "ip \(family)rule add fwmark 1 lookup 100",
                "ip \(family)route add local default dev lo table 100",
            ]
        }
        return FirewallRules(
            situation: "The same router without address translation (TPROXY); the relay needs CAP_NET_ADMIN",
            commands: table(
                "prerouting", "filter hook prerouting priority mangle",
                [
                    "iifname \"\(names.interface)\" tcp dport \(names.serverPorts) tproxy to :\(names.relayPort) meta mark set 1"
                ]) + routes)
    }

    private static func table(_ chain: String, _ hook: String, _ rules: [String]) -> [String] {
        ["nft -f - <<END", "table inet butterflynet {", "  chain \(chain) {", "    type \(hook);"]
            + rules.map { "    \($0)" } + ["  }", "}", "END"]
    }
}
