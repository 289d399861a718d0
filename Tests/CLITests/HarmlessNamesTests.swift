// Names of files, arguments and what other programs say reach a terminal as harmless as names from the wire.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HarmlessNamesTests {
    private static let names = [
        "\u{1B}]0;pwn\u{7}\u{1B}[31mtrunc.pcap", "\u{202E}gnp.pcap", "a\nbutterflynet: fake line\n.pcap",
        "\u{9B}31m.pcap",
        "\u{E0041}\u{AD}\u{200B}.pcap", "\r\u{8}\u{7F}.pcap",
    ]

    /// The first character that a terminal would obey, or nobody would see.
    private static func harm(_ text: String) -> String? {
        let harmful = text.unicodeScalars.first { scalar in
            switch scalar.value {
            case 0x09, 0x0A: false
            case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x200B, 0x202A...0x202E, 0xE0000...0xE0FFF: true
            default: false
            }
        }
        if let harmful { return "U+\(String(harmful.value, radix: 16)) in \(text.debugDescription)" }
        return text.split(separator: "\n").contains { $0.hasPrefix("butterflynet: fake line") } ? text : nil
    }

    @Test func namesOfFiles() async throws {
        let scratch = try Scratch()
        let folder = scratch.path("captures")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var capture = SmallCapture()
        capture.add([.c("VER 1 MSNP8 CVR0"), .s("VER 1 MSNP8"), .c("OUT")])
        for (index, name) in Self.names.enumerated() {
            let path = "\(folder)/\(name)"
            try capture.write(to: path)
            // Cut off in a packet, empty, or something else altogether.
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            try [whole.dropLast(5), whole.prefix(70), Data("garbage \(index)".utf8)][index % 3].write(
                to: URL(fileURLWithPath: path))
        }
        let archive = ["BUTTERFLYNET_ARCHIVE": scratch.path("a.sqlite")]
        let first = "\(folder)/\(Self.names[0])"
        for arguments in [
            ["decode", folder], ["streams", folder], ["import", "--separately", folder], ["import", folder, "--again"],
            ["sessions"], ["sessions", "--format", "jsonl"], ["decode", first, "\(folder)/\(Self.names[2])x"],
            ["sessions", "--archive", first], ["import", first, "--archive", "\(folder)/\(Self.names[2])"],
            ["export", "--output", "\(folder)/nowhere\u{1B}[2J/x"],
            ["decode", folder, "--passwords", "\u{1B}\n\u{202E}"],
        ] {
            let outcome = try await Program(arguments, environment: archive).outcome()
            let harm = Self.harm(outcome.errors) ?? Self.harm(outcome.output)
            #expect(harm == nil, "\(arguments.first ?? ""): \(harm ?? "")")
        }
        // Texts in a folder are not read, so the files are named.
        let decoded = try await Program(["decode"] + Self.names.map { "\(folder)/\($0)" }).outcome()
        #expect(decoded.errors.contains("␛]0;pwn␇␛[31mtrunc.pcap") && decoded.errors.contains("\\u{202e}gnp.pcap"))
        #expect(decoded.errors.contains("a␊butterflynet: fake line␊.pcap"))
    }

    @Test(arguments: [
        ["decode", "--nonsense\u{1B}[31m", "a\nbutterflynet: fake line"], ["show", "c1\nbutterflynet: fake line"],
        ["decode", "x", "--where", "\u{1B}]0;x\u{7} == 1\nbutterflynet: fake line"],
        ["\u{1B}[2J\nbutterflynet: fake line"],
        ["decode", "--format", "\u{202E}txet\nbutterflynet: fake line", "x"],
        ["relay", "--upstream", "\u{1B}[31mhost\nbutterflynet: fake line:1", "--no-archive"],
    ]) func arguments(_ arguments: [String]) async throws {
        let outcome = try await Program(arguments).outcome()
        #expect(outcome.code != 0 && !outcome.errors.isEmpty)
        let harm = Self.harm(outcome.errors)
        #expect(harm == nil, "\(harm ?? "")")
    }

    /// More words than anybody means end in one line, at once.
    @Test(arguments: [("!", 2_000), ("!", 40_000), ("word", 65)])
    func aQuestionOfTooManyWords(_ word: String, _ count: Int) async throws {
        let start = ContinuousClock.now
        let outcome = try await Program(["search"] + [String](repeating: word, count: count)).outcome()
        #expect(outcome.code == 2)
        #expect(outcome.errors == "butterflynet: search takes 64 words at most, not \(count)\n")
        let duration = ContinuousClock.now - start
        #expect(duration < .seconds(10))
        print("search with \(count) words: \(duration)")
    }

    @Test func aQuestionThatIsTooLong() async throws {
        let outcome = try await Program(["search", String(repeating: "字", count: 5_000)]).outcome()
        #expect(outcome.code == 2)
        #expect(outcome.errors == "butterflynet: search takes 4096 letters at most, not 5000\n")
    }
}
