// Many clients at once.

import Glibc
import MSNP
import NIOCore
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1)), .serialized) struct CrowdTests {
    /// Servers close when their client has.
    private func closeWhenDone(_ peer: TestPeer) {
        Task {
            _ = try await peer.received.wait(for: "the client's end") { $0.end }
            await peer.close()
        }
    }

    @Test func twoHundredAtOnceEachOnItsOwnSwitchboard() async throws {
        let server = try await TestServer.start()
        let boards = [try await TestServer.start(), try await TestServer.start()]
        let harness = try await RelayHarness.start(to: server.address)
        let door = harness.door
        let answering = Task {
            for number in 0..<200 {
                let peer = try await server.accept()
                try await peer.send("XFR 15 SB \(boards[number % 2].address) CKI board\(number % 2).\(number)\r\n")
                closeWhenDone(peer)
            }
        }
        let boarding = boards.enumerated().map { index, board in
            Task {
                for _ in 0..<100 {
                    let peer = try await board.accept()
                    let line = try await peer.line()
                    #expect(line.contains(" board\(index)."), "\(line) came to \(index)")
                    try await peer.send("ok \(line)")
                    closeWhenDone(peer)
                }
            }
        }
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    let client = try await TestPeer.connect(to: door)
                    try await client.send("VER 1 MSNP12\r\nUSR 2 TWN I c\(number)@x.example\r\n")
                    let words = try await client.line().split(separator: " ")
                    #expect(words[3] == "\(door)")
                    let second = try await TestPeer.connect(to: door)
                    let line = "USR 1 c\(number)@x.example \(words[5])"
                    try await second.send(line)
                    try await second.expect("ok \(line)")
                    await second.close()
                    await client.close()
                }
            }
            try await group.waitForAll()
        }
        try await answering.value
        for task in boarding { try await task.value }
        try await harness.recorder.closed(400)
        await harness.settle()
        #expect(harness.recorder.findings.isEmpty)
        await harness.relay.stop()
        for server in boards + [server] { await server.stop() }
    }

    @Test func aThousandQuietConnectionsStayAlive() async throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(7), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(7), &limit)
        guard limit.rlim_cur >= 6_000 else {
            print("SKIPPED: a thousand connections need 6,000 open files, ulimit -n allows \(limit.rlim_cur)")
            return
        }
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        var clients: [TestPeer] = []
        var peers: [TestPeer] = []
        for number in 0..<1_000 {
            let client = try await TestPeer.connect(to: harness.door)
            try await client.send("VER \(number) MSNP8\r\n")
            clients.append(client)
        }
        for _ in clients { peers.append(try await server.accept()) }
        for peer in peers {
            let line = try await peer.line()
            try await peer.send("echo \(line)")
        }
        for (number, client) in clients.enumerated() { try await client.expect("echo VER \(number) MSNP8\r\n") }
        for client in clients { try await client.send("PNG\r\n") }
        for peer in peers {
            try await peer.expect("PNG\r\n")
            try await peer.send("QNG 50\r\n")
        }
        for client in clients { try await client.expect("QNG 50\r\n") }
        await harness.relay.stop()
        try await harness.recorder.closed(1_000)
        for peer in clients + peers { _ = try await peer.received.wait(for: "the end") { $0.end } }
        await server.stop()
    }

    @Test func thousandsOfRedirectsInOneChunk() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server)
        client.digestOnly()
        let count = 20_000
        try await peer.send(String(repeating: "RNG  a CKI b\n", count: count))
        let wanted = "RNG  \(harness.door) CKI b\n".utf8.count * count
        _ = try await client.received.wait(for: "\(wanted) bytes") { $0.total >= wanted ? () : nil }
        #expect(client.received.value.total == wanted)
        await harness.relay.stop()
        await server.stop()
    }
}
