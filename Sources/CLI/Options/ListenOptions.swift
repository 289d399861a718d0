// Options of `relay` and `doctor` for this machine's addresses: where clients connect, and what redirects contain.

import ArgumentParser
internal import MSNP
import Relay

struct ListenOptions: ParsableArguments {
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

    /// Checks the addresses.
    ///
    /// - Throws: `ValidationError` if one cannot be used.
    func check() throws {
        if advertise?.host.contains(":") == true {
            throw ValidationError(
                "--advertise needs IPv4 or a name: no client understands an IPv6 address in a redirect.")
        }
        if let host = advertise?.host, ["0.0.0.0", "localhost.localdomain"].contains(host) {
            throw ValidationError("--advertise \(host) is not an address that clients can connect to.")
        }
    }

    /// The address of the main listener.
    var main: HostPort { listen.first ?? HostPort("127.0.0.1", HostPort.standardPort) }

    /// The addresses to listen on, the main one first.
    var addresses: [HostPort] { listen.isEmpty ? [main] : listen }

    /// The replacement addresses.
    var dial: [HostPort: HostPort] { Dictionary(dialRules.map { ($0.from, $0.to) }) { _, last in last } }

    /// Adds the options to a relay's configuration. Looks up the name of `--advertise`.
    func apply(to options: inout RelayOptions) async throws {
        options.alsoListen = Array(listen.dropFirst())
        options.advertisedHost = try await advertisedHost()
        options.advertisedPort = advertise?.port
        options.ports = ports?.ports
        options.dial = dial
    }

    /// The host of `--advertise` as an IPv4 address, because some clients do not resolve names in redirects.
    func advertisedHost() async throws -> String? {
        guard let advertise else { return nil }
        if HostPort(advertise.host, 0).ipv4 != nil { return advertise.host }
        guard let ipv4 = try await AddressLookup.ipv4(of: advertise.host) else {
            throw CommandError.failed(
                "--advertise \(advertise.host) has no IPv4 address here; give the address that clients dial.")
        }
        return ipv4
    }
}
