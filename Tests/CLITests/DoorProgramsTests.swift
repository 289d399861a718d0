// Other people's clients through the proxies of the built program, where they are installed.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)), .serialized) struct DoorProgramsTests {
    private static let greeting = "VER 1 MSNP8 CVR0\r\n"

    /// Where a program is; nil, with a warning, if it is not installed.
    private static func find(_ program: String) -> String? {
        for folder in ["/usr/bin", "/bin", "/usr/local/bin"] {
            let path = "\(folder)/\(program)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        print("SKIPPED: DoorProgramsTests: \(program) is not installed (tools/other-programs-setup)")
        return nil
    }

    /// A relay in front of the sandbox, and its port.
    private struct Relay {
        let sandbox: Program
        let relay: Program
        let port: Int

        init(_ more: String...) async throws {
            let scratch = try Scratch()
            sandbox = try Program(["sandbox", "--port", "0", "--quiet", "--ready-file", scratch.path("sandbox")])
            let server = try await Self.port(in: "sandbox", scratch, sandbox)
            relay = try Program(
                ["relay", "--upstream", "127.0.0.1:\(server)", "--listen", "0", "--ready-file", scratch.path("relay")]
                    + more)
            port = try await Self.port(in: "relay", scratch, relay)
        }

        /// The first port that a program listens on, once it is ready.
        private static func port(in file: String, _ scratch: Scratch, _ program: Program) async throws -> Int {
            try await program.wait(for: file) {
                let text = (try? scratch.read(file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
                return text.firstMatch(of: /:([0-9]+)"/).flatMap { Int($0.output.1) }
            }
        }
    }

    /// Runs a client that sends the greeting, and returns what it printed and its code.
    private static func greet(_ command: String) throws -> (output: String, code: Int32) {
        try runProgram(["/bin/sh", "-c", "(printf 'VER 1 MSNP8 CVR0\\r\\n'; sleep 1) | timeout 20 \(command)"])
    }

    @Test func curlThroughEachProxy() async throws {
        guard let curl = Self.find("curl") else { return }
        let relay = try await Relay()
        let at = "127.0.0.1:\(relay.port)"
        let ways = [
            "--socks4a \(at)", "--socks5-hostname \(at)", "--socks5-hostname me:word@\(at)", "-p -x http://\(at)",
        ]
        for way in ways {
            let (output, _) = try Self.greet("\(curl) -s --max-time 3 \(way) telnet://messenger.hotmail.com:1863")
            #expect(output.contains("VER 1 MSNP8"), "\(way): \(output)")
        }
        // These resolve the name first.
        for way in ["--socks4 \(at)", "--socks5 \(at)"] {
            let (output, _) = try Self.greet("\(curl) -s --max-time 3 \(way) telnet://localhost:1863")
            #expect(output.contains("VER 1 MSNP8"), "\(way): \(output)")
        }
        // What is refused.
        for target in ["http://169.254.169.254/", "http://127.0.0.1:22/", "http://[::ffff:127.0.0.1]:80/"] {
            let (output, code) = try Self.greet("\(curl) -sS --max-time 3 -g --socks5-hostname \(at) \(target)")
            #expect(code == 97 && output.contains("SOCKS5"), "\(target): \(code) \(output)")
        }
        let program = relay.relay
        try await program.wait(for: "the advice") {
            (program.errors + program.output).contains("--allow 169.254.169.254:80") ? () : nil
        }
    }

    @Test func proxychainsTsocksAndSocat() async throws {
        let relay = try await Relay()
        let scratch = try Scratch()
        if let proxychains = Self.find("proxychains4"), let curl = Self.find("curl") {
            let configuration = try scratch.write(
                "strict_chain\nproxy_dns\nquiet_mode\n[ProxyList]\nsocks5 127.0.0.1 \(relay.port)\n",
                to: "proxychains.conf")
            let (output, _) = try Self.greet(
                "\(proxychains) -q -f \(configuration) \(curl) -s --max-time 3 telnet://messenger.hotmail.com:1863")
            #expect(output.contains("VER 1 MSNP8"), "\(output)")
        }
        if let tsocks = Self.find("tsocks"), let curl = Self.find("curl") {
            let configuration = try scratch.write(
                "server = 127.0.0.1\nserver_port = \(relay.port)\nserver_type = 4\n", to: "tsocks.conf")
            let (output, _) = try Self.greet(
                "env TSOCKS_CONF_FILE=\(configuration) \(tsocks) \(curl) -s --max-time 3 telnet://192.0.2.1:1863")
            #expect(output.contains("VER 1 MSNP8"), "\(output)")
        }
        if let socat = Self.find("socat") {
            for way in [
                "SOCKS4:127.0.0.1:192.0.2.1:1863,socksport=\(relay.port)",
                "SOCKS4A:127.0.0.1:messenger.hotmail.com:1863,socksport=\(relay.port)",
                "PROXY:127.0.0.1:messenger.hotmail.com:1863,proxyport=\(relay.port)",
            ] {
                let (output, _) = try Self.greet("\(socat) -t 2 - \(way)")
                #expect(output.contains("VER 1 MSNP8"), "\(way): \(output)")
            }
        }
    }

    @Test func curlAsksTheGateway() async throws {
        guard let curl = Self.find("curl") else { return }
        let relay = try await Relay()
        let url = "http://gateway.messenger.hotmail.com/gateway/gateway.dll"
        let base = "\(curl) -s -i --max-time 20 -x http://127.0.0.1:\(relay.port)"
        let (opened, _) = try Self.greet(
            "\(base) --data-binary @- '\(url)?Action=open&Server=NS&IP=messenger.hotmail.com'")
        #expect(opened.contains("GW-IP=gateway.messenger.hotmail.com"), "\(opened)")
        let id = try #require(opened.firstMatch(of: /SessionID=([0-9.]+)/)?.output.1)
        let (polled, _) = try Self.greet("\(base) -X POST '\(url)?Action=poll&SessionID=\(id)&Lifespan=10'")
        #expect(polled.contains("VER 1 MSNP8"), "\(polled)")
    }

    /// The sign-in of the sandbox through the relay: shown live, and the same from the archive, an export and a copy.
    @Test func curlSignsIn() async throws {
        guard let curl = Self.find("curl") else { return }
        let scratch = try Scratch()
        let sandbox = try Program(["sandbox", "--port", "0", "--quiet", "--ready-file", scratch.path("sandbox")])
        let tickets = try await sandbox.wait(for: "the sandbox") {
            let text = (try? scratch.read("sandbox")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return text.matches(of: /"(127[0-9.]+:[0-9]+)"/).last.map { String($0.output.1) }
        }
        let archive = scratch.path("archive.sqlite")
        let relay = try Program([
            "relay", "--upstream", "127.0.0.1:1", "--listen", "127.0.0.1:0", "--sign-in", "http://\(tickets)",
            "--archive",
            archive, "--ready-file", scratch.path("relay"), "--format", "jsonl",
        ])
        let door = try await relay.ready(scratch.path("relay")).address
        let (nexus, _) = try runProgram([curl, "-s", "-i", "--max-time", "20", "http://\(door)/rdr/pprdr.asp"])
        // The sandbox names the host that was asked for, so it leads through the relay unchanged.
        let login = try #require(nexus.firstMatch(of: /DALogin=([^,\s]+)/).map { String($0.output.1) })
        #expect(login == "\(door)/login2.srf")
        let header = "Authorization: Passport1.4 OrgVerb=GET,sign-in=ann%40x.example,pwd=swordfish"
        let (answer, _) = try runProgram([curl, "-s", "-i", "--max-time", "20", "-H", header, "http://\(login)"])
        let ticket = try #require(answer.firstMatch(of: /from-PP='([^']+)'/).map { String($0.output.1) })
        func messages(_ text: String) -> [Substring] {
            text.split(separator: "\n").filter { $0.hasPrefix(#"{"event":"http""#) }
        }
        _ = try await relay.wait(for: "four messages") { messages(relay.output).count == 4 ? () : nil }
        relay.interrupt()
        let live = try await relay.outcome()
        #expect(messages(live.output).count == 4)
        for secret in ["swordfish", ticket] { #expect(!live.output.contains(secret)) }
        let shown = try await Program(["show", "c1", "--archive", archive, "--format", "jsonl"]).outcome().output
        let second = try await Program(["show", "c2", "--archive", archive, "--format", "jsonl"]).outcome().output
        #expect(messages(shown) + messages(second) == messages(live.output))
        // Exported and read again, with the numbers of the connections.
        for words in [[], ["--redacted"]] {
            let path = scratch.path("export\(words.count).pcapng")
            let export = try await Program(["export", "--archive", archive, "--output", path] + words).outcome()
            #expect(export.code == 0, "\(export.errors)")
            let decoded = try await Program(["decode", path, "--format", "jsonl"]).outcome().output
            let kept = try messages(decoded).map { try object(String($0)) }
            #expect(kept.map { $0["method"] as? String } == ["GET", nil, "GET", nil], "\(words)")
            #expect(kept.map { $0["status"] as? Int } == [nil, 200, nil, 200], "\(words)")
            if words.isEmpty {
                let before = try messages(live.output).map { try object(String($0))["body_bytes"] as? Int }
                #expect(kept.map { $0["body_bytes"] as? Int } == before)
                #expect(kept.compactMap { $0["target"] as? String } == ["/rdr/pprdr.asp", "/login2.srf"])
            } else {
                let bytes = String(decoding: try scratch.read("export1.pcapng"), as: UTF8.self)
                for secret in ["swordfish", ticket, "ann%40x"] { #expect(!bytes.contains(secret)) }
            }
        }
    }

    /// A tunnel of curl with TLS: its end is an event with the server that the client named, live and from the archive.
    @Test func curlTunnelsTLS() async throws {
        guard let curl = Self.find("curl"), let openssl = Self.find("openssl") else { return }
        let scratch = try Scratch()
        let (made, code) = try runProgram([
            openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=login.example.org", "-days", "2",
            "-keyout", scratch.path("key.pem"), "-out", scratch.path("cert.pem"),
        ])
        #expect(code == 0, "\(made)")
        let server = try ChildProcess(
            openssl,
            [
                "s_server", "-accept", "127.0.0.1:0", "-www", "-key", scratch.path("key.pem"), "-cert",
                scratch.path("cert.pem"),
            ], output: scratch.path("server"), errors: scratch.path("server-errors"))
        defer { server.send(15) }
        let archive = scratch.path("archive.sqlite")
        let port = try await Program(["version"]).wait(for: "the server") {
            let text = (try? scratch.read("server")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return text.firstMatch(of: /ACCEPT .*:([0-9]+)/).map { String($0.output.1) }
        }
        let relay = try Program([
            "relay", "--upstream", "127.0.0.1:1", "--listen", "127.0.0.1:0", "--allow", "localhost:\(port)", "--dial",
            "localhost:\(port)=127.0.0.1:\(port)", "--archive", archive, "--ready-file", scratch.path("relay"),
            "--format",
            "jsonl",
        ])
        let door = try await relay.ready(scratch.path("relay")).address
        let (page, _) = try runProgram([
            curl, "-sk", "--max-time", "20", "-p", "-x", "http://\(door)", "https://localhost:\(port)/",
        ])
        #expect(page.contains("s_server"))
        func tunnels(_ text: String) -> [Substring] {
            text.split(separator: "\n").filter { $0.hasPrefix(#"{"event":"tunnel""#) }
        }
        _ = try await relay.wait(for: "the tunnel") { tunnels(relay.output).count == 1 ? () : nil }
        relay.interrupt()
        let live = tunnels(try await relay.outcome().output)
        let event = try object(String(live.first ?? ""))
        #expect(event["host"] as? String == "localhost:\(port)")
        #expect((event["client_hello"] as? [String: Any])?["server_name"] as? String == "localhost")
        #expect(((event["s2c"] as? [String: Any])?["bytes"] as? Int ?? 0) > page.utf8.count)
        let shown = try await Program(["show", "c1", "--archive", archive, "--format", "jsonl"]).outcome().output
        #expect(tunnels(shown) == live)
    }
}
