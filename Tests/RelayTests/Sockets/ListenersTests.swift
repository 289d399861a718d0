// Extra listeners: how many there are, and which one gives way.

import MSNP
import NIOCore
import NIOPosix
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct ListenersTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func listeners(_ ports: ClosedRange<UInt16>? = nil) async throws -> Listeners {
        let listeners = Listeners(
            group: MultiThreadedEventLoopGroup.singleton, ports: ports, gate: AcceptGate(), names: .unused(),
            accepted: { _ in }, filesExhausted: {}
        )
        _ = try await listeners.openMain(at: HostPort("127.0.0.1", 0), accept: accept)
        return listeners
    }

    private let accept: Listeners.Accept = { $0.eventLoop.makeSucceededVoidFuture() }

    private func target(_ number: Int) -> HostPort { HostPort("192.0.2.1", UInt16(2_000 + number)) }

    private func open(_ listeners: Listeners, _ number: Int) async throws -> (HostPort, isNew: Bool) {
        let (place, isNew) = try await listeners.open(for: target(number), on: loop, accept: accept).get()
        return (place, isNew)
    }

    /// Whether somebody listens there.
    private func listens(_ place: HostPort) async -> Bool {
        guard let peer = try? await TestPeer.connect(to: place) else { return false }
        await peer.close()
        return true
    }

    @Test func theLongestUnusedGivesWay() async throws {
        let listeners = try await listeners()
        var places: [HostPort] = []
        for number in 0..<Listeners.mostExtra { places.append(try await open(listeners, number).0) }
        #expect(Set(places.map(\.port)).count == Listeners.mostExtra && listeners.addresses.count == 65)
        // The first is connected over, the second was asked for again: the third goes.
        listeners.arrived(at: target(0))
        #expect(try await open(listeners, 1) == (places[1], isNew: false))
        let next = try await open(listeners, 64)
        #expect(next.isNew && listeners.addresses.count == 65)
        #expect(await !listens(places[2]))
        for place in [places[0], places[1], places[3], next.0] { #expect(await listens(place), "\(place)") }
        // It comes back when it is asked for again.
        let again = try await open(listeners, 2)
        #expect(again.isNew && listeners.addresses.count == 65)
        #expect(await listens(again.0))
        await listeners.close()
    }

    @Test func noneGivesWayWhileAllAreInUse() async throws {
        let listeners = try await listeners()
        for number in 0..<Listeners.mostExtra {
            _ = try await open(listeners, number)
            listeners.arrived(at: target(number))
        }
        let error = await #expect(throws: RelayError.self) { _ = try await open(listeners, 64) }
        #expect(error?.description.contains("64") == true)
        #expect(listeners.addresses.count == 65)
        listeners.left(target(7))
        #expect(try await open(listeners, 64).isNew)
        #expect(listeners.addresses.count == 65)
        await listeners.close()
    }

    /// Two ports next to each other that are free now.
    private func freePorts() async throws -> ClosedRange<UInt16> {
        for _ in 0..<50 {
            let probe = try await TestServer.start()
            let port = probe.address.port
            await probe.stop()
            guard port < .max, await !listens(HostPort("127.0.0.1", port + 1)) else { continue }
            return port...(port + 1)
        }
        throw TimedOut(description: "no two free ports")
    }

    @Test func aPortThatIsNotUsedIsGivenToAnother() async throws {
        // Another program may bind one of the ports between the probe and the test: then other ports are tried.
        for _ in 0..<20 {
            let listeners = try await listeners(try await freePorts())
            guard let first = try? await open(listeners, 0).0, let second = try? await open(listeners, 1).0,
                second != first, let third = try? await open(listeners, 2)
            else {
                await listeners.close()
                continue
            }
            #expect(third.isNew && third.0 == first)
            listeners.arrived(at: target(1))
            listeners.arrived(at: target(2))
            await #expect(throws: RelayError.self) { _ = try await open(listeners, 3) }
            await listeners.close()
            return
        }
        throw TimedOut(description: "no two free ports")
    }

    @Test func anOpeningThatFailedIsForgotten() async throws {
        let blocker = try await TestServer.start()
        let listeners = try await listeners(blocker.address.port...blocker.address.port)
        await #expect(throws: RelayError.self) { _ = try await open(listeners, 0) }
        await blocker.stop()
        #expect(try await open(listeners, 0).isNew)
        await listeners.close()
    }

    /// An opening that ends after `close` leaves no listener behind.
    @Test func noneOpensAfterTheEnd() async throws {
        // Another program may take the port between the test's steps: then another port is tried.
        for _ in 0..<20 {
            let ports = try await freePorts()
            let listeners = try await listeners(ports)
            await listeners.close()
            await #expect(throws: RelayError.self) { _ = try await open(listeners, 0) }
            if await !listens(HostPort("127.0.0.1", ports.lowerBound)) { return }
        }
        Issue.record("a listener is open after the end")
    }

    /// Through a relay: after more servers than listeners, a new client's redirect still leads over the relay.
    @Test func aFloodOfRedirectsLeavesRoomForLaterClients() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        let redirects = (0..<300).map { "XFR \($0 + 2) NS 192.0.2.1:\(3_000 + $0) 0 192.0.2.9:1\r\n" }
        try await peer.send(redirects.joined())
        for _ in redirects { #expect(try await client.line().contains(" NS 127.0.0.1:")) }
        await client.close()
        await peer.close()
        try await harness.recorder.closed()
        let (second, secondPeer) = try await harness.meet(server)
        try await secondPeer.send("XFR 2 NS 192.0.2.2:1863 0 192.0.2.9:1\r\n")
        #expect(try await second.line().contains(" NS 127.0.0.1:"))
        #expect(harness.relay.listeners.addresses.count == 65)
        await harness.relay.stop()
        await server.stop()
    }
}
