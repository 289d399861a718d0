// The startup message of a relay: its addresses, and how to configure clients.

import Doctor
import Doors
import Glibc
import MSNP
import Relay

enum StartupGuide {
    /// The lines of the message for a started relay.
    static func relay(_ relay: RelayServer, _ options: RelayOptions) -> [String] {
        let address = relay.listenAddress
        var lines = ["butterflynet listens at \(address) and connects clients to \(servers(options))."]
        let hosts: [String]
        if let advertised = relay.advertised {
            lines.append("Redirects will send clients to \(advertised).")
            hosts = [advertised.host == "localhost" ? "127.0.0.1" : advertised.host]
            if advertised.host == "localhost" {
                lines.append(
                    "Warning: the relay listens on IPv6 only, and many old clients use only IPv4. Listen on 127.0.0.1, or give --advertise."
                )
            }
        } else {
            let machine = LocalAddresses.ipv4()
            hosts = machine.isEmpty ? ["127.0.0.1"] : machine
            lines.append("Redirects will send each client to the address at which it reached this machine.")
            if address.host.contains(":"), address.host != "::" {
                lines.append("Clients on IPv6 cannot follow redirects: give --advertise with an IPv4 address.")
            }
            if hosts.count > 1 { lines.append("Addresses of this machine: \(hosts.joined(separator: ", ")).") }
        }
        let (host, port) = (hosts.first ?? "127.0.0.1", options.advertisedPort ?? address.port)
        if options.isTransparent {
            lines += firewall(port: address.port, isIntercepting: relay.acceptsForeignAddresses)
        }
        guard options.upstream != nil else { return lines }
        return lines + clients(HostPort(host, port), options.doors) + proxy(options, host: host, port: port)
    }

    /// Where clients are connected to.
    private static func servers(_ options: RelayOptions) -> String {
        guard options.isTransparent else { return options.upstream?.description ?? "no server" }
        return "where they wanted to go" + (options.upstream.map { ", or to \($0) if that is this relay" } ?? "")
    }

    /// The firewall rules that bring clients to a transparent relay.
    private static func firewall(port: UInt16, isIntercepting: Bool) -> [String] {
        var names = FirewallRules.Names(relayPort: port)
        names.user = String(geteuid())
        let all = [FirewallRules.router(names), .machine(names)] + (isIntercepting ? [.intercepting(names)] : [])
        return [
            "A firewall rule must bring the clients here (docs/doors.md); as root, with your interface instead of lan0:"
        ] + all.flatMap { rules in ["  # \(rules.situation)."] + rules.commands.map { "  \($0)" } }
            + ["  # To remove the rules: \(FirewallRules.removal)"]
    }

    /// What to type in each client, for the first way of each that is open; `doctor` prints the others.
    private static func clients(_ relay: HostPort, _ doors: Set<Door>) -> [String] {
        var lines = ["Point a client here:"]
        for client in ClientSettings.all {
            let way = ClientWay.allCases.first { !$0.doors.isDisjoint(with: doors) }
            guard let way, let setting = client[way] else { continue }
            lines.append("  \(client.name): \(setting.text(relay))")
        }
        return lines + ["  Other ways, such as a client's proxy setting: \(ProgramInfo.command) doctor"]
    }

    /// How to use the relay as a client's proxy; nothing if these doors are closed.
    private static func proxy(_ options: RelayOptions, host: String, port: UInt16) -> [String] {
        let kinds = [(Door.socks, "SOCKS"), (.connect, "HTTP")].filter { options.doors.contains($0.0) }.map(\.1)
        guard !kinds.isEmpty else { return [] }
        return ["  Or in the client's proxy settings: \(kinds.joined(separator: " or ")), server \(host), port \(port)"]
    }

    /// What a connection to the upstream server showed; nil if the name does not resolve, which the relay reports itself.
    static func upstream(_ state: UpstreamState, _ upstream: HostPort) -> String? {
        switch state {
        case .unresolved: nil
        case .reachable(let address) where address == upstream: "\(upstream) accepts connections."
        case .reachable(let address): "\(upstream) (\(address.host)) accepts connections."
        case .unreachable(let why):
            "\(upstream) cannot be reached now: \(why). Clients will be disconnected until it accepts connections."
        }
    }
}
