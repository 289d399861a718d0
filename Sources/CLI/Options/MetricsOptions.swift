// The option `--metrics` of `relay`: counts and health over HTTP, for Prometheus and for supervisors.

import ArgumentParser
import Glibc
internal import MSNP
import Meters
import Relay

/// Where metrics are served.
struct MetricsOptions: ParsableArguments {
    @Option(
        defaultAsFlag: MetricsAddress.standard, parsing: .next,
        help: ArgumentHelp(
            "Serve /metrics for Prometheus, /healthz and /readyz at this address (default: 127.0.0.1:1866).",
            valueName: "[host:]port"),
        transform: MetricsAddress.init)
    var metrics: MetricsAddress?

    /// Meters for a relay; nil without the option.
    func meters(upstream: HostPort?) -> RelayMeters? {
        metrics.map { _ in RelayMeters(upstream: upstream, version: ProgramInfo.version) }
    }

    /// Starts the server, if it is wanted.
    ///
    /// - Throws: `CommandError`.
    func start(_ meters: RelayMeters?, beside relay: RelayServer) async throws -> MetricsServer? {
        guard let metrics, let meters else { return nil }
        meters.observe(isAccepting: { relay.isAccepting })
        do {
            let names = LocalAddresses.ipv4() + [metrics.address.host] + Self.hostName
            let server = try await MetricsServer.start(at: metrics.address, names: names, meters)
            do {
                // No client of a proxy gets at it.
                try await relay.refuse(server.address, named: "the metrics")
            } catch let error as RelayError {
                await server.stop()
                throw error.isUsage ? CommandError.usage(error.description) : CommandError.failed(error.description)
            }
            return server
        } catch let error as MetricsError {
            throw CommandError.failed(error.description)
        }
    }

    /// The name of this machine, by which others may ask.
    private static var hostName: [String] {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return [] }
        return [String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)]
    }
}

/// The value of `--metrics`.
struct MetricsAddress: Sendable, CustomStringConvertible {
    /// The address to listen at.
    let address: HostPort

    static let standard = MetricsAddress(address: HostPort("127.0.0.1", 1866))

    var description: String { address.description }

    private init(address: HostPort) { self.address = address }

    init(_ argument: String) throws { address = try HostPort.listening(argument) }
}
