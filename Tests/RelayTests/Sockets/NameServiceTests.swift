// Lookups of names: those that hang delay no others, and nobody asks the system for real.

import MSNP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Relay

extension NameService {
    /// One that is asked for numbers only.
    static func unused() -> NameService {
        NameService(
            configured: [], timeout: .seconds(1), lookup: { throw RelayError("\($0) was looked up") }, report: { _ in })
    }
}

/// A resolver made for a test.
private final class Resolver: Sendable {
    struct Asked {
        var hosts: [String] = []
        /// Fails for all hosts.
        var isUnreachable = false
    }

    let asked = Observable(Asked())
    private let latch = ConditionLock(value: 0)

    /// Finds 192.0.2.1 for every host. Hosts that begin with `slow` take until `release`.
    func lookup(_ target: HostPort) throws -> [SocketAddress] {
        var isUnreachable = false
        asked.change {
            $0.hosts.append(target.host)
            isUnreachable = $0.isUnreachable
        }
        if isUnreachable { throw RelayError("\(target.host) does not resolve: unreachable") }
        if target.host.hasPrefix("slow") {
            latch.lock(whenValue: 1)
            latch.unlock()
        }
        return [try SocketAddress(ipAddress: "192.0.2.1", port: 0)]
    }

    /// Lets slow lookups end.
    func release() {
        latch.lock()
        latch.unlock(withValue: 1)
    }

    /// Lets slow lookups hang again.
    func hold() {
        latch.lock()
        latch.unlock(withValue: 0)
    }

    func asked(_ count: Int) async throws {
        try await asked.wait(for: "\(count) lookups") { $0.hosts.count >= count ? () : nil }
    }
}

@Suite(.timeLimit(.minutes(1))) struct NameServiceTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let resolver = Resolver()
    private let reports = Observable<[String]>([])

    private func service(_ timeout: TimeAmount = .seconds(60)) -> NameService {
        NameService(
            configured: ["upstream.example", "slow.upstream.example"], timeout: timeout, lookup: resolver.lookup
        ) { [reports] line in reports.change { $0.append(line) } }
    }

    private func ask(_ service: NameService, _ host: String, _ port: UInt16 = 1_863) -> EventLoopFuture<[String]> {
        service.addresses(of: HostPort(host, port), on: loop).map { $0.map(\.text) }
    }

    @Test func slowNamesFromRedirectsDoNotDelayTheUpstream() async throws {
        let service = service()
        let slow = (0..<40).map { ask(service, "slow\($0).example") }
        try await resolver.asked(16)
        #expect(try await ask(service, "upstream.example").get() == ["192.0.2.1:1863"])
        resolver.release()
        for answer in slow { #expect(try await answer.get() == ["192.0.2.1:1863"]) }
        service.close()
    }

    @Test func oneNameIsLookedUpOnce() async throws {
        let service = service()
        let answers = (1...100).map { ask(service, "slow.example", $0) }
        try await resolver.asked(1)
        resolver.release()
        for (index, answer) in answers.enumerated() { #expect(try await answer.get() == ["192.0.2.1:\(index + 1)"]) }
        #expect(resolver.asked.value.hosts == ["slow.example"])
        // Only while it is under way: what it means may change.
        _ = try await ask(service, "slow.example").get()
        #expect(resolver.asked.value.hosts.count == 2)
        service.close()
    }

    @Test func theNameThatIsOneTooManyIsRefusedAtOnce() async throws {
        let service = service()
        let slow = (0..<16 + NameQueue.mostWaiting).map { ask(service, "slow\($0).example") }
        let error = await #expect(throws: RelayError.self) { _ = try await ask(service, "late.example").get() }
        #expect(error?.description == "late.example is not looked up: 64 other names are waiting already")
        // It is the names that are counted.
        let again = ask(service, "slow79.example")
        resolver.release()
        for answer in slow + [again] { _ = try await answer.get() }
        #expect(try await ask(service, "late.example").get() == ["192.0.2.1:1863"])
        service.close()
    }

    @Test func aLookupEndsInTime() async throws {
        let service = service(.milliseconds(20))
        let slow = (0..<20).map { ask(service, "slow\($0).example") }
        for (number, answer) in slow.enumerated() {
            let error = await #expect(throws: RelayError.self) { _ = try await answer.get() }
            #expect(error?.description.hasPrefix("slow\(number).example does not resolve: no answer within") == true)
        }
        // What nobody waits for any more is not begun.
        try await resolver.asked(16)
        resolver.release()
        while (try? await ask(service, "quick.example").get()) == nil { await Task.yield() }
        #expect(Set(resolver.asked.value.hosts) == Set((0..<16).map { "slow\($0).example" } + ["quick.example"]))
        service.close()
    }

    @Test func theUpstreamKeepsItsAddressesWhileItDoesNotResolve() async throws {
        let service = service()
        _ = try await ask(service, "upstream.example").get()
        _ = try await ask(service, "other.example").get()
        resolver.asked.change { $0.isUnreachable = true }
        for _ in 0..<3 { #expect(try await ask(service, "upstream.example").get() == ["192.0.2.1:1863"]) }
        await #expect(throws: RelayError.self) { _ = try await ask(service, "other.example").get() }
        #expect(
            reports.value == [
                "upstream.example does not resolve: unreachable; its last known addresses are used until it does"
            ])
        service.close()
    }

    @Test func aResolverThatHangsKeepsNobodyFromKnownAddresses() async throws {
        let service = service()
        resolver.release()
        _ = try await ask(service, "slow.upstream.example").get()
        resolver.hold()
        #expect(try await ask(service, "slow.upstream.example").get() == ["192.0.2.1:1863"])
        #expect(reports.value.count == 1)
        resolver.release()
        service.close()
    }

    @Test func nobodyWaitsForAServiceThatIsClosed() async throws {
        let service = service()
        let slow = ask(service, "slow.example")
        try await resolver.asked(1)
        service.close()
        await #expect(throws: RelayError.self) { _ = try await slow.get() }
        await #expect(throws: RelayError.self) { _ = try await ask(service, "quick.example").get() }
        resolver.release()
    }

    /// Through a relay: a server names hosts that take for ever, and the next client reaches it all the same.
    @Test func aServerThatNamesSlowHostsStopsNoOtherClient() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: HostPort("upstream.example", server.address.port)) {
            $0.lookup = { [resolver] target in
                _ = try resolver.lookup(target)
                return [try SocketAddress(ipAddress: "127.0.0.1", port: 0)]
            }
        }
        for number in 0..<20 {
            let (_, peer) = try await harness.meet(server)
            try await peer.send("XFR 2 NS slow\(number).example:1863 0\r\n")
        }
        // The lookup at the start, one for each client, and one for each redirect that found a thread.
        try await resolver.asked.wait(for: "16 slow lookups") {
            $0.hosts.count { $0.hasPrefix("slow") } == 16 ? () : nil
        }
        let (client, peer) = try await harness.meet(server)
        try await peer.send("VER 1 MSNP12\r\n")
        try await client.expect("VER 1 MSNP12\r\n")
        await harness.relay.stop()
        resolver.release()
        await server.stop()
    }
}
