// Parses addresses and port ranges on the command line. The errors give the reason.

import ArgumentParser
import MSNP

extension HostPort {
    /// Parses a server's address: `HOST`, `HOST:PORT` or `[IPV6]:PORT`. The default port is 1863.
    static func server(_ argument: String) throws -> HostPort {
        guard let address = HostPort(argument, defaultPort: standardPort) else {
            throw ValidationError(fault(in: argument, ports: "1 to 65535"))
        }
        return address
    }

    /// Parses an address to listen on: as a server's, or only `PORT` or `:PORT` for a port on 127.0.0.1.
    static func listening(_ argument: String) throws -> HostPort {
        let port = argument.hasPrefix(":") ? argument.dropFirst() : argument[...]
        if let number = UInt16(port), port.utf8.allSatisfy(isDigit) { return HostPort("127.0.0.1", number) }
        let isPort = !port.isEmpty && port.utf8.allSatisfy(isDigit)
        guard !isPort, let address = HostPort(argument, defaultPort: standardPort) else {
            throw ValidationError(fault(in: argument, ports: "1 to 65535, or 0 for any free port"))
        }
        return address
    }

    /// The reason why an argument is not an address.
    ///
    /// - Parameter ports: the valid port numbers.
    fileprivate static func fault(in argument: String, ports: String) -> String {
        if argument.contains("/") { return "write HOST:PORT, without a scheme or path." }
        let port = argument.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        if !port.isEmpty, port.utf8.allSatisfy(isDigit) {
            if UInt16(port) == nil { return "ports are \(ports)." }
            if argument.count(where: { $0 == ":" }) > 1, !argument.hasPrefix("[") { return "write [IPV6]:PORT." }
        }
        return "write HOST:PORT; ports are \(ports)."
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

/// The value of `--upstream`: a server, or `original`.
enum Upstream: Hashable {
    /// Where each client wanted to go.
    case original
    case server(HostPort)

    init(_ argument: String) throws { self = argument == "original" ? .original : .server(try .server(argument)) }
}

/// The value of `--advertise`: `HOST[:PORT]`. Without a port, the listening port is used.
struct AdvertisedAddress {
    let host: String
    let port: UInt16?

    init(_ argument: String) throws {
        guard let address = HostPort(argument, defaultPort: 0) else {
            throw ValidationError(HostPort.fault(in: argument, ports: "1 to 65535"))
        }
        host = address.host
        port = address.port == 0 ? nil : address.port
    }
}

/// The value of `--ports`: `A-B`, or one port.
struct PortRange {
    let ports: ClosedRange<UInt16>

    init(_ argument: String) throws {
        let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first > 0, first <= last
        else {
            throw ValidationError("write FIRST-LAST, such as 1900-1963; ports are 1 to 65535.")
        }
        ports = first...last
    }
}

/// The value of `--dial`: `FROM=TO`.
struct DialRule {
    let from: HostPort
    let to: HostPort

    init(_ argument: String) throws {
        let ends = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, let from = HostPort(ends[0]), let to = HostPort(ends[1]), to.port > 0 else {
            throw ValidationError("write FROM=TO, such as 127.0.0.1:1865=10.0.0.5:1865; ports are 1 to 65535.")
        }
        self.from = from
        self.to = to
    }
}
