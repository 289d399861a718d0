// Runs all checks of a configuration, one after the other. Nothing that it starts stays.

internal import Archive
internal import Doors
package import MSNP
package import NIOCore
internal import NIOPosix
internal import Relay

/// The doctor: looks at this machine and the upstream before, or while, a relay runs.
package struct Doctor: Sendable {
    private let options: DoctorOptions
    private let network: Network

    /// - Parameter group: event loops for connection attempts.
    package init(_ options: DoctorOptions, group: any EventLoopGroup) {
        self.options = options
        network = Network(group: group, patience: TimeAmount(options.patience))
    }

    /// The address that clients type.
    package func clientAddress() async -> HostPort {
        let choice = ClientAddress.choice(
            listen: options.mainListen, advertised: options.advertised, interfaces: LocalAddresses.ipv4())
        guard options.advertised == nil, OwnAddresses.isAny(options.mainListen.host), let from = options.from,
            let local = await network.localAddress(towards: from)
        else { return choice }
        return HostPort(local, choice.port)
    }

    /// Asks a running relay's health service whether it can serve clients.
    package func ready(at address: HostPort) async -> Check {
        guard case .success(let found) = await network.addresses(of: address), let target = found.first else {
            return Check.ready(nil, at: address, failure: "the name does not resolve")
        }
        let request = "GET /readyz HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
        let attempt = await network.attempt(target, saying: request)
        return Check.ready(attempt.answer, at: address, failure: attempt.failure)
    }

    /// All checks of a configuration, in the order of `Check.Name`.
    ///
    /// - Parameter each: called with each result as soon as it is known.
    package func examine(_ each: (Check) -> Void) async {
        let entries = HostsEntry.read(SmallFile.read(options.hostsFile) ?? "")
        let advertise = await listen(each)
        await upstream(each)
        each(await loop(entries))
        each(advertise)
        each(Check.clientView(options.from, await clientAddress()))
        each(Check.hostsFile(entries, path: options.hostsFile, upstream: options.upstream?.host))
        each(Check.proxies(options.proxyVariables))
        each(Check.transparent(Machine.packetFilters(), port: options.mainListen.port))
        each(archive())
        each(await clock())
        let limits = Machine.limits()
        each(
            Check.limits(limits, connections: FileBudget.connections(files: limits.hardFiles, loops: System.coreCount)))
    }

    /// Listens for a moment, and tries the address that clients get from every interface meanwhile.
    private func listen(_ each: (Check) -> Void) async -> Check {
        var open: [any Channel] = []
        var canConnect = false
        let hasLoopback = Machine.hasLoopback()
        for (index, address) in options.listen.enumerated() {
            let (fact, channel) = await network.listen(at: address)
            each(Check.listen(address, fact, command: options.command))
            if let channel { open.append(channel) }
            if index == 0 {
                switch fact {
                case .free, .taken: canConnect = hasLoopback
                default: break
                }
            }
        }
        // Port 0 stands for another one at every start.
        let port = open.first?.localAddress?.port.map { UInt16(clamping: $0) } ?? options.mainListen.port
        var interfaces: [InterfaceFact] = []
        for (name, address) in Machine.interfaces() where address.protocol == .inet {
            guard let host = address.ipAddress, !OwnAddresses.isLoopback(host), !host.hasPrefix("169.254.") else {
                continue
            }
            var fact = InterfaceFact(name: name, address: host)
            if canConnect, OwnAddresses.isAny(options.mainListen.host), port > 0 {
                fact.reaches = await reaches(options.advertised ?? HostPort(host, port), from: host)
            }
            interfaces.append(fact)
        }
        for channel in open { try? await channel.close() }
        let hasIPv6 = Machine.interfaces().contains { device in
            device.address.protocol == .inet6
                && device.address.ipAddress.map { $0 != "::1" && !$0.hasPrefix("fe80") } ?? false
        }
        return Check.advertise(
            listen: options.mainListen, advertised: options.advertised, interfaces: interfaces, hasIPv6: hasIPv6)
    }

    /// Whether a connection from an address of this machine comes about; nil if the address is not of this machine.
    private func reaches(_ target: HostPort, from host: String) async -> Bool? {
        guard case .success(let addresses) = await network.addresses(of: target), let address = addresses.first,
            let local = try? SocketAddress(ipAddress: host, port: 0), local.protocol == address.protocol
        else { return nil }
        return await network.attempt(address, from: local, saying: nil).milliseconds != nil
    }

    private func upstream(_ each: (Check) -> Void) async {
        guard let upstream = options.upstream, let target = options.target else {
            return each(Check(.upstream, .skipped, "No --upstream was named."))
        }
        switch await network.addresses(of: target) {
        case .failure(let error): each(Check.upstream(target, .unresolved(error.description)))
        case .success(let addresses):
            var attempts: [UpstreamFact.Attempt] = []
            for address in addresses.prefix(Self.mostAddresses) {
                // One greeting is enough.
                let isFirst = !attempts.contains { $0.milliseconds != nil }
                attempts.append(
                    await network.attempt(
                        address, saying: options.greets && isFirst ? ServerAnswer.greeting : nil))
            }
            each(Check.upstream(upstream, .tried(attempts)))
        }
    }

    private static let mostAddresses = 8

    private func loop(_ entries: [HostsEntry]) async -> Check {
        var targets: [(option: String, addresses: [HostPort])] = []
        let dialled = options.dial.map { ("--dial \($0.key)=\($0.value)", $0.value) }.sorted { $0.0 < $1.0 }
        for (option, target) in [options.upstream.map { ("--upstream \($0)", options.target ?? $0) }].compactMap(\.self)
            + dialled
        {
            let found = (try? await network.addresses(of: target).get()) ?? []
            targets.append(
                (option, found.map { HostPort($0.ipAddress ?? "", UInt16(clamping: $0.port ?? 0)) }))
        }
        let own = OwnAddresses(
            listen: options.listen, interfaces: Machine.interfaces().compactMap(\.address.ipAddress))
        return Check.loop(targets, own, names: entries.filter { OwnAddresses.isLoopback($0.address) })
    }

    private func archive() -> Check {
        guard let path = options.archive else { return Check.archive(nil, ArchiveFact()) }
        var fact = Machine.archive(path)
        guard fact.exists else { return Check.archive(path, fact) }
        do {
            let health = try ArchiveHealth(path)
            fact.bytes = UInt64(clamping: health.bytes)
            fact.version = health.version
            fact.recordedBy = health.recordedBy
            fact.seconds = health.seconds
            fact.faults = health.faults
        } catch {
            fact.failure = "\(error)"
        }
        return Check.archive(path, fact)
    }

    private func clock() async -> Check {
        guard let target = options.target, options.greets,
            case .success(let addresses) = await network.addresses(of: HostPort(target.host, 80)),
            let address = addresses.first
        else { return Check.clock(server: nil, now: 0) }
        let request = "HEAD / HTTP/1.1\r\nHost: \(target.host)\r\nConnection: close\r\n\r\n"
        let answer = await network.attempt(address, saying: request).answer ?? []
        return Check.clock(server: Check.date(in: answer), now: Machine.seconds())
    }
}
