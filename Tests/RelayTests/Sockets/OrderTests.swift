// What comes first in the relay: forwarding, or looking at what is forwarded.

import Events
import MSNP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct OrderTests {
    /// The analysis of an invitation needs the lock on what was agreed on. While a test holds it, there are no events; but
    /// the bytes come all the same.
    @Test func bytesAreFlushedBeforeTheyAreAnalysed() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address, group: group)
        let (client, peer) = try await harness.meet(server, "VER 1 MSNP18\r\n")
        let invite = "INVITE MSNMSGR:ann@x.example MSNSLP/1.0\r\nCall-ID: {1}\r\nContent-Length: 0\r\n\r\n"
        let line = "UBN bob@x.example 3 \(invite.utf8.count)\r\n\(invite)"

        let isHeld = Observable(false)
        let mayRelease = ConditionLock(value: false)
        NIOThreadPool.singleton.submit { _ in
            harness.relay.transfers.withLockedValue { _ in
                isHeld.change { $0 = true }
                mayRelease.lock(whenValue: true)
                mayRelease.unlock()
            }
        }
        try await isHeld.wait(for: "the lock") { $0 ? () : nil }
        do {
            defer {
                mayRelease.lock()
                mayRelease.unlock(withValue: true)
            }
            try await peer.send(line)
            try await client.expect(line)
            #expect(!harness.recorder.events.contains { Self.isInvitation($0) })
        }
        try await harness.recorder.kept.wait(for: "the event") { kept in
            kept.events.contains { Self.isInvitation($0) } ? () : nil
        }
        await harness.relay.stop()
        await server.stop()
        try await group.shutdownGracefully()
    }

    private static func isInvitation(_ event: Event) -> Bool {
        if case .frame(let frame, .server) = event.kind { frame.verb == "UBN" } else { false }
    }
}
