// tools/build and tools/run: they build when something has changed, and only then. The compiler is a script.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct BuildScriptTests {
    /// A folder with the scripts, two sources and a compiler that counts its calls.
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for folder in ["tools", "Sources", "bin"] {
            try FileManager.default.createDirectory(at: scratch.url(folder), withIntermediateDirectories: true)
        }
        for script in ["tools/build", "tools/run"] {
            try FileManager.default.copyItem(at: Repository.root.appending(path: script), to: scratch.url(script))
        }
        try script("exit 0", at: "tools/setup")
        try script(
            """
            [ "$1" = build ] || exit 0
            echo "$@" >>calls
            if [ -e broken ]; then echo "error: broken"; exit 1; fi
            mkdir -p .build/release
            printf '#!/bin/sh\\necho "$BUTTERFLYNET_COMMAND: $*"\\n' >.build/release/butterflynet
            chmod +x .build/release/butterflynet
            """, at: "bin/swift")
        try scratch.write("// swift-tools-version:6.2", to: "Package.swift")
        try scratch.write("a", to: "Sources/a.swift")
        try scratch.write("b", to: "Sources/b.swift")
    }

    private func script(_ text: String, at name: String) throws {
        try scratch.write("#!/bin/sh\n\(text)\n", to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path(name))
    }

    private func run(_ line: String) async throws -> Program.Outcome {
        let path = "\(scratch.path("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        return try await Program([], environment: ["PATH": path], shell: line, folder: scratch.folder).outcome()
    }

    /// The number of builds so far.
    private var builds: Int { ((try? scratch.read("calls")) ?? []).count { $0 == 0x0A } }

    @Test func itBuildsOnlyWhatHasChanged() async throws {
        let first = try await run("tools/run sessions --quiet")
        #expect(first.code == 0 && first.output == "tools/run: sessions --quiet\n" && builds == 1, "\(first.errors)")
        #expect(first.errors.contains("Building butterflynet"))
        let second = try await run("cd tools && ./run")
        #expect(second.code == 0 && second.output == "./run: demo\n" && second.errors.isEmpty && builds == 1)

        try scratch.write("changed", to: "Sources/a.swift")
        #expect(try await run("tools/run").code == 0 && builds == 2)
        try FileManager.default.removeItem(at: scratch.url("Sources/b.swift"))
        #expect(try await run("tools/run").code == 0 && builds == 3)
        try scratch.write("new", to: "Sources/c.swift")
        #expect(try await run("tools/run").code == 0 && builds == 4)
        try scratch.write("// swift-tools-version:6.3", to: "Package.swift")
        #expect(try await run("tools/run").code == 0 && builds == 5)
        // A program that something else built, and none at all.
        try scratch.write("#!/bin/sh\necho other\n", to: ".build/release/butterflynet")
        #expect(try await run("tools/run").output == "tools/run: demo\n" && builds == 6)
        try FileManager.default.removeItem(at: scratch.url(".build/release/butterflynet"))
        #expect(try await run("tools/run").code == 0 && builds == 7)
        // Another toolchain.
        #expect(try await run("cp bin/swift swift.new && mv swift.new bin/swift && tools/run").code == 0 && builds == 8)
        #expect(try await run("tools/run").code == 0 && builds == 8)
    }

    @Test func aBuildThatFailsIsTriedAgain() async throws {
        #expect(try await run("tools/run").code == 0)
        try scratch.write("", to: "broken")
        try scratch.write("changed", to: "Sources/a.swift")
        for count in 2...3 {
            let failed = try await run("tools/run")
            #expect(failed.code == 1 && failed.output.isEmpty && builds == count)
            #expect(failed.errors.contains("error: broken"))
        }
        try FileManager.default.removeItem(at: scratch.url("broken"))
        #expect(try await run("tools/run").output == "tools/run: demo\n" && builds == 4)
    }
}
