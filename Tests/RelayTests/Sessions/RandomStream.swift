// Random server streams for the law of forwarding: commands, errors, redirects, payloads, junk.

import MSNP
import TestSupport

/// A stream of one side, and where it is cut.
struct RandomStream {
    var bytes: [UInt8] = []
    var pieces: [[UInt8]] = []

    private static let sound = [
        "VER 1 MSNP12 CVR0", "VER 1 MSNP8", "CHL 0 12345678901234567890", "QNG 50", "QNG", "OUT OTH",
        "USR 2 OK a@b.example A 1 0",
        "NLN NLN b@b.example B 0", "FLN b@b.example", "BYE b@b.example", "JOI b@b.example B", "ANS 1 OK", "XFR 0 NS 0",
        "200 7", "200 7 3", "911 3 0", "715 5 12", "", "LST 1 2 3", "CAL 2 RINGING 11",
    ]
    private static let redirects = [
        "XFR 3 NS 10.0.0.5:1863 0 10.0.0.4:1863", "XFR 4 SB 10.0.0.6:1863 CKI 1.2", "XFR 15 SB 10.0.0.6 CKI 1.3 U x 1",
        "RNG 1 10.0.0.6:1864 CKI 3.4 c@d.example N", "XFR 1 SB 127.0.0.1:9 CKI z", "XFR 2 NS 10.0.0.5:80 G D",
    ]
    private static let noise = [
        "hello", "XFRA", "XFR ", "XFR", "RNG", "XFR 1 SB", "XX", "\u{1}\u{2}\u{3}", "GET / HTTP/1.1", "200 7 3\r\nXFR ",
        "MSG a b 99999999",
        "DAT 1 2 5", "UBT 3", "XXX 1 7", "PUT 1 9", "MSG N 5", "ab cd",
    ]

    /// - Parameters:
    ///   - seed: which stream.
    ///   - hasNoise: whether bytes that are no command may stand in it.
    init(seed: UInt64, hasNoise: Bool) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<Int.random(in: 1...14, using: &numbers) {
            switch Int.random(in: 0..<(hasNoise ? 10 : 7), using: &numbers) {
            case 0...2: add(Self.sound, &numbers)
            case 3, 4: add(Self.redirects, &numbers)
            case 5, 6: addPayload(&numbers, lies: hasNoise)
            case 7, 8: add(Self.noise, &numbers, ends: ["\r\n", "\n", ""])
            default:
                bytes += (0..<Int.random(in: 0...40, using: &numbers)).map { _ in
                    UInt8.random(in: 0...255, using: &numbers)
                }
            }
        }
        if Int.random(in: 0..<4, using: &numbers) == 0 {
            bytes.removeLast(min(bytes.count, Int.random(in: 0...9, using: &numbers)))
        }
        var rest = bytes[...]
        let longest = [1, 3, 12, 80, 4_000].randomElement(using: &numbers) ?? 80
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...longest, using: &numbers))
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
    }

    private mutating func add(_ lines: [String], _ numbers: inout SeededGenerator, ends: [String] = ["\r\n"]) {
        bytes += Array((lines.randomElement(using: &numbers) ?? "").utf8)
        bytes += Array((ends.randomElement(using: &numbers) ?? "").utf8)
    }

    /// A message whose text looks like commands, at times with a wrong length.
    private mutating func addPayload(_ numbers: inout SeededGenerator, lies: Bool) {
        let text = Array(((Self.redirects + Self.sound).randomElement(using: &numbers) ?? "").utf8) + [0x0D, 0x0A]
        let count =
            text.count
            + (lies && Int.random(in: 0..<3, using: &numbers) == 0 ? Int.random(in: -3...9, using: &numbers) : 0)
        let heads = [
            "MSG a@b.example A \(count)\r\n", "UBX a@b.example \(count)\r\n", "NOT \(count)\r\n", "GCF 2 \(count)\r\n",
        ]
        bytes += Array((heads.randomElement(using: &numbers) ?? "").utf8) + text
    }
}
