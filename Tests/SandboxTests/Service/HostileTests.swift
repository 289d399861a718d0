// Nothing that a client sends, in whatever order, may stop the service.

import MSNP
import TestSupport
import Testing

@testable import Sandbox

@Suite struct HostileTests {
    private static let verbs = [
        "VER", "INF", "CVR", "CVQ", "USR", "SYN", "CHG", "ADD", "ADC", "REM", "REA", "PRP", "GTC", "BLP", "SBP", "XFR",
        "QRY", "UUX", "SND", "SDC", "IMS", "URL", "GCF", "MSG", "CAL", "ANS", "OUT", "PNG", "LST", "ZZZ", "911",
    ]
    private static let words = [
        "1", "0", "99999999999", "-1", "", "MSNP4", "MSNP8", "MSNP12", "CVR0", "MD5", "TWN", "I", "S", "a@x", "b@x",
        "c@x", EchoContact.account,
        "N=a@x", "C=1", "FL", "RL", "NLN", "HDN", "FLN", "SB", "A", "N", "D", "MFN", "%", "é", "\u{FFFD}", "0x0409",
        "@",
    ]

    @Test(arguments: 1...20)
    func anythingGoes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var service = MessengerService(
            notificationServer: HostPort("10.0.0.5", 1863), switchboard: HostPort("10.0.0.6", 1863),
            hasEcho: seed % 2 == 0)
        var last = 0
        var open: Set<Int> = []
        var cookies: [String] = ["1.1"]
        func check(_ outputs: [MessengerService.Output]) {
            for output in outputs {
                switch output {
                case .send(let bytes, let id):
                    #expect(open.contains(id), "nothing is sent after a hang-up")
                    let words = Frame(bytes)?.arguments.map { String(decoding: $0, as: UTF8.self) } ?? []
                    if let mark = words.firstIndex(of: "CKI"), mark + 1 < words.count {
                        cookies.append(words[mark + 1])
                    }
                case .close(let id): open.remove(id)
                }
            }
        }
        for _ in 0..<2_000 {
            if open.count < 12 {
                last += 1
                open.insert(last)
                let role = [Role.dispatch, .notification, .notification, .switchboard].randomElement(using: &random)
                service.opened(last, as: role ?? .notification, at: HostPort("10.0.0.4", 1863))
                guard role == .notification else { continue }
                for line in ["VER 1 MSNP8", "USR 2 TWN I a@x", "USR 3 TWN S x", "CHG 4 NLN 0"] {
                    let account = ["a@x", "b@x", "c@x"].randomElement(using: &random) ?? "a@x"
                    let text = line.replacing("a@x", with: account) + "\r\n"
                    check(service.receive(try #require(Frame(Array(text.utf8))), from: last))
                }
            }
            guard let id = open.sorted().randomElement(using: &random) else { continue }
            if random.next() % 40 == 0 {
                open.remove(id)
                check(service.closed(id))
                continue
            }
            var line = Self.verbs.randomElement(using: &random) ?? "VER"
            for _ in 0..<(random.next() % 6) {
                let pool = random.next() % 5 == 0 ? cookies.suffix(4) : Self.words[...]
                line += " " + (pool.randomElement(using: &random) ?? "")
            }
            let payload = String(repeating: "x", count: Int(random.next() % 2_000))
            check(service.receive(try #require(Frame(Array((line + "\r\n" + payload).utf8))), from: id))
        }
        for id in open {
            open.remove(id)
            check(service.closed(id))
        }
    }

}
