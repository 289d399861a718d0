// What the doctor examines: the configuration of a relay that may not run yet.

package import Doors
package import MSNP

/// The configuration to examine.
package struct DoctorOptions: Sendable {
    /// The server; nil to leave out all that concerns it.
    package var upstream: HostPort?
    /// The addresses to listen at, the main one first.
    package var listen: [HostPort]
    /// The address in redirects, if it is fixed.
    package var advertised: HostPort?
    /// Replacement addresses, as the relay's.
    package var dial: [HostPort: HostPort] = [:]
    /// The open ways in.
    package var doors = Set(Door.allCases)
    /// The client's machine from which somebody will try it; nil for none.
    package var from: String?
    /// Whether to say `VER` to the server.
    package var greets = true
    /// The archive; nil if nothing will be recorded.
    package var archive: String?
    /// How long one connection attempt, or one answer, may take.
    package var patience: Duration = .seconds(5)
    /// The file with the names of hosts.
    package var hostsFile = "/etc/hosts"
    /// The environment's proxy settings by name.
    package var proxyVariables: [(name: String, value: String)] = []
    /// The command by which the user starts the program.
    package var command = "butterflynet"

    package init(listen: [HostPort]) { self.listen = listen }

    /// The main listener's address.
    package var mainListen: HostPort { listen.first ?? HostPort("127.0.0.1", HostPort.standardPort) }

    /// The address to dial for the upstream.
    package var target: HostPort? { upstream.map { dial[$0] ?? $0 } }
}
