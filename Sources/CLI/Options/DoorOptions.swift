// Options of `relay` for clients that use it as a proxy: which doors are open, and where they lead.

import ArgumentParser
import Doors
import MSNP
import Relay

struct DoorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Ways in that are open, separated by commas: \(Door.allCases.map(\.rawValue).joined(separator: ", ")) (default: all).",
            valueName: "doors"),
        completion: .list(Door.allCases.map(\.rawValue)), transform: DoorList.init)
    var doors = DoorList.all

    @Option(
        name: .customLong("allow"), parsing: .singleValue,
        help: ArgumentHelp(
            "Let clients of the proxy connect there, too; without a port to 80 and 443. Repeatable.",
            valueName: "[*.]host[:port]"),
        transform: DoorOptions.destination)
    var allowed: [AllowedDestination] = []

    @Option(
        help: ArgumentHelp("Hand all other requests to this HTTP proxy.", valueName: "http://host:port"),
        transform: DoorOptions.proxy)
    var nextProxy: HostPort?

    @Option(
        help: ArgumentHelp(
            "Pass requests of clients' sign-ins (Passport, contacts, storage) on to this server.",
            valueName: "http://host[:port]"),
        transform: DoorOptions.service)
    var signIn: HostPort?

    @Option(
        help: ArgumentHelp(
            "Demand the password in this file from clients of the proxy; any name is good.", valueName: "file"),
        completion: .file())
    var proxyPassword: String?

    /// Adds the options to a relay's configuration.
    ///
    /// - Throws: `CommandError` if the password cannot be read.
    func apply(to options: inout RelayOptions) throws {
        if signIn != nil, !doors.doors.contains(.gateway) {
            throw CommandError.usage("--sign-in needs the door gateway, which takes HTTP.")
        }
        options.signIn = signIn
        options.doors = doors.doors
        options.allowed = allowed
        options.nextProxy = nextProxy
        guard let proxyPassword else { return }
        let text = try TextFile.read(proxyPassword, option: "--proxy-password")
        let line = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).first ?? ""
        guard !line.isEmpty, line.utf8.count <= 255 else {
            throw CommandError.failed("\(proxyPassword): expected a password of 1 to 255 bytes in its first line.")
        }
        options.proxyPassword = ProxyPassword(Array(line.utf8))
    }

    private static func destination(_ argument: String) throws -> AllowedDestination {
        guard let destination = AllowedDestination(argument) else {
            throw ValidationError("write HOST, HOST:PORT or *.DOMAIN, such as *.example.org:443.")
        }
        return destination
    }

    private static func proxy(_ argument: String) throws -> HostPort {
        guard let address = address(argument, defaultPort: 0), address.port > 0 else {
            throw ValidationError("write http://HOST:PORT.")
        }
        return address
    }

    private static func service(_ argument: String) throws -> HostPort {
        guard !argument.hasPrefix("https:") else {
            throw ValidationError("the relay speaks no TLS: name a server that takes plain HTTP.")
        }
        guard let address = address(argument, defaultPort: 80), address.port > 0 else {
            throw ValidationError("write http://HOST or http://HOST:PORT.")
        }
        return address
    }

    private static func address(_ argument: String, defaultPort: UInt16) -> HostPort? {
        let prefix = "http://"
        var text = argument.hasPrefix(prefix) ? argument.dropFirst(prefix.count) : argument[...]
        if text.hasSuffix("/") { text.removeLast() }
        return HostPort(text, defaultPort: defaultPort)
    }
}

/// The value of `--doors`: names separated by commas.
struct DoorList {
    static let all = DoorList(doors: Set(Door.allCases))
    let doors: Set<Door>

    private init(doors: Set<Door>) { self.doors = doors }

    init(_ argument: String) throws {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        let doors = names.compactMap { Door(rawValue: String($0)) }
        guard doors.count == names.count else {
            throw ValidationError("the doors are \(Door.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        self.doors = Set(doors)
    }
}
