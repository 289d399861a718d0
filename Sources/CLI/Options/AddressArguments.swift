// Parses addresses and port ranges on the command line.

public import ArgumentParser
public import MSNP
import Relay

extension HostPort: ExpressibleByArgument {
    /// Parses `HOST`, `HOST:PORT` or `[IPV6]:PORT`; the default port is 1863.
    public init?(argument: String) { self.init(argument, defaultPort: HostPort.standardPort) }

    /// The text of a default in the help.
    public var defaultValueDescription: String { description }
}

/// The value of `--advertise`: `HOST[:PORT]`. Without a port, the listening port is used.
struct AdvertisedAddress: ExpressibleByArgument {
    let host: String
    let port: UInt16?

    init?(argument: String) {
        guard let address = HostPort(argument, defaultPort: 0) else { return nil }
        host = address.host
        port = address.port == 0 ? nil : address.port
    }
}

/// The value of `--ports`: `A-B`, or one port.
struct PortRange: ExpressibleByArgument {
    let ports: ClosedRange<UInt16>

    init?(argument: String) {
        let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first > 0, first <= last
        else {
            return nil
        }
        ports = first...last
    }
}

/// The value of `--dial`: `FROM=TO`.
struct DialRule: ExpressibleByArgument {
    let from: HostPort
    let to: HostPort

    init?(argument: String) {
        let ends = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, let from = HostPort(ends[0]), let to = HostPort(ends[1]), to.port > 0 else { return nil }
        self.from = from
        self.to = to
    }
}
