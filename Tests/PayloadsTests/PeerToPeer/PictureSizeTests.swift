// The sizes that pictures claim, from headers that may be cut anywhere.

import Testing

@testable import Payloads

@Suite struct PictureSizeTests {
    private static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8) + [
            0, 0, 0x10, 0, 0, 1, 0, 0,
        ]
    private static let gif: [UInt8] = Array("GIF89a".utf8) + [0x60, 0, 0x50, 0]
    private static let bitmap: [UInt8] =
        Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + [40, 0, 0, 0, 0x20, 0x03, 0, 0] + [
            0xA8, 0xFD, 0xFF, 0xFF,
        ]
    private static let oldBitmap: [UInt8] =
        Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + [12, 0, 0, 0, 0x20, 0x03, 0x58, 0x02]
    private static let jpeg: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xC4, 0, 2, 0xFF, 0xC2, 0, 17, 8, 0x02, 0x58, 0x03, 0x20, 3]

    @Test func sizes() {
        #expect(PictureSize(Self.png).map { [$0.width, $0.height] } == [4_096, 65_536])
        #expect(PictureSize(Self.gif).map { [$0.width, $0.height] } == [96, 80])
        #expect(PictureSize(Self.bitmap).map { [$0.width, $0.height] } == [800, 600])
        #expect(PictureSize(Self.oldBitmap).map { [$0.width, $0.height] } == [800, 600])
        #expect(PictureSize(Self.jpeg).map { [$0.width, $0.height] } == [800, 600])
    }

    @Test func partsOfHeadersHaveNone() {
        for picture in [Self.png, Self.gif, Self.bitmap, Self.oldBitmap] {
            for count in 0..<picture.count { #expect(PictureSize(picture.prefix(count)) == nil) }
        }
        for count in 0..<21 { #expect(PictureSize(Self.jpeg.prefix(count)) == nil) }
        #expect(PictureSize(Array("GIF89a".utf8) + [0, 0, 1, 0]) == nil)
        #expect(PictureSize([0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0xFF, 0xC0]) == nil)
        #expect(PictureSize([UInt8](repeating: 0xFF, count: 64)) == nil)
        #expect(PictureSize(Array("PK".utf8)) == nil)
    }
}
