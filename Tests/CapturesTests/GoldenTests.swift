// Each capture in captures/ beside its golden text: what `decode` prints of it.

import Captures
import Foundation
import TestSupport
import Testing

@Suite struct GoldenTests {
    private static let folder = Repository.captures

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.contains(".pcap") || $0.hasSuffix(".log") }.sorted()
    }()

    @Test func theCapturesAreThere() throws {
        #expect(Self.names.count >= 40)
        let readme = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
        for name in Self.names {
            #expect(readme.contains("`\(name)`"), "captures/README.md does not say what \(name) is")
        }
    }

    /// A missing golden is written, and fails; with BUTTERFLYNET_RECORD=1 all are written anew.
    @Test(arguments: names) func readsAsItsGolden(name: String) throws {
        let file = Self.folder.appending(path: name)
        let golden = Self.folder.appending(path: "\(name.prefix { $0 != "." }).txt")
        let decoded = DecodedCapture([file.path], text: true)
        let troubles = decoded.summary.troubles.map {
            "trouble: \($0.replacing(Self.folder.path + "/", with: ""))\n"
        }
        let text = decoded.text + troubles.joined()
        let isThere = FileManager.default.fileExists(atPath: golden.path)
        if ProcessInfo.processInfo.environment["BUTTERFLYNET_RECORD"] == "1" || !isThere {
            try Data(text.utf8).write(to: golden)
            #expect(isThere, "\(golden.lastPathComponent) was missing; read what was written before you commit it")
            return
        }
        let expected = try String(contentsOf: golden, encoding: .utf8)
        guard text != expected else { return }
        let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let new = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(old, new).prefix { $0 == $1 }.count
        Issue.record(
            """
            \(name), line \(line + 1): '\(line < new.count ? new[line] : "nothing")', \
            expected '\(line < old.count ? old[line] : "nothing")'
            """)
    }

    /// Secrets of the sign-ins are masked in every golden.
    @Test func goldensHoldNoSecrets() throws {
        for name in Self.names {
            let golden = Self.folder.appending(path: "\(name.prefix { $0 != "." }).txt")
            guard let text = try? String(contentsOf: golden, encoding: .utf8) else { continue }
            for secret in ["t=53*1hAu8", "17262740.50653", "23e54a439a6a17d1", "8f2f5a91b72102cd"] {
                #expect(!text.contains(secret), "\(name)")
            }
        }
    }

    @Test func theMakerMakesTheSameBytes() throws {
        let scratch = try Scratch()
        let maker = Repository.root.appending(path: "tools/make-captures").path
        let (text, status) = try runProgram(["python3", maker, scratch.folder.path])
        guard status != 127 else {
            print("SKIPPED: GoldenTests.theMakerMakesTheSameBytes: there is no python3")
            return
        }
        #expect(status == 0, "\(text)")
        let made = try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).sorted()
        #expect(
            made == Self.names.filter { $0 != "demo.pcap" && !$0.hasSuffix(".log") },
            "demo.pcap is a recording, logs are written by hand, all others are made")
        for name in made {
            let old = try Data(contentsOf: Self.folder.appending(path: name))
            let new = try Data(contentsOf: scratch.folder.appending(path: name))
            #expect(old == new, "\(name)")
        }
    }
}
