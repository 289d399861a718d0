// Writes PNG files with a palette (PNG specification; zlib format RFC 1950, uncompressed blocks of RFC 1951).

/// Encodes small pictures without compression.
enum PNGFile {
    /// The file.
    ///
    /// - Parameters:
    ///   - rows: an index into the palette for each pixel, below 16; all rows have the same length.
    ///   - palette: at most 16 colours of three bytes: red, green, blue.
    static func bytes(rows: [[UInt8]], palette: [[UInt8]]) -> [UInt8] {
        // Four bits for each pixel; each row begins with its filter type 0.
        var pixels: [UInt8] = []
        for row in rows {
            pixels.append(0)
            for place in stride(from: 0, to: row.count, by: 2) {
                let second = place + 1 < row.count ? row[place + 1] : 0
                pixels.append(row[place] << 4 | second)
            }
        }
        let header = big(UInt32(rows.first?.count ?? 0)) + big(UInt32(rows.count)) + [4, 3, 0, 0, 0]
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file += chunk("IHDR", header)
        file += chunk("PLTE", palette.flatMap { $0 })
        file += chunk("IDAT", zlib(pixels))
        return file + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let named = Array(type.utf8) + data
        return big(UInt32(data.count)) + named + big(crc32(named))
    }

    /// A zlib stream of uncompressed blocks.
    private static func zlib(_ data: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x78, 0x01]
        let most = 0xFFFF
        for start in stride(from: 0, to: data.count, by: most) {
            let block = data[start...].prefix(most)
            let length = UInt16(block.count)
            result.append(start + block.count == data.count ? 1 : 0)
            for number in [length, ~length] { result += [UInt8(truncatingIfNeeded: number), UInt8(number >> 8)] }
            result += block
        }
        return result + big(adler32(data))
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 0 ? 0 : 0xEDB8_8320) }
        }
    }

    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        let sums = bytes.reduce((low: UInt32(1), high: UInt32(0))) { sums, byte in
            let low = (sums.low + UInt32(byte)) % 65_521
            return (low, (sums.high + low) % 65_521)
        }
        return sums.high << 16 | sums.low
    }

    private static func big(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
