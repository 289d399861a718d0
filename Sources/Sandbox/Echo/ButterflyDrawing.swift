// Draws the echo contact's picture, a butterfly, as a PNG file.

/// The picture of a butterfly in five colours.
enum ButterflyDrawing {
    /// Background, body, upper wings, lower wings, spots; red, green and blue.
    private static let palette: [[UInt8]] = [
        [0xF4, 0xF8, 0xFF], [0x30, 0x2C, 0x40], [0xF0, 0x8A, 0x24], [0x3A, 0x86, 0xC8], [0xFF, 0xE0, 0x8A],
    ]

    /// The PNG file.
    ///
    /// - Parameter side: width and height in pixels.
    static func png(side: Int) -> [UInt8] {
        let rows = (0..<side).map { row in
            (0..<side).map { column in color(column * 96 / side - 48, row * 96 / side - 48) }
        }
        return PNGFile.bytes(rows: rows, palette: palette)
    }

    /// The colour at a point of a square that reaches from -48 to 47 in both directions.
    private static func color(_ x: Int, _ y: Int) -> UInt8 {
        let side = abs(x)
        func isInEllipse(_ centerX: Int, _ centerY: Int, _ radiusX: Int, _ radiusY: Int) -> Bool {
            let (dx, dy) = ((side - centerX) * radiusY, (y - centerY) * radiusX)
            return dx * dx + dy * dy <= radiusX * radiusX * radiusY * radiusY
        }
        let isAntenna = y > -44 && y < -26 && abs(side - (-26 - y) * 2 / 3 - 2) <= 1
        if side <= 2, abs(y) <= 30 { return 1 }
        if isAntenna { return 1 }
        if isInEllipse(28, -20, 7, 7) || isInEllipse(20, 20, 5, 5) { return 4 }
        if isInEllipse(23, -15, 21, 20) { return 2 }
        if isInEllipse(18, 19, 15, 17) { return 3 }
        return 0
    }
}
