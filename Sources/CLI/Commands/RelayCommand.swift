// The subcommand `relay`: turns options into a relay configuration, and runs the relay until it is stopped.

import ArgumentParser
import MSNP
import NIOCore
import Relay

struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Stand between clients and a server, stay in the path, show and record everything.",
        discussion: """
            Point a client at the relay instead of its server. When the server hands the client on (XFR, RNG), the relay \
            changes the address in that line, so that it stays in the path.

            Examples:
              butterflynet relay --upstream messenger.example.org
              butterflynet relay --upstream 10.0.0.5 --listen 0.0.0.0:1863 \\
                --advertise 192.168.1.20
              butterflynet relay --upstream localhost:1864 --where 'role == SB'
              butterflynet relay --upstream 10.0.0.5 --dial 127.0.0.1:1865=10.0.0.5:1865
            """)

    @Option(help: ArgumentHelp("The server: its port is 1863 unless you say another.", valueName: "host[:port]"))
    var upstream: HostPort

    @Option(help: ArgumentHelp("Where clients connect; port 0 for any.", valueName: "host:port"))
    var listen = HostPort("127.0.0.1", HostPort.standardPort)

    @Option(
        help: ArgumentHelp(
            "How clients reach this machine, as IPv4 or a name. Without it: the address they connected to.",
            valueName: "host[:port]"))
    var advertise: AdvertisedAddress?

    @Option(help: ArgumentHelp("Ports for further notification servers; any without it.", valueName: "a-b"))
    var ports: PortRange?

    @Option(
        name: .customLong("dial"), parsing: .singleValue,
        help: ArgumentHelp("When the server says FROM, dial TO. Repeatable.", valueName: "from=to"))
    var dialRules: [DialRule] = []

    @OptionGroup var recording: RecordingOptions

    @Option(help: ArgumentHelp("Write where the relay listens to this file, once it does.", valueName: "file"))
    var readyFile: String?

    @OptionGroup var password: PasswordOptions
    @OptionGroup var log: LogOptions

    mutating func validate() throws {
        guard upstream.port > 0 else { throw ValidationError("--upstream needs a port other than 0.") }
        if advertise?.host.contains(":") == true {
            throw ValidationError(
                "--advertise needs IPv4 or a name: no client understands an IPv6 address in a redirect.")
        }
        if let host = advertise?.host, ["0.0.0.0", "localhost.localdomain"].contains(host) {
            throw ValidationError("--advertise \(host) is no address that a client could dial.")
        }
    }

    func run() async throws {
        _ = try log.condition()
        var options = RelayOptions(upstream: upstream, listen: listen)
        options.advertisedHost = try await advertisedHost()
        options.advertisedPort = advertise?.port
        options.ports = ports?.ports
        options.passwords = try password.read()
        options.dial = Dictionary(dialRules.map { ($0.from, $0.to) }) { _, last in last }

        let live = try await LiveRun(recording, log)
        let relay: RelayServer
        do {
            relay = try await live.start(options)
        } catch let error as RelayError {
            live.close()
            throw error.isUsage ? CommandError.usage(error.description) : CommandError.failed(error.description)
        }
        if let readyFile { try ReadyFile.write(to: readyFile, listening: [relay.listenAddress]) }
        if !log.quiet { Terminal.printLines(StartupGuide.relay(relay, options) + [recording.startupMessage]) }
        let code = await live.stop.wait()
        await relay.stop()
        // An incomplete log does not change the exit code: the code says why the relay ended, and `close` reports what is
        // missing.
        live.close()
        try? await live.group.shutdownGracefully()
        throw ReportedExit(code: code)
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
