// Cuts bytes of a stream that a log shows as they were sent or received into commands. Pure.

internal import MSNP

/// The bytes of one side of a connection in a log that shows whole reads and writes: several commands, or a part of one.
///
/// A payload may continue in the next bytes of the same side. It ends early if these begin with a command: the log left
/// the rest out.
struct LogChunk: Sendable {
    /// A part of the bytes.
    enum Piece: Equatable, Sendable {
        /// A command, and the payload length that it claims if its payload is shorter.
        case frame(Frame, claimed: Int?)
        /// A line that is no command.
        case text([UInt8])
    }

    /// The bytes of an incomplete command.
    private var held: [UInt8] = []
    /// The time of the last bytes.
    private(set) var lastTime: Int64 = 0

    /// Whether these bytes end an incomplete command early, because they begin with one.
    func isCut(before bytes: [UInt8], from side: Side) -> Bool {
        !held.isEmpty && Self.beginsWithCommand(bytes, from: side)
    }

    /// Handles the next bytes of this side.
    mutating func append(_ bytes: [UInt8], from side: Side, at time: Int64) -> [Piece] {
        var pieces: [Piece] = []
        held += bytes
        lastTime = time
        var position = held.startIndex
        while let piece = Self.next(held, from: &position, side) { pieces.append(piece) }
        held.removeFirst(position)
        return pieces
    }

    /// Handles the end: an incomplete command is returned with what there is of it.
    mutating func finish(from side: Side) -> [Piece] {
        defer { held = [] }
        guard let (line, next) = Self.line(held, from: 0) else { return held.isEmpty ? [] : [.text(held)] }
        guard let frame = LogLine.command(line) else { return [.text(Array(line))] }
        let claimed = CommandPlausibility.announcedPayload(of: frame, from: side)?.length
        return [.frame(Frame(Array(frame.bytes) + held[next...]) ?? frame, claimed: claimed)]
    }

    /// The next piece; nil if the rest is incomplete.
    private static func next(_ bytes: [UInt8], from position: inout Int, _ side: Side) -> Piece? {
        // Logs add line ends of their own.
        while position < bytes.count, bytes[position] == 0x0D || bytes[position] == 0x0A { position += 1 }
        guard let (line, next) = line(bytes, from: position) else {
            // A line without its end: complete if it can be read as a command.
            let rest = bytes[position...]
            if rest.count > DecoderLimits().line {
                position = bytes.count
                return .text(Array(rest))
            }
            guard !rest.isEmpty, let frame = LogLine.command(rest),
                CommandReading(frame, from: side, role: .unknown, dialect: nil) != nil,
                CommandPlausibility.announcedPayload(of: frame, from: side)?.isCertain != true
            else { return nil }
            position = bytes.count
            return .frame(frame, claimed: nil)
        }
        guard line.count <= DecoderLimits().line, let frame = LogLine.command(line) else {
            position = next
            return .text(Array(line))
        }
        let left = bytes.count - next
        guard let claim = CommandPlausibility.announcedPayload(of: frame, from: side), claim.length > 0,
            claim.length <= DecoderLimits().payload, claim.isCertain || claim.length == left
        else {
            position = next
            return .frame(frame, claimed: nil)
        }
        // The line end of the last line is lost if the log shows text.
        guard left >= claim.length || left + 2 == claim.length else { return nil }
        let payload = bytes[next...].prefix(claim.length) + (left < claim.length ? [0x0D, 0x0A] : [])
        position = min(next + claim.length, bytes.count)
        return .frame(Frame(Array(frame.bytes) + payload) ?? frame, claimed: nil)
    }

    private static func line(_ bytes: [UInt8], from start: Int) -> (ArraySlice<UInt8>, next: Int)? {
        guard let feed = bytes[start...].firstIndex(of: 0x0A) else { return nil }
        let line = bytes[start..<feed]
        return (line.last == 0x0D ? line.dropLast() : line, feed + 1)
    }

    private static func beginsWithCommand(_ bytes: [UInt8], from side: Side) -> Bool {
        let line = bytes.prefix(DecoderLimits().line).prefix { $0 != 0x0D && $0 != 0x0A }
        guard let frame = LogLine.command(line), CommandPlausibility.isKnown(frame.verb, from: side) else {
            return false
        }
        return CommandReading(frame, from: side, role: .unknown, dialect: nil) != nil
    }
}

extension LogChunk {
    /// Collects the bytes of a chunk from the lines of a log.
    ///
    /// - Parameters:
    ///   - first: the rest of the line with the prefix; nil if the bytes begin on the next line.
    ///   - start: the position of the next line.
    ///   - program: the program that wrote the log; its next line ends the chunk.
    /// - Returns: the bytes, with a CR LF between lines, or those of a hex dump; and the position behind them.
    static func collect(
        _ text: LogText, _ first: ArraySlice<UInt8>?, from start: Int, _ program: LogPrefix.Program
    ) -> (bytes: [UInt8], end: Int) {
        var lines = first.map { [LogText.withoutColours($0)] } ?? []
        var position = start
        var size = 0
        while let (content, next) = text.line(at: position), size <= DecoderLimits().payload {
            if ends(before: content, program) { break }
            let plain = program == .bitlbee ? LogText.withoutColours(content) : Array(content)
            lines.append(Array(plain.prefix(plain.count - plain.reversed().prefix { $0 == 0x0D }.count)))
            size += content.count + 2
            position = next
        }
        if let rows = hexRows(lines) { return (rows, position) }
        return (Array(lines.joined(separator: [0x0D, 0x0A])), position)
    }

    private static func ends(before line: ArraySlice<UInt8>, _ program: LogPrefix.Program) -> Bool {
        let parts = LogLine(line)
        if program == .miranda { return parts.prefix?.program == .miranda || parts.time != nil }
        // Without colours, what BitlBee received cannot be distinguished from what people write.
        let isArrow = parts.prefix?.program == .people && line.starts(with: "<<< ".utf8)
        return parts.prefix?.program == .bitlbee || isArrow || PastedLog.isFence(line)
    }

    /// The bytes of rows such as `00000000: 56 45 52 20-31 …  VER 1`; nil if the lines are none.
    private static func hexRows(_ lines: [[UInt8]]) -> [UInt8]? {
        var bytes: [UInt8] = []
        for line in lines where !line.isEmpty {
            let digits = line.prefix { $0 != 0x3A }
            guard digits.count == 8, Int(String(decoding: digits, as: UTF8.self), radix: 16) == bytes.count else {
                return nil
            }
            var rest = line.dropFirst(10)
            var count = 0
            while count < 16, let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(byte)
                count += 1
                rest = rest.dropFirst(3)
            }
        }
        return bytes.isEmpty ? nil : bytes
    }
}
