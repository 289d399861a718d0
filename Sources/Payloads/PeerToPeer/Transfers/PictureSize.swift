// Reads the width and height of a picture from its header, without decoding it.

/// The size of a picture in pixels, as its header says. A small file can claim a size for which a browser needs gigabytes.
package struct PictureSize: Sendable, Hashable {
    package var width: Int
    package var height: Int

    /// - Parameter bytes: the whole picture, or its beginning.
    /// - Returns: nil if there is no header of a known kind with a size.
    package init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        let size: (width: Int?, height: Int?)
        switch FileType(bytes) {
        case .png: size = (Self.number(bytes, 16, 4, isBig: true), Self.number(bytes, 20, 4, isBig: true))
        case .gif: size = (Self.number(bytes, 6, 2, isBig: false), Self.number(bytes, 8, 2, isBig: false))
        case .bitmap: size = Self.bitmap(bytes)
        case .jpeg: size = Self.jpeg(bytes)
        default: return nil
        }
        guard let width = size.width, let height = size.height, width > 0, height > 0 else { return nil }
        (self.width, self.height) = (width, height)
    }

    /// An unsigned number of some bytes; nil if they are not there.
    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int, isBig: Bool) -> Int? {
        guard start >= 0, start + count <= bytes.count else { return nil }
        let part = bytes[start..<start + count]
        return (isBig ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func bitmap(_ bytes: [UInt8]) -> (width: Int?, height: Int?) {
        // The oldest header has 16 bits each.
        guard let header = number(bytes, 14, 4, isBig: false), header > 12 else {
            return (number(bytes, 18, 2, isBig: false), number(bytes, 20, 2, isBig: false))
        }
        func signed(_ start: Int) -> Int? {
            number(bytes, start, 4, isBig: false).map { Int(Int32(truncatingIfNeeded: $0).magnitude) }
        }
        // Rows from top to bottom have a negative height.
        return (signed(18), signed(22))
    }

    /// The size is in the first segment that begins a frame.
    private static func jpeg(_ bytes: [UInt8]) -> (width: Int?, height: Int?) {
        var place = 2
        while place + 4 <= bytes.count, bytes[place] == 0xFF {
            let marker = bytes[place + 1]
            // A marker may be filled up with FF, and some have no content.
            if marker == 0xFF || marker == 0x01 || 0xD0...0xD8 ~= marker {
                place += marker == 0xFF ? 1 : 2
                continue
            }
            if 0xC0...0xCF ~= marker, ![0xC4, 0xC8, 0xCC].contains(marker) {
                return (number(bytes, place + 7, 2, isBig: true), number(bytes, place + 5, 2, isBig: true))
            }
            guard let length = number(bytes, place + 2, 2, isBig: true), length >= 2 else { break }
            place += 2 + length
        }
        return (nil, nil)
    }
}
