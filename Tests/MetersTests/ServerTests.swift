// The server of the metrics over real sockets.

import Doors
import Glibc
import MSNP
import TestSupport
import Testing

@testable import Meters

@Suite(.timeLimit(.minutes(1))) struct ServerTests {
    /// What the server answers to some bytes, up to the end of the connection.
    private func ask(_ server: MetricsServer, _ text: String) throws -> String {
        let socket = try Loopback.connect(to: server.address.port)
        defer { close(socket) }
        let bytes = Array(text.utf8)
        _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += buffer.prefix(count)
        }
    }

    private func start() async throws -> (RelayMeters, MetricsServer) {
        let meters = RelayMeters(upstream: HostPort("10.0.0.5", 1863), version: "1")
        return (meters, try await MetricsServer.start(at: HostPort("127.0.0.1", 0), names: [], meters))
    }

    @Test func metricsHealthAndReadiness() async throws {
        let (meters, server) = try await start()
        let host = "Host: \(server.address)\r\n\r\n"
        let metrics = try ask(server, "GET /metrics HTTP/1.1\r\n\(host)")
        #expect(metrics.hasPrefix("HTTP/1.1 200 OK\r\n") && metrics.contains("text/plain; version=0.0.4"))
        #expect(metrics.contains("\nbutterflynet_build_info{version=\"1\"} 1\n"))
        #expect(metrics.contains("\nprocess_open_fds "))
        #expect(try ask(server, "GET /healthz HTTP/1.1\r\n\(host)").hasSuffix("\r\n\r\nok\n"))
        #expect(try ask(server, "GET /readyz HTTP/1.1\r\n\(host)").hasPrefix("HTTP/1.1 200 "))
        meters.dialled(HostPort("10.0.0.5", 1863), seconds: 1, .refused)
        let unready = try ask(server, "GET /readyz HTTP/1.1\r\n\(host)")
        #expect(unready.hasPrefix("HTTP/1.1 503 ") && unready.contains("[\"upstream_not_reached\"]"))
        // Another server that is away says nothing of the upstream.
        meters.dialled(HostPort("10.0.0.5", 1863), seconds: 0.2, .connected)
        meters.dialled(HostPort("10.0.0.6", 1864), seconds: 1, .timedOut)
        #expect(try ask(server, "GET /readyz HTTP/1.1\r\n\(host)").hasPrefix("HTTP/1.1 200 "))
        let failures = try ask(server, "GET /metrics HTTP/1.1\r\n\(host)")
        #expect(failures.contains("butterflynet_dial_failures_total{reason=\"refused\"} 1\n"))
        #expect(failures.contains("butterflynet_dial_duration_seconds_bucket{le=\"0.5\"} 1\n"))
        meters.observe(archive: {
            ArchiveFigures(behindSeconds: 0, backlogBytes: 0, failures: 3, lostBytes: 0, isRecording: false)
        })
        meters.observe(isAccepting: { false })
        #expect(try ask(server, "GET /readyz HTTP/1.1\r\n\(host)").contains("not_accepting"))
        await server.stop()
    }

    @Test func refusals() async throws {
        let (_, server) = try await start()
        #expect(try ask(server, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n").hasPrefix("HTTP/1.1 421 "))
        let post = "POST /metrics HTTP/1.1\r\nHost: \(server.address)\r\nContent-Length: 0\r\n\r\n"
        #expect(try ask(server, post).hasPrefix("HTTP/1.1 405 "))
        #expect(try ask(server, "nonsense\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
        await server.stop()
    }

    @Test func connectionsAreBounded() async throws {
        let (_, server) = try await start()
        var sockets: [Int32] = []
        for _ in 0..<16 { sockets.append(try Loopback.connect(to: server.address.port)) }
        // One more is closed at once.
        #expect(try ask(server, "").isEmpty)
        for socket in sockets { close(socket) }
        // And there is room again, as soon as the server has seen the ends.
        let host = "Host: \(server.address)\r\n\r\n"
        var answer = ""
        while answer.isEmpty { answer = (try? ask(server, "GET /healthz HTTP/1.1\r\n\(host)")) ?? "" }
        #expect(answer.hasSuffix("ok\n"))
        await server.stop()
    }

    @Test func anAddressThatIsTaken() async throws {
        let (listener, port) = try Loopback.listen()
        defer { close(listener) }
        let meters = RelayMeters(upstream: nil, version: "1")
        await #expect(throws: MetricsError.self) {
            try await MetricsServer.start(at: HostPort("127.0.0.1", port), names: [], meters)
        }
    }
}
