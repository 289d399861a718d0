// Reads how large a picture is from its header, without decoding it: a few bytes can describe gigabytes of pixels.

/// The width and height that the header of a picture declares, in pixels.
package struct PictureSize: Sendable, Hashable {
    package var width: Int
    package var height: Int

    /// The largest width and height of a picture that is shown.
    package static let longestSide = 4_096

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Whether a picture of this size may be shown.
    package var isShown: Bool { 1...Self.longestSide ~= width && 1...Self.longestSide ~= height }

    /// The size of a picture; nil if its header is not complete or not one of its type.
    package init?(_ bytes: [UInt8], of type: FileType) {
        let reader = HeaderReader(bytes: bytes)
        let found: (Int, Int)? =
            switch type {
            case .png: reader.png()
            case .gif: reader.gif()
            case .jpeg: reader.jpeg()
            case .bitmap: reader.bitmap()
            default: nil
            }
        guard let (width, height) = found else { return nil }
        self.init(width: width, height: height)
    }
}

/// Reads numbers at checked places.
private struct HeaderReader {
    let bytes: [UInt8]

    private func byte(_ index: Int) -> Int? { bytes.indices.contains(index) ? Int(bytes[index]) : nil }

    private func number(_ index: Int, _ count: Int, isBig: Bool) -> Int? {
        guard index >= 0, index <= bytes.count - count else { return nil }
        let part = bytes[index..<index + count]
        return (isBig ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }

    /// The first chunk is the header.
    func png() -> (Int, Int)? {
        guard bytes.count >= 24, bytes[12..<16].elementsEqual("IHDR".utf8) else { return nil }
        return number(16, 4, isBig: true).flatMap { width in number(20, 4, isBig: true).map { (width, $0) } }
    }

    /// The screen, or the frames if they are larger: browsers make room for them.
    func gif() -> (Int, Int)? {
        guard var width = number(6, 2, isBig: false), var height = number(8, 2, isBig: false), let flags = byte(10)
        else { return nil }
        var index = 13 + Self.colors(flags)
        while let kind = byte(index) {
            switch kind {
            case 0x21: index += 2
            case 0x2C:
                guard let left = number(index + 1, 2, isBig: false), let top = number(index + 3, 2, isBig: false),
                    let frameWidth = number(index + 5, 2, isBig: false),
                    let frameHeight = number(index + 7, 2, isBig: false), let flags = byte(index + 9)
                else { return (width, height) }
                width = max(width, left + frameWidth)
                height = max(height, top + frameHeight)
                index += 11 + Self.colors(flags)
            default: return (width, height)
            }
            while let length = byte(index), length > 0 { index += length + 1 }
            index += 1
        }
        return (width, height)
    }

    /// The length of a table of colours.
    private static func colors(_ flags: Int) -> Int { flags & 0x80 == 0 ? 0 : 3 << ((flags & 7) + 1) }

    /// The first start of a frame.
    func jpeg() -> (Int, Int)? {
        var index = 2
        while let start = byte(index), let marker = byte(index + 1) {
            guard start == 0xFF else { return nil }
            switch marker {
            case 0xFF: index += 1
            case 0x01, 0xD0...0xD8: index += 2
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker):
                return number(index + 5, 2, isBig: true).flatMap { height in
                    number(index + 7, 2, isBig: true).map { ($0, height) }
                }
            case 0xD9, 0xDA: return nil
            default:
                guard let length = number(index + 2, 2, isBig: true), length >= 2 else { return nil }
                index += 2 + length
            }
        }
        return nil
    }

    func bitmap() -> (Int, Int)? {
        guard let header = number(14, 4, isBig: false) else { return nil }
        if header == 12 {
            return number(18, 2, isBig: false).flatMap { width in number(20, 2, isBig: false).map { (width, $0) } }
        }
        guard header >= 40, let width = number(18, 4, isBig: false), let height = number(22, 4, isBig: false) else {
            return nil
        }
        // A negative height means that the first row is the top one.
        return (width, height >= 1 << 31 ? (1 << 32) - height : height)
    }
}
