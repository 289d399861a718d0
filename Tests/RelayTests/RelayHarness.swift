// A relay on loopback with its events and reports.

import Events
import MSNP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Relay

/// Keeps every event, and can refuse more.
final class Recorder: LiveEventSink {
    struct Kept: Sendable {
        var events: [Event] = []
        var isFull = false
        var callbacks: [@Sendable () -> Void] = []
        var refusals = 0
    }

    let kept = Observable(Kept())

    func receive(_ events: [Event]) -> Bool {
        var isReady = true
        kept.change { kept in
            kept.events += events
            isReady = !kept.isFull
            if kept.isFull { kept.refusals += 1 }
        }
        return isReady
    }

    func whenReady(_ callback: @escaping @Sendable () -> Void) {
        var isReady = true
        kept.change { kept in
            isReady = !kept.isFull
            if kept.isFull { kept.callbacks.append(callback) }
        }
        if isReady { callback() }
    }

    /// Accepts events again.
    func open() {
        var callbacks: [@Sendable () -> Void] = []
        kept.change { kept in
            callbacks = kept.callbacks
            kept.callbacks = []
            kept.isFull = false
        }
        for callback in callbacks { callback() }
    }

    var events: [Event] { kept.value.events }

    /// Waits for so many closed connections.
    func closed(_ count: Int = 1) async throws {
        try await kept.wait(for: "\(count) closed connections") { kept in
            let closed = kept.events.count { if case .closed = $0.kind { true } else { false } }
            return closed >= count ? () : nil
        }
    }

    var findings: [String] { Self.findings(events) }

    /// The findings, once there are so many: events come just after the bytes went out.
    func findings(_ count: Int) async throws -> [String] {
        try await kept.wait(for: "\(count) findings") { kept in
            let findings = Self.findings(kept.events)
            return findings.count >= count ? findings : nil
        }
    }

    /// The relay's own findings, without those that the analysis of the invented commands adds.
    private static func findings(_ events: [Event]) -> [String] {
        events.compactMap {
            if case .finding(let finding) = $0.kind, !finding.isDerived { finding.name.text } else { nil }
        }
    }

    var noises: [Noise] { events.compactMap { if case .noise(let noise, _) = $0.kind { noise } else { nil } } }
    var sums: [(client: Tally.Sums, server: Tally.Sums)] {
        events.compactMap {
            if case .closed(_, _, let client, let server) = $0.kind { (client, server) } else { nil }
        }
    }
    /// Why the connections closed, in the order of their ends.
    var closingReasons: [String] {
        events.compactMap { if case .closed(_, let reason, _, _) = $0.kind { reason.text } else { nil } }
    }
    var listening: [HostPort] {
        events.compactMap { if case .listening(let address) = $0.kind { address } else { nil } }
    }
}

/// A relay on loopback.
struct RelayHarness {
    let relay: RelayServer
    let recorder: Recorder
    let reports: Observable<[String]>
    var door: HostPort { relay.listenAddress }

    /// Starts a relay to a server; it listens at any free port.
    static func start(
        to upstream: HostPort?, listen: HostPort = HostPort("127.0.0.1", 0), recorder: Recorder = Recorder(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ change: (inout RelayOptions) -> Void = { _ in }
    ) async throws -> RelayHarness {
        let reports = Observable<[String]>([])
        var options = RelayOptions(upstream: upstream, listen: listen)
        options.firstLineTimeout = .seconds(30)
        change(&options)
        let relay = try await RelayServer.start(options, group: group, sink: recorder) { line in
            reports.change { $0.append(line) }
        }
        return RelayHarness(relay: relay, recorder: recorder, reports: reports)
    }

    /// Waits until the events of all that was carried so far are in the recorder.
    func settle() async { await relay.events.flush(on: MultiThreadedEventLoopGroup.singleton.next()) }

    /// A client that has sent its first line, and the server's end of its connection.
    func meet(
        _ server: TestServer, _ first: String = "VER 1 MSNP12 CVR0\r\n", at address: HostPort? = nil
    ) async throws -> (client: TestPeer, server: TestPeer) {
        let client = try await TestPeer.connect(to: address ?? door)
        try await client.send(first)
        let peer = try await server.accept()
        try await peer.expect(first)
        return (client, peer)
    }

    /// Does something while an event loop waits, so that the loop finds all effects at once.
    func pausing<Result>(_ loop: any EventLoop, _ body: () async throws -> Result) async throws -> Result {
        let isPaused = Observable(false)
        let mayContinue = ConditionLock(value: false)
        defer {
            mayContinue.lock()
            mayContinue.unlock(withValue: true)
        }
        loop.execute {
            isPaused.change { $0 = true }
            mayContinue.lock(whenValue: true)
            mayContinue.unlock()
        }
        try await isPaused.wait(for: "the pause") { $0 ? () : nil }
        return try await body()
    }
}
