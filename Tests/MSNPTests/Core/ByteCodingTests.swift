// Base64, hexadecimal digits and percent coding.

import MSNP
import TestSupport
import Testing

@Suite struct ByteCodingTests {
    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func base64OfTheStandard(_ text: String, _ digits: String) {
        #expect(Base64.encode(Array(text.utf8)) == Array(digits.utf8))
        #expect(Base64.decode(digits.utf8) == Array(text.utf8))
    }

    @Test func base64UsesEveryDigit() {
        let values: [UInt8] = Array(0..<64)
        let digits = values.map { Base64.digit($0) }
        #expect(Set(digits).count == 64 && digits.map { Base64.value(of: $0) } == values)
        #expect(Base64.decode(digits).map { Base64.encode($0) } == digits)
    }

    @Test(arguments: ["QQ", "QQ=", "Q Q\r\n=\t=", "QQ==\0\0"]) func base64IsReadLeniently(_ digits: String) {
        #expect(Base64.decode(digits.utf8) == [0x41])
    }

    @Test(arguments: ["QQ==QUJD", "QQ==QQ==", "QQ=Q", "Q=Q=", "Q", "QUJ*"]) func notBase64(_ digits: String) {
        #expect(Base64.decode(digits.utf8) == nil)
    }

    @Test func hexadecimalDigits() {
        #expect(Hexadecimal.text([0x00, 0x09, 0x9A, 0xFF]) == "00099aff")
        #expect(Hexadecimal.text([0x0B, 0xC0], isUpperCase: true) == "0BC0")
        #expect("09afAF".utf8.map { Hexadecimal.value(of: $0) } == [0, 9, 10, 15, 10, 15])
        #expect("/:@G`g".utf8.allSatisfy { Hexadecimal.value(of: $0) == nil })
    }

    @Test func percentCoding() {
        let text = Array("a%20b%4%zz%C3%A9%".utf8)
        #expect(PercentEncoding.decode(ByteSlice(text)) == Array("a b%4%zzé%".utf8))
        #expect(PercentEncoding.decode(ByteSlice("%41".utf8)) == [0x41])
        #expect(PercentEncoding.triple(0x0A) == Array("%0A".utf8))
    }

    @Test("Runs of bytes are decoded as if taken one by one", arguments: 0..<200 as Range<UInt64>)
    func percentCodingOfRuns(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = ["abcdefghijklmnop", "%41", "%", "%4", "%zz", "%e5", "%25", "x"]
        let text = (0..<Int.random(in: 0..<12, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
        let bytes = Array(text.joined().utf8)
        var expected: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = PercentEncoding.byte(in: bytes.span, at: index)
            expected.append(byte ?? bytes[index])
            index += byte == nil ? 1 : 3
        }
        // The buffer has other contents from the text before.
        var decoded = Array("something else".utf8)
        PercentEncoding.decode(bytes.span, into: &decoded)
        #expect(decoded == expected)
    }

    @Test func digitsAreComparedWithoutDecoding() {
        for text in ["", "f", "fo", "foo", "foob", "\u{FF}\0"] {
            let bytes = Array(text.utf8)
            let digits = Base64.encode(bytes)
            #expect(isEncoding(digits, bytes) && !isEncoding(digits + [0x3D], bytes))
            guard !digits.isEmpty else { continue }
            var other = digits
            other[0] ^= 1
            #expect(!isEncoding(digits.dropLast(), bytes) && !isEncoding(other, bytes))
        }
        func isEncoding(_ digits: [UInt8], _ bytes: [UInt8]) -> Bool { Base64.isEncoding(digits.span, of: bytes.span) }
    }
}
