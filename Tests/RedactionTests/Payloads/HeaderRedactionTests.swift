// No value of a header, known or not, identifies anybody in a copy; and which values count as harmless.

import EventSamples
import Events
import MSNP
import Testing

@testable import Redaction

@Suite struct HeaderRedactionTests {
    private static let ipv6 = "2001:db8:77:aa:1:2:3:4"
    private static let values = [
        SecretCorpus.account, SecretCorpus.name, SecretCorpus.text, SecretCorpus.secret, SecretCorpus.guid,
        SecretCorpus.host, SecretCorpus.digits, SecretCorpus.hash,
        SecretCorpus.file, ipv6, SecretCorpus.base64(SecretCorpus.host), String(SecretCorpus.host.reversed()),
        "[\(ipv6)]:1863",
    ]
    private static let secrets = Search.Index(
        SecretCorpus.words + [ipv6, SecretCorpus.base64(SecretCorpus.host), String(SecretCorpus.host.reversed())])

    @Test(arguments: HeaderRules.names + ["okapi-unknown"])
    func nothingInItIsLeft(_ name: String) throws {
        for value in Self.values {
            for type in ["text/x-msmsgsprofile", "text/x-msmsgsinvite"] {
                let payload = "MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\r\n\(name): \(value)\r\n"
                let frame = try #require(Frame(Array("MSG Hotmail Hotmail \(payload.utf8.count)\r\n\(payload)".utf8)))
                let event = Event(
                    time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard,
                    kind: .frame(frame, from: .server))
                let copy = RedactedCopy(of: [event])
                guard case .frame(let result, _) = copy.events.first?.kind else {
                    Issue.record("no copy of \(name)")
                    return
                }
                #expect(result.bytes.count == frame.bytes.count)
                let left = Search.found(Self.secrets, in: Array(result.bytes))
                #expect(left.isEmpty, "\(name): \(value) in \(type)")
            }
        }
    }

    @Test func namesOfHeadersMayTellOfPeopleToo() throws {
        let payload = "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile\r\n\r\nQuagga-Zebra-Okapi: 1\r\n"
        let frame = try #require(Frame(Array("MSG Hotmail Hotmail \(payload.utf8.count)\r\n\(payload)".utf8)))
        let event = Event(
            time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard, kind: .frame(frame, from: .server))
        let copy = String(decoding: RedactedCopy(of: [event]).bytes, as: UTF8.self)
        #expect(copy.contains("Content-Type") && !copy.contains("Quagga") && !copy.contains("Okapi"))
    }

    @Test(arguments: [
        (HarmlessValues.number(9_999), "42", true), (.number(9_999), "0", true), (.number(9_999), "042", false),
        (.number(9_999), "10000", false), (.version, "8.1.0178", true), (.version, "8.1.0178.00", false),
        (.version, "8.5.1302.1018", true), (.version, "8.5.1302.101", false), (.version, "8.1.1985", false),
        (.version, "6.2.2003", false), (.version, "9.9.0178", false), (.capabilities, "268435508:48", true),
        (.capabilities, "1023", true), (.capabilities, "268435509", false), (.capabilities, "268435456", true),
    ])
    func whatIsHarmless(_ rule: HarmlessValues, _ value: String, _ isHarmless: Bool) {
        #expect(rule.holds(ByteSlice(value.utf8)) == isHarmless, "\(value)")
    }

    @Test func onlyTheGenerationOfAClientIsKeptOfItsCapabilities() {
        #expect(HarmlessValues.generation(of: 0xA000_1234) == 0xA000_0000)
        #expect(HarmlessValues.generation(of: 0xD000_0000) == nil && HarmlessValues.generation(of: 1 << 32) == nil)
    }
}
