// tools/install: what it puts where, what it says, and that it removes the same files.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct InstallTests {
    static let files = [
        "bin/butterflynet", "share/bash-completion/completions/butterflynet", "share/zsh/site-functions/_butterflynet",
        "share/fish/vendor_completions.d/butterflynet.fish", "share/man/man1/butterflynet.1",
    ]

    /// Runs tools/install with arguments of a shell; `$0` is the built program.
    private func install(_ arguments: String, environment: [String: String] = [:]) async throws -> Program.Outcome {
        try await Program([], environment: environment, shell: "tools/install \(arguments)", folder: Repository.root)
            .outcome()
    }

    @Test func itInstallsAndRemoves() async throws {
        let scratch = try Scratch()
        let prefix = scratch.path("a place")
        let first = try await install("--program \"$0\" '\(prefix)'")
        #expect(first.code == 0 && first.errors.isEmpty, "\(first.errors)")
        for file in Self.files {
            #expect(first.output.contains("  \(prefix)/\(file)\n"))
            #expect(try scratch.permissions("a place/\(file)") == (file.hasPrefix("bin/") ? 0o755 : 0o644))
        }
        #expect(first.output.contains("\(prefix)/bin is not in PATH."))
        let installed = try await Program.shell("cd / && '\(prefix)/bin/butterflynet' --version")
        let version = try await Program.run("--version").output
        #expect(installed.code == 0 && installed.output == version)

        // Once more, over the first one; now the shell finds it.
        let path = ["PATH": "\(prefix)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
        let second = try await install("--program \"$0\" '\(prefix)'", environment: path)
        #expect(second.code == 0 && second.output.contains("Try: butterflynet demo\nThe manual: man butterflynet\n"))

        // Files of others in the same folders stay.
        try scratch.write("another program", to: "a place/bin/other")
        let removed = try await install("--uninstall '\(prefix)'")
        #expect(removed.code == 0 && removed.lines.count == Self.files.count)
        let left = FileManager.default.enumerator(atPath: prefix)?.compactMap { $0 as? String } ?? []
        #expect(left.filter { $0.contains("butterflynet") } == [])
        #expect(try scratch.names(in: "a place/bin") == ["other"])
        let nothing = try await install("--uninstall '\(prefix)'")
        #expect(nothing.code == 0 && nothing.output.isEmpty)
    }

    @Test func packagersGiveADestination() async throws {
        let scratch = try Scratch()
        let outcome = try await install("--program \"$0\" /usr", environment: ["DESTDIR": scratch.folder.path])
        #expect(outcome.code == 0, "\(outcome.errors)")
        for file in Self.files { #expect(FileManager.default.fileExists(atPath: scratch.path("usr/\(file)"))) }
        #expect(outcome.lines.count == Self.files.count + 1)
    }

    @Test func mistakes() async throws {
        let scratch = try Scratch()
        try scratch.write("", to: "file")
        for (arguments, code, message) in [
            ("--nonsense", 2, "unknown option --nonsense"), ("a b", 2, "only one PREFIX"), ("''", 2, "PREFIX is empty"),
            ("--program", 2, "--program needs a file"),
            ("--program /dev/null '\(scratch.path("new"))'", 1, "/dev/null is not a program"),
            ("--program \"$0\" '\(scratch.path("file"))'", 1, "\(scratch.path("file")) is not a folder"),
        ] {
            let outcome = try await install(arguments)
            #expect(outcome.code == code && outcome.output.isEmpty, "\(arguments)")
            #expect(outcome.errors.contains("tools/install: ") && outcome.errors.contains(message), "\(outcome.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path("new")))
    }

    @Test func aPlaceWithoutPermission() async throws {
        guard getuid() != 0 else { return print("SKIPPED: root can write everywhere") }
        let outcome = try await install("--program \"$0\" /usr")
        #expect(outcome.code == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("cannot write to /usr") && outcome.errors.contains("sudo tools/install"))
    }

    /// The manual page has every command with its options, the filters, and no line that manual pages do not know.
    @Test func theManual() async throws {
        let outcome = try await Program([], shell: "tools/make-manual \"$0\"", folder: Repository.root).outcome()
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        for command in HelpTests.commands.joined() { #expect(outcome.output.contains("\n.SS \(command)\n.nf\n.B ")) }
        for text in [
            "\n.B \\-\\-upstream <host[:port]>\nServer to relay to", "\n.B \\-w, \\-\\-where <expr>\n",
            "\nbutterflynet decode captures/demo.pcap\n", "\ndir == C and verb == MSG ", "\n.B in {…}",
            "\n.SH EXIT STATUS\n",
        ] {
            #expect(outcome.output.contains(text), "\(text)")
        }
        let requests: Set = [".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".I", ".BR", ".nf", ".fi", ".RS", ".RE"]
        for line in outcome.lines where line.hasPrefix(".") || line.hasPrefix("'") {
            #expect(requests.contains(String(line.prefix { $0 != " " })), "\(line)")
        }
    }
}
