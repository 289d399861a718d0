// The doctor on this machine, with real sockets: a server that answers, one that does not, and a port that is taken.

import Foundation
import Glibc
import MSNP
import NIOPosix
import TestSupport
import Testing

@testable import Doctor

@Suite(.timeLimit(.minutes(1))) struct ExaminationTests {
    private func examine(_ options: DoctorOptions) async -> [Check.Name: [Check]] {
        var options = options
        options.patience = .seconds(2)
        var found: [Check.Name: [Check]] = [:]
        await Doctor(options, group: MultiThreadedEventLoopGroup.singleton).examine { check in
            found[check.name, default: []].append(check)
        }
        return found
    }

    /// A server that says something to its first client.
    private func server(saying answer: String) throws -> UInt16 {
        let (listener, port) = try Loopback.listen()
        // `accept` blocks, so it needs a thread of its own.
        Thread.detachNewThread {
            let client = accept(listener, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 64)
            _ = recv(client, &buffer, buffer.count, 0)
            let bytes = Array(answer.utf8)
            _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(client)
            close(listener)
        }
        return port
    }

    @Test func everyCheckHasAResult() async throws {
        let port = try server(saying: "VER 1 MSNP8 CVR0\r\n")
        let scratch = try Scratch()
        var options = DoctorOptions(listen: [HostPort("127.0.0.1", 0)])
        options.upstream = HostPort("127.0.0.1", port)
        options.archive = scratch.path("a.sqlite")
        let found = await examine(options)
        #expect(Set(found.keys) == Set(Check.Name.allCases).subtracting([.ready]))
        #expect(found[.listen]?.first?.outcome == .ok)
        #expect(found[.upstream]?.first?.text.contains("VER 1 MSNP8 CVR0") == true)
        #expect(found[.loop]?.first?.outcome == .ok && found[.archive]?.first?.outcome == .ok)
        // Nothing stays.
        #expect(try scratch.names(in: "").isEmpty)
    }

    @Test func aWebServerIsNoMessengerServer() async throws {
        let port = try server(saying: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        var options = DoctorOptions(listen: [HostPort("127.0.0.1", 0)])
        options.upstream = HostPort("127.0.0.1", port)
        let found = await examine(options)
        #expect(found[.upstream]?.first?.outcome == .failed)
        #expect(found[.upstream]?.first?.advice == ["--upstream 127.0.0.1:1863"])
    }

    @Test func aPortThatThisProcessHasAndAnUpstreamThatIsTheRelay() async throws {
        let (listener, port) = try Loopback.listen()
        defer { close(listener) }
        let own = HostPort("127.0.0.1", port)
        var options = DoctorOptions(listen: [own])
        options.upstream = own
        options.greets = false
        let found = await examine(options)
        let listen = try #require(found[.listen]?.first)
        #expect(listen.outcome == .failed && listen.text.contains("process \(getpid())"), "\(listen)")
        #expect(found[.loop]?.first?.outcome == .failed)
    }

    @Test func aNameThatDoesNotResolve() async throws {
        var options = DoctorOptions(listen: [HostPort("127.0.0.1", 0)])
        options.upstream = HostPort("no-such-host.invalid", 1863)
        let found = await examine(options)
        #expect(found[.upstream]?.first?.outcome == .failed)
    }

    @Test func theLinesForAClientHaveTheAddressTowardsIt() async throws {
        var options = DoctorOptions(listen: [HostPort("0.0.0.0", 0)])
        options.from = "127.0.0.1"
        let doctor = Doctor(options, group: MultiThreadedEventLoopGroup.singleton)
        #expect(await doctor.clientAddress().host == "127.0.0.1")
        let check = Check.clientView("192.0.2.1", HostPort("192.0.2.9", 1863))
        #expect(check.advice == ["Test-NetConnection 192.0.2.9 -Port 1863", "nc -vz 192.0.2.9 1863"])
    }
}
