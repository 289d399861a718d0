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

    @OptionGroup var own: ListenOptions

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
        try own.check()
    }

    /// The server to relay to; nil if there are only the clients' own.
    var upstream: HostPort? {
        upstreams.compactMap { if case .server(let address) = $0 { address } else { nil } }.first
    }

    /// Whether clients are connected to where they wanted to go.
    private var isTransparent: Bool { upstreams.contains(.original) }

    /// The relay's configuration. Looks up the name of `--advertise`.
    func relayOptions() async throws -> RelayOptions {
        var options = RelayOptions(upstream: upstream, listen: own.main)
        try await own.apply(to: &options)
        options.isTransparent = isTransparent
        options.rewritesRedirects = !noRewrite
        options.directLinks = directLinks
        return options
    }
}
