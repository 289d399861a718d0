// Options of `relay` for addresses: the server, where clients connect, and what redirects contain.

import ArgumentParser
internal import MSNP
import Relay

struct RelayAddresses: ParsableArguments {
    @Option(
        help: ArgumentHelp("Server to relay to (default port 1863).", valueName: "host[:port]"),
        transform: HostPort.server)
    var upstream: HostPort

    @OptionGroup var own: ListenOptions

    /// Checks the addresses. The command calls this after the options are parsed and checked one by one.
    ///
    /// - Throws: `ValidationError` if one cannot be used.
    func check() throws {
        guard upstream.port > 0 else { throw ValidationError("--upstream needs a port other than 0.") }
        try own.check()
    }

    /// The relay's configuration. Looks up the name of `--advertise`.
    func relayOptions() async throws -> RelayOptions {
        var options = RelayOptions(upstream: upstream, listen: own.main)
        try await own.apply(to: &options)
        return options
    }
}
