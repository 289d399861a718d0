// The commands that show a page: their links, ready files, refusals and ends.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct WebCommandTests {
    /// Asks a page with the token of its link.
    private func get(_ path: String, of link: String) throws -> String {
        let parts = try #require(link.wholeMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\/#token=([A-Za-z0-9_-]+)/))
        let descriptor = try Loopback.connect(to: try #require(UInt16(parts.output.1)))
        defer { close(descriptor) }
        let request =
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(parts.output.1)\r\nAuthorization: Bearer \(parts.output.2)\r\n"
            + "Connection: close\r\n\r\n"
        _ = request.withCString { write(descriptor, $0, strlen($0)) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += buffer[..<count]
        }
    }

    private func link(_ program: Program, _ ready: String) async throws -> String {
        let data = try await program.wait(for: "the ready file") { FileManager.default.contents(atPath: ready) }
        let link = try #require(try object(String(decoding: data, as: UTF8.self))["web"] as? String)
        // It stands on a line of its own.
        _ = try await program.wait(for: "the link") {
            program.errors.split(separator: "\n").contains { $0 == link } ? () : nil
        }
        return link
    }

    @Test func capturesAreShownAndLeaveNothingBehind() async throws {
        let scratch = try Scratch()
        let ready = scratch.path("ready")
        try FileManager.default.createDirectory(atPath: scratch.path("temporary"), withIntermediateDirectories: true)
        let program = try Program(
            ["web", Repository.capture("demo.pcap"), "--listen", "0", "--ready-file", ready],
            environment: ["TMPDIR": scratch.path("temporary")])
        let link = try await link(program, ready)
        #expect(try scratch.permissions("ready") == 0o600)
        let answer = try await program.wait(for: "the import") { () -> String? in
            let answer = try get("/api/v1/", of: link)
            return answer.contains("\"finished\":true") ? answer : nil
        }
        #expect(
            answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("\"sign_ins\":2")
                && answer.contains("\"mode\":\"captures\""))
        #expect(try scratch.names(in: "temporary").count == 1)
        program.terminate()
        let outcome = try await program.outcome()
        #expect(outcome.code == 143 && outcome.output.isEmpty)
        #expect(try scratch.names(in: "temporary").isEmpty)
    }

    @Test func anArchiveIsShown() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        #expect(try await Program.run("import", "--archive", archive, Repository.capture("transfers.pcap")).code == 0)
        let token = String(repeating: "t", count: 40)
        let file = try scratch.write(token + "\n", to: "token")
        chmod(file, 0o600)
        let ready = scratch.path("ready")
        let program = try Program([
            "web", "--archive", archive, "--listen", "0", "--ready-file", ready, "--token-file", file,
        ])
        let link = try await link(program, ready)
        #expect(link.hasSuffix("/#token=\(token)"))
        #expect(try get("/api/v1/media", of: link).contains("\"notes.txt\""))
        #expect(try get("/", of: link).contains("<!DOCTYPE html>"))
        program.interrupt()
        #expect(try await program.outcome().code == 130)
    }

    @Test func aRelayAndADemoShowWhatTheyRecord() async throws {
        let scratch = try Scratch()
        let ready = scratch.path("ready")
        let program = try Program(["demo", "--web", "0", "--listen", "0", "--ready-file", ready])
        let link = try await link(program, ready)
        let rows = try await program.wait(for: "the chat") { () -> String? in
            let rows = try get("/api/v1/events?where=event+%3D%3D+message", of: link)
            return rows.contains("Guess which protocol") ? rows : nil
        }
        #expect(rows.contains("\"role\":\"SB\""))
        #expect(try get("/api/v1/", of: link).contains("\"mode\":\"relay\",\"recording\":\"r1\""))
        program.terminate()
        #expect(try await program.outcome().code == 143)
        let relayReady = scratch.path("relay")
        let relay = try Program([
            "relay", "--upstream", "127.0.0.1:1", "--listen", "0", "--web", "0", "--ready-file", relayReady,
        ])
        let other = try await self.link(relay, relayReady)
        #expect(try get("/api/v1/", of: other).contains("\"listening\":[\"127.0.0.1:"))
        relay.terminate()
        #expect(try await relay.outcome().code == 143)
    }

    @Test(arguments: [
        (["relay", "--upstream", "a", "--web", "--no-archive"], "--no-archive records nothing"),
        (["relay", "--upstream", "127.0.0.1:1865", "--web"], "address of the page"),
        (["demo", "--web", "--once"], "--once ends the program"),
        (["relay", "--upstream", "a", "--token-file", "x"], "add --web"),
        (["web", "--listen", "0.0.0.0:0"], "--password-file"), (["web", "--listen", "192.0.2.1:0"], "SSH tunnel"),
        (["web", "-"], "use import"), (["web", "a.pcap", "--archive", "b"], "not both"),
        (["web", "--origin", "example.org"], "write https://NAME"), (["web", "--origin", "https://a/b"], "no path"),
        (["web", "--token-file", "a", "--password-file", "b"], "together"),
    ])
    func wrongUsage(_ arguments: [String], _ reason: String) async throws {
        let outcome = try await Program.run(arguments)
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
    }

    @Test func secretFilesAreChecked() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        #expect(try await Program.run("import", "--archive", archive, Repository.capture("tcp-hole.pcap")).code == 0)
        let short = try scratch.write("short\n", to: "short")
        chmod(short, 0o600)
        let open = try scratch.write(String(repeating: "t", count: 40), to: "open")
        chmod(open, 0o644)
        for (file, reason) in [(short, "32 characters"), (open, "chmod 600"), (scratch.path("none"), "umask 077")] {
            let outcome = try await Program.run("web", "--archive", archive, "--listen", "0", "--token-file", file)
            #expect(outcome.code == 1 && outcome.errors.contains(reason), "\(outcome.errors)")
        }
        let none = try await Program.run("web", "--archive", scratch.path("none.sqlite"))
        #expect(none.code == 1 && none.errors.contains("there is no archive"))
    }
}
