// The picture itself: its file and its description.

import Crypto
import MSNP
import Payloads
import Testing

@testable import Sandbox

@Suite struct PictureTests {
    @Test(arguments: [EchoContact.displayPicture, EchoContact.emoticon])
    func theDescriptionFitsTheData(picture: OfferedPicture) throws {
        let object = try #require(MSNObject(ByteSlice(picture.percentEncoded.utf8)))
        #expect(object.attributes == MSNObject(plain: ByteSlice(picture.element.utf8))?.attributes)
        #expect(object.creator == EchoContact.account)
        #expect(object.size == UInt64(picture.data.count))
        #expect(object.friendlyName == "")
        #expect(object.dataDigest == Array(Insecure.SHA1.hash(data: picture.data)))
        #expect(object.ownDigest == Array(Insecure.SHA1.hash(data: object.signedText)))
        #expect(EchoContact.picture(withDigest: picture.digest)?.data == picture.data)
        #expect(!picture.percentEncoded.contains(" "))
    }

    @Test func theKinds() {
        let kinds = [EchoContact.displayPicture, EchoContact.emoticon].map {
            MSNObject(plain: ByteSlice($0.element.utf8))?.kind
        }
        #expect(kinds == [.picture, .emoticon])
        #expect(EchoContact.picture(withDigest: []) == nil)
    }

    /// Two rows of three pixels, byte for byte. The checksums were calculated with zlib.
    @Test func aSmallFile() {
        let file = PNGFile.bytes(rows: [[0, 1, 0], [1, 0, 1]], palette: [[255, 255, 255], [0, 0, 0]])
        #expect(
            Hexadecimal.text(file)
                == "89504e470d0a1a0a0000000d49484452000000030000000204030000006f5a7b2900000006504c5445ffffff00000055"
                + "c2d37e00000011494441547801010600f9ff000100001010003b0022564dd3110000000049454e44ae426082")
    }

    /// The file is read chunk by chunk, each with its checksum, and holds the pixels of the drawing.
    @Test(arguments: [48, 96])
    func theDrawing(side: Int) throws {
        let file = ButterflyDrawing.png(side: side)
        var rest = ByteSlice(file).dropFirst(8)
        var chunks: [(String, ByteSlice)] = []
        while rest.count >= 12 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            let name = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
            chunks.append((name, rest.dropFirst(8).prefix(length)))
            rest = rest.dropFirst(12 + length)
        }
        #expect(rest.isEmpty && chunks.map(\.0) == ["IHDR", "PLTE", "IDAT", "IEND"])
        let data = try #require(chunks.first { $0.0 == "IDAT" }).1
        // Two bytes of header, five of the only block, four of checksum.
        let pixels = data.dropFirst(7).dropLast(4)
        let row = 1 + side / 2
        #expect(pixels.count == row * side)
        let middle = pixels.dropFirst(row * (side / 2) + 1).prefix(side / 2)
        #expect(middle.contains { $0 != 0 } && middle.first == 0)
        #expect(file.count < 6_000)
    }
}
