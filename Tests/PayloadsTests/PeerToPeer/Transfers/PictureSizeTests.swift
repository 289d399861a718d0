// The size of pictures by their headers (attack row 13: a small file that takes gigabytes once it is decoded).

import Payloads
import Testing

@Suite struct PictureSizeTests {
    private static func big(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    private static func little(_ number: Int, _ count: Int) -> [UInt8] { big(number, count).reversed() }

    private static func png(_ width: Int, _ height: Int) -> [UInt8] {
        [0x89] + "PNG\r\n\u{1A}\n".utf8 + big(13, 4) + "IHDR".utf8 + big(width, 4) + big(height, 4) + [8, 2, 0, 0, 0]
    }

    private static func gif(_ width: Int, _ height: Int, frame: (left: Int, top: Int, width: Int, height: Int))
        -> [UInt8]
    {
        let head = Array("GIF89a".utf8) + little(width, 2) + little(height, 2) + [0x80, 0, 0, 0, 0, 0, 255, 255, 255]
        let note: [UInt8] = [0x21, 0xFE, 3, 0x2C, 0x2C, 0x2C, 0]
        let place = little(frame.left, 2) + little(frame.top, 2) + little(frame.width, 2) + little(frame.height, 2)
        return head + note + [0x2C] + place + [0x81] + [UInt8](repeating: 9, count: 12) + [2, 2, 0x44, 1, 0, 0x3B]
    }

    private static func jpeg(_ width: Int, _ height: Int, start: UInt8 = 0xC2) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0xC0, 0xC0, 0xFF, 0xFF, 0xC4, 0, 3, 1, 0xFF, start, 0, 11, 8]
            + big(height, 2) + big(width, 2) + [1]
    }

    private static func bitmap(_ width: Int, _ height: Int) -> [UInt8] {
        Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + little(40, 4) + little(width, 4) + little(height, 4)
    }

    private static let cases: [(bytes: [UInt8], width: Int, height: Int)] = [
        (png(96, 60_000), 96, 60_000), (png(4_294_967_295, 1), 4_294_967_295, 1), (jpeg(640, 480), 640, 480),
        (jpeg(7, 9, start: 0xC0), 7, 9), (gif(3, 4, frame: (0, 0, 3, 4)), 3, 4),
        (gif(1, 1, frame: (5, 6, 60_000, 100)), 60_005, 106), (bitmap(20, 30), 20, 30), (bitmap(20, -30), 20, 30),
        (
            Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + little(12, 4) + little(9, 2) + little(8, 2),
            9, 8
        ),
    ]

    @Test(arguments: cases.indices) func declaredSizes(_ index: Int) {
        let (bytes, width, height) = Self.cases[index]
        let size = PictureSize(bytes, of: FileType(bytes))
        #expect(size == PictureSize(width: width, height: height))
        #expect(size?.isShown == (width <= 4_096 && height <= 4_096))
        // Cut off anywhere, it is not larger than it says, and nothing traps.
        for count in 0..<bytes.count {
            let part = Array(bytes.prefix(count))
            if let size = PictureSize(part, of: FileType(bytes)) {
                #expect(size.width <= width && size.height <= height)
            }
        }
    }

    @Test func whatHasNoSize() {
        #expect(PictureSize(Array("<svg/>".utf8), of: .other) == nil)
        #expect(PictureSize(Array("MSCF".utf8), of: .cabinet) == nil)
        // The header is to be the first chunk, and a scan may not come before the size.
        #expect(PictureSize(Self.png(1, 1).map { $0 == 0x48 ? 0x49 : $0 }, of: .png) == nil)
        #expect(PictureSize([0xFF, 0xD8, 0xFF, 0xDA, 0, 3, 1], of: .jpeg) == nil)
        #expect(PictureSize([0xFF, 0xD8, 0xFF, 0xE0, 0, 1], of: .jpeg) == nil)
        #expect(!PictureSize(width: 0, height: 5).isShown && !PictureSize(width: 5, height: 4_097).isShown)
        #expect(PictureSize(width: 4_096, height: 1).isShown)
    }
}
