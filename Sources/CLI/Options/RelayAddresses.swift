// Options of `relay` for addresses: the server, where clients connect, and what redirects contain.

import ArgumentParser
internal import MSNP
import Relay

struct RelayAddresses: ParsableArguments {
    @Option(
        name: .customLong("upstream"), parsing: .singleValue,
        help: ArgumentHelp(
            "Server to relay to (default port 1863). 'original': where the clients want to go that a firewall rule brings.",
            valueName: "host[:port]"),
        transform: Upstream.init)
    var upstreams: [Upstream]

    @Flag(
        help: "With --upstream original: leave redirects as they are, because firewall rules bring clients back.")
    var noRewrite = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Address to listen on, or only a port (0: any free one); default: 127.0.0.1:1863. Repeatable.",
            valueName: "[host:]port"),
        transform: HostPort.listening)
    var listen: [HostPort] = []

    @Option(
        help: ArgumentHelp(
            "How clients reach this machine, as IPv4 or a name (default: the address they connected to).",
            valueName: "host[:port]"),
        transform: AdvertisedAddress.init)
    var advertise: AdvertisedAddress?

    @Option(
        help: ArgumentHelp(
            "Port range for the extra listeners that redirects need (default: any).", valueName: "a-b"),
        transform: PortRange.init)
    var ports: PortRange?

    @Option(
        name: .customLong("dial"), parsing: .singleValue,
        help: ArgumentHelp("Connect to TO when the server redirects to FROM. Repeatable.", valueName: "from=to"),
        transform: DialRule.init)
    var dialRules: [DialRule] = []

    @Option(
        help: ArgumentHelp(
            "Direct links between clients: pass; refuse, so that they send through the server; keep in the path.",
            valueName: "policy"),
        completion: .list(DirectLinkPolicy.allCases.map(\.rawValue)), transform: RelayAddresses.policy)
    var directLinks = DirectLinkPolicy.pass

    private static func policy(_ argument: String) throws -> DirectLinkPolicy {
        guard let policy = DirectLinkPolicy(rawValue: argument) else {
            let names = DirectLinkPolicy.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("the policies are \(names).")
        }
        return policy
    }

    /// Checks the addresses. The command calls this after the options are parsed and checked one by one.
    ///
    /// - Throws: `ValidationError` if one cannot be used.
    func check() throws {
        let servers = upstreams.filter { $0 != .original }.count
        guard servers <= 1, upstreams.count - servers <= 1 else {
            throw ValidationError("--upstream takes one server, and 'original' beside it.")
        }
        guard upstream?.port != 0 else { throw ValidationError("--upstream needs a port other than 0.") }
        if noRewrite, !isTransparent { throw ValidationError("--no-rewrite needs --upstream original.") }
        if advertise?.host.contains(":") == true {
            throw ValidationError(
                "--advertise needs IPv4 or a name: no client understands an IPv6 address in a redirect.")
        }
        if let host = advertise?.host, ["0.0.0.0", "localhost.localdomain"].contains(host) {
            throw ValidationError("--advertise \(host) is not an address that clients can connect to.")
        }
    }

    /// The server to relay to; nil if there are only the clients' own.
    var upstream: HostPort? {
        upstreams.compactMap { if case .server(let address) = $0 { address } else { nil } }.first
    }

    /// Whether clients are connected to where they wanted to go.
    private var isTransparent: Bool { upstreams.contains(.original) }

    /// The relay's configuration. Looks up the name of `--advertise`.
    func relayOptions() async throws -> RelayOptions {
        var options = RelayOptions(
            upstream: upstream, listen: listen.first ?? HostPort("127.0.0.1", HostPort.standardPort))
        options.isTransparent = isTransparent
        options.rewritesRedirects = !noRewrite
        options.directLinks = directLinks
        options.alsoListen = Array(listen.dropFirst())
        options.advertisedHost = try await advertisedHost()
        options.advertisedPort = advertise?.port
        options.ports = ports?.ports
        options.dial = Dictionary(dialRules.map { ($0.from, $0.to) }) { _, last in last }
        return options
    }

    /// The host of `--advertise` as an IPv4 address, because some clients do not resolve names in redirects.
    private func advertisedHost() async throws -> String? {
        guard let advertise else { return nil }
        if HostPort(advertise.host, 0).ipv4 != nil { return advertise.host }
        guard let ipv4 = try await AddressLookup.ipv4(of: advertise.host) else {
            throw CommandError.failed(
                "--advertise \(advertise.host) has no IPv4 address here; give the address that clients dial.")
        }
        return ipv4
    }
}
