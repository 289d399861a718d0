// Requests that look through much: they wait for each other, and nobody else waits for them.

import Archive
import Dispatch
import Foundation
import MSNP
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(2))) struct ExpensiveRequestTests {
    /// However many of them wait, two run at a time, the next one is refused, and others are answered.
    @Test(arguments: [(ReadPools.Lane.scan, 16), (.whole, 4)])
    func theyHaveThreadsOfTheirOwn(lane: ReadPools.Lane, places: Int) async throws {
        let pools = ReadPools()
        let gate = DispatchSemaphore(value: 0)
        let running = NIOLockedValueBox((now: 0, most: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<places {
                group.addTask {
                    try await pools[lane].run {
                        running.withLockedValue { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                        gate.wait()
                        running.withLockedValue { $0.now -= 1 }
                    }
                }
            }
            while pools[lane].taken < places { await Task.yield() }
            let error = await #expect(throws: RequestError.self) { try await pools[lane].run {} }
            #expect(error?.refusal == .busy)
            #expect(try await pools[.quick].run { 1 } == 1)
            for _ in 0..<places { gate.signal() }
            try await group.waitForAll()
        }
        #expect(running.withLockedValue { $0.most } <= 2)
        #expect(try await pools[lane].run { 1 } == 1)
        await pools.stop()
    }

    /// 200 searches for signs, filters over everything and previews at once; another reader is answered each time.
    @Test func anotherReaderIsAnswered() async throws {
        try await TestPage.run(["demo.pcap", "transfers.pcap", "two-views.pcap"]) { page, client in
            let reader = try await page.signedIn()
            let paths = [
                "/api/v1/messages?q=%E2%98%83", "/api/v1/events?where=text+contains+%22zzz%22",
                "/api/v1/export/preview?format=jsonl&redacted=1", "/api/v1/messages?q=%3F",
            ]
            try await withThrowingTaskGroup(of: Int.self) { group in
                // Of 64 connections, some stay free.
                for number in 0..<40 {
                    group.addTask {
                        var refused = 0
                        for turn in 0..<5 {
                            let reply = try await client.get(paths[(number + turn) % paths.count])
                            #expect(reply.status == 200 || reply.status == 503, "\(reply.text)")
                            if reply.status == 503 {
                                refused += 1
                                #expect(reply.value("Retry-After") == "1")
                            }
                        }
                        return refused
                    }
                }
                for _ in 0..<20 { #expect(try await reader.get("/api/v1/sign-ins").status == 200) }
                var refused = 0
                for try await count in group { refused += count }
                #expect(refused < 200)
            }
            #expect(try await reader.get("/api/v1/messages?q=%3F").status == 200)
        }
    }

    /// What nobody waits for any more is not read to its end.
    @Test func aRequestThatIsGivenUpEnds() async throws {
        let presence = ClientPresence()
        try await TestPage.run { page, _ in
            let data = DataService(
                WebOptions(try ArchiveReader(page.path), mode: .archive, listen: HostPort("", 0), version: ""))
            presence.leave()
            for path in ["messages?q=a", "events?where=verb+%3D%3D+MSG", "export/preview?redacted=1", "ladder?of=s1"] {
                let parts = path.split(separator: "?").map(String.init)
                let route = try #require(DataRoute(parts[0].split(separator: "/").map(String.init)))
                let error = await #expect(throws: RequestError.self) {
                    _ = try await data.answer(route, parts[1], presence)
                }
                #expect(error?.refusal == .gone, "\(path)")
            }
            await data.stop()
        }
    }
}
