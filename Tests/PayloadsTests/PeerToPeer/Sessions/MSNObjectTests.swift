// Descriptions of objects, in every form in which they travel.

import MSNP
import Testing

@testable import Payloads

@Suite struct MSNObjectTests {
    private static let plain =
        "<msnobj Creator=\"Ann@example.com\" Size=\"24539\" Type=\"3\" Location=\"TFR2C.tmp\" Friendly=\"bQBlAAAA\" "
        + "SHA1D=\"trC8SlFx2sWQxZMIBAWSEnXc8oQ=\" SHA1C=\"U32o6bosZzluJq82eAtMpx5dIEI=\"/>"

    static let forms: [String] = [
        plain, plain + "\0", "  " + plain,
        plain.replacing("<", with: "%3C").replacing("\"", with: "%22").replacing(" ", with: "%20"),
        Bytes((plain + "\0").utf8).base64,
        plain.replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;"),
        plain.replacing("\"", with: "'"), plain.replacing("/>", with: ">"),
    ]

    @Test(arguments: forms) func everyForm(_ text: String) throws {
        let bytes = Bytes(text.utf8)
        let object = try #require(
            text.hasPrefix(" ") ? MSNObject(plain: ByteSlice(bytes)) : MSNObject(ByteSlice(bytes)))
        #expect(object.creator == "ann@example.com" && object.size == 24_539 && object.kind == .picture)
        #expect(object.friendlyName == "me" && object.location == "TFR2C.tmp")
        #expect(object.dataDigest?.count == 20 && object.ownDigest?.count == 20)
        #expect(
            String(decoding: object.signedText, as: UTF8.self)
                == "CreatorAnn@example.comSize24539Type3LocationTFR2C.tmpFriendlybQBlAAAASHA1DtrC8SlFx2sWQxZMIBAWSEnXc8oQ="
        )
    }

    @Test func hostileAttributes() throws {
        let text =
            "<msnobj Size=\"-1\" Size=\"7\" Type=\"99999999999999999999\" Friendly=\"*\" SHA1D=\"AAAA\" "
            + "Location=\"../../etc/passwd\" X=\"&amp;lt;&bogus;\">"
        let object = try #require(MSNObject(plain: ByteSlice(Bytes(text.utf8))))
        #expect(object.size == nil && object.kind == nil && object.friendlyName == nil && object.dataDigest == nil)
        #expect(object["x"] == "&lt;&bogus;")
    }

    @Test(arguments: [
        "", "<msnobj", "<msnobj/>", "<msnobj Size=3/>", "<msnobj Size=\"3", "<other a=\"1\"/>", "%3Cmsnobj", "0",
    ])
    func whatIsNone(_ text: String) {
        #expect(MSNObject(ByteSlice(Bytes(text.utf8))) == nil)
    }

    @Test func aFloodOfAttributesIsCut() throws {
        let many = (0..<500).map { "a\($0)=\"\($0)\"" }.joined(separator: " ")
        #expect(try #require(MSNObject(plain: ByteSlice(Bytes("<msnobj \(many)/>".utf8)))).attributes.count == 32)
        #expect(
            MSNObject(plain: ByteSlice(Bytes("<msnobj a=\"\(String(repeating: "x", count: 9_000))\"/>".utf8))) == nil)
    }
}
