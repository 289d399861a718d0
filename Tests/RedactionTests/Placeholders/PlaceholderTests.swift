// Placeholders: as long as the original, of its kind, the same for the same, and not to be guessed.

import Foundation
import MSNP
import Testing

@testable import Redaction

@Suite struct PlaceholderTests {
    private let placeholders = Placeholders(key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The vectors of the SipHash paper's reference implementation: 00 01 02 … under the key 00 01 … 0f.
    @Test func theHashIsSipHash() {
        #expect(placeholders.hash(0, [] as [UInt8]) == 0x74F8_39C5_93DC_67FD)
        #expect(placeholders.hash(0, Array(1...14 as ClosedRange<UInt8>)) == 0xA129_CA61_49BE_45E5)
    }

    @Test func addressesOfOneNetworkStayDifferent() {
        var seen: Set<[UInt8]> = []
        for last in 0...255 {
            let original = Array("10.0.7.\(last)".utf8)
            let copy = placeholders.host(ByteSlice(original))
            #expect(copy.count == original.count)
            #expect(HostPort(text(copy), 1).ipv4 != nil, "\(text(copy))")
            seen.insert(copy)
        }
        #expect(seen.count == 256)
        #expect(Set(seen.map { $0.prefix { $0 != 0x2E } }).count == 1)
        var firsts: Set<[UInt8]> = []
        for first in 1...223 where first != 127 {
            let copy = placeholders.host(ByteSlice("\(first).1.1.1".utf8))
            #expect(!copy.starts(with: "127.".utf8) && copy.count == "\(first).1.1.1".utf8.count)
            firsts.insert(Array(copy.prefix { $0 != 0x2E }))
        }
        #expect(firsts.count == 222)
    }

    @Test(arguments: ["2001:db8::1", "fe80::a:0b", "::1", "1:2:3:4:5:6:7:8", "::ffff:192.168.100.7", "2620:0:1cfe::"])
    func addressesWithColonsStayAddresses(original: String) throws {
        let copy = text(placeholders.host(ByteSlice(original.utf8)))
        #expect(copy.utf8.count == original.utf8.count)
        #expect(IPAddressText.bytes(of: original)?.count == 16)
        #expect(IPAddressText.bytes(of: copy)?.count == 16, "\(copy)")
        #expect(copy != original)
    }

    @Test func portsStay() {
        #expect(text(placeholders.hostPort(ByteSlice("[2001:db8::1]:1863".utf8))).hasSuffix("]:1863"))
        #expect(text(placeholders.hostPort(ByteSlice("messenger.example.org:1864".utf8))).hasSuffix(":1864"))
    }

    @Test func accountsStayAccounts() {
        var draft = RedactionBuffer(Array("1:Anna@Example.com;via=9:ben@b.c;{0A}".utf8), placeholders)
        draft.redact(0..<draft.bytes.count, .account)
        #expect(
            text(draft.bytes).wholeMatch(
                of: /1:[a-z0-9]{4}@[a-z]{6}\.test;via=9:[a-z0-9]{3}@[a-z]{3};\{[0-9A-F]{2}\}/) != nil)
        var same = RedactionBuffer(Array("anna@example.COM".utf8), placeholders)
        same.redact(0..<same.bytes.count, .account)
        #expect(text(draft.bytes).contains(text(same.bytes)))
    }

    /// A password in the place of a digest: its dashes and braces are a part of it.
    @Test func nothingOfAPasswordStays() throws {
        let frame = try #require(Frame(Array("USR 4 CTP S {a1-b2}-c3\r\n".utf8)))
        var draft = RedactionBuffer(Array(frame.bytes), placeholders)
        draft.line(of: frame, from: .client, .notification, Dialect(7))
        #expect(text(draft.bytes).wholeMatch(of: /USR 4 CTP S [a-z]{10}\r\n/) != nil, "\(text(draft.bytes))")
    }

    @Test func twoPeopleNeverBecomeOne() {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        #expect(Set(letters.map { placeholders.local([$0]) }).count == 36)
        let pairs = letters.flatMap { first in letters.map { [first, $0] } }
        #expect(Set(pairs.map { placeholders.local($0) }).count == 36 * 36)
        #expect(placeholders.local(Array("abcdefghijk".utf8)).count == 11)
        #expect(placeholders.local(Array("Anna".utf8)) == placeholders.local(Array("anna".utf8)))
    }

    @Test func otherKeysGiveOtherPlaceholders() {
        let other = Placeholders(key: (1, 2))
        let original = Array("anna.quagga".utf8)
        #expect(placeholders.letters(original) == placeholders.letters(original))
        #expect(placeholders.letters(original) != other.letters(original))
    }

    @Test(arguments: 0...40) func base64StaysBase64(count: Int) {
        let original = Array(Data((0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }).base64EncodedString().utf8)
        let copy = placeholders.base64(original)
        #expect(copy.count == original.count)
        let decoded = Data(base64Encoded: text(copy))
        #expect(decoded?.count == count)
        // No bits beside the bytes: what is decoded and encoded again is the same.
        #expect(decoded?.base64EncodedString() == text(copy))
        #expect(Base64.decode(original).map { Base64.encode($0) } == original)
    }

    @Test(arguments: ["Anna%20Quagga%e2%98%82", "100%", "%zz%", "plain", "%41"]) func percentSignsStayWhereTheyWere(
        original: String
    ) {
        var draft = RedactionBuffer(Array(original.utf8), placeholders)
        draft.redactEncoded(0..<draft.bytes.count, .name)
        #expect(draft.bytes.count == original.utf8.count)
        #expect(
            PercentEncoding.decode(ByteSlice(draft.bytes)).count
                == PercentEncoding.decode(ByteSlice(original.utf8)).count)
    }

    @Test func theReportCounts() {
        var report = RedactionReport()
        #expect(report.summary == "nothing")
        report.add([.account: 2, .data: 1, .text: 5])
        report.add([.account: 1])
        #expect(report.summary == "5 texts, 3 accounts, 1 piece of data")
    }
}
