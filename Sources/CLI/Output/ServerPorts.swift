// Says how to open an exported capture: Wireshark takes only port 1863 for MSN.

internal import Events
import MSNP

/// The ports of servers in an export.
struct ServerPorts {
    /// Collects the ports of all events of an export.
    final class Notes {
        private(set) var ports = ServerPorts()

        func note(_ event: Event) { ports.note(event) }
    }

    private var addresses: [Int: UInt16] = [:]
    private var ports: Set<UInt16> = []

    /// Ports named in the advice; an export seldom has more than three.
    private static let most = 8

    /// Notes the server's port of a connection that carries commands.
    mutating func note(_ event: Event) {
        switch event.kind {
        case .opened(let ends): addresses[event.connection] = HostPort(ends.server)?.port
        case .frame where [.dispatch, .notification, .switchboard].contains(event.role):
            if let port = addresses.removeValue(forKey: event.connection), port > 0 { ports.insert(port) }
        case .closed: addresses[event.connection] = nil
        default: break
        }
    }

    /// The command that opens the file with all commands decoded; nil if no option is needed.
    func advice(file: String?) -> String? {
        let others = ports.subtracting([HostPort.standardPort]).sorted().prefix(Self.most)
        guard !others.isEmpty else { return nil }
        return "open it with: wireshark \(others.map { "-d tcp.port==\($0),msnms " }.joined())\(file ?? "FILE")"
    }
}
