// Reads commands of a pasted log with their payloads. Pure.

internal import Events
internal import MSNP

extension PastedLog {
    /// Reads a command with its continuation lines and payload, and emits it.
    ///
    /// - Returns: the position after them in the text.
    mutating func readCommand(_ first: Frame, _ side: Side, _ line: LogLine, _ start: Int) -> Int {
        var position = start
        var frame = first
        while let (content, next) = text.line(at: position), content.starts(with: ".. ".utf8),
            let longer = LogLine.command(frame.line + content.dropFirst(2)), longer.lineEnd <= DecoderLimits().line
        {
            frame = longer
            position = next
        }
        // The rewritten redirect is printed below the received one; it is not a second command.
        if line.key.isNumber, Self.contains(frame.line, "   ← sent to the client: ") { return position }
        var finding: Finding?
        let claim = CommandPlausibility.announcedPayload(of: frame, from: side).flatMap { $0.length > 0 ? $0 : nil }
        switch (line.prefix?.content ?? .lines, claim) {
        case (.lineWithoutLength, let claim?) where claim.isCertain:
            finding = Finding(
                .payloadLeftOut, "The payload of \(frame.verb) and its length are not in the log.", side: side)
        case (.rendering, _):
            guard let rendering = LogRendering(text, from: position) else {
                if let claim, claim.isCertain { finding = Self.leftOut(frame, claim.length, side) }
                break
            }
            position = rendering.end
            if rendering.payload.isEmpty {
                finding = Finding(.payloadLeftOut, "The payload of \(frame.verb) is not in the log.", side: side)
            }
            frame = Self.frame(frame, with: rendering.payload, replacesLength: claim != nil)
        case (.lines, let claim?), (.lineOnly, let claim?):
            finding = readPayload(claim, of: &frame, side, line, &position)
        default: break
        }
        send(frame, side, line, finding)
        return position
    }

    /// Reads the payload below a command.
    ///
    /// - Returns: a finding if it has not the length that the command claims.
    private func readPayload(
        _ claim: (length: Int, isCertain: Bool), of frame: inout Frame, _ side: Side, _ line: LogLine,
        _ position: inout Int
    ) -> Finding? {
        var payload = LogPayload(
            text: text, side: side, indent: line.indent, isOwn: line.key.isNumber, isFenced: isFenced)
        let start = line.prefix?.program == .amsn ? behindCaption(position) : position
        // Below a line of a program that writes no payloads, only what fits exactly is one: a person added it.
        let isExpected = claim.isCertain && line.prefix?.content != .lineOnly
        payload.read(from: start, claimed: claim.length, isCertain: isExpected)
        if payload.end > start || !payload.bytes.isEmpty { position = payload.end }
        // This program prints only the beginning of binary payloads, and masks secrets: such a payload is not the
        // original.
        let isAbridged = line.key.isNumber && payload.isDump && payload.bytes.count < claim.length
        if isAbridged { payload.discard() }
        frame = Frame(frame.bytes + payload.bytes) ?? frame
        guard claim.isCertain, !line.key.isNumber || !payload.holdsMask || payload.bytes.isEmpty else { return nil }
        return Self.finding(about: frame, claimed: claim.length, side)
    }

    /// The finding about a payload that has not the length that its command claims; nil if it has.
    private static func finding(about frame: Frame, claimed: Int, _ side: Side) -> Finding? {
        guard frame.payload.count != claimed else { return nil }
        guard !frame.payload.isEmpty else { return leftOut(frame, claimed, side) }
        return Finding(
            .lengthMismatch,
            "\(frame.verb) announces a payload of \(claimed) bytes; the log has \(frame.payload.count).", side: side)
    }

    private static func leftOut(_ frame: Frame, _ length: Int, _ side: Side) -> Finding {
        Finding(
            .payloadLeftOut, "The payload of \(frame.verb) (\(length) bytes) is not in the log.", side: side)
    }

    /// The position behind the line `Message Contents:`, which aMSN writes above a payload.
    private func behindCaption(_ position: Int) -> Int {
        guard let (content, next) = text.line(at: position) else { return position }
        let words = String(decoding: LogLine(content.prefix(64)).content, as: UTF8.self)
        return words.lowercased() == "message contents:" ? next : position
    }

    /// A command with a restored payload and its length: papyon prints the length of its rendering, or none.
    private static func frame(_ frame: Frame, with payload: [UInt8], replacesLength: Bool) -> Frame {
        guard !payload.isEmpty else { return frame }
        var words = frame.line.split(separator: 0x20, omittingEmptySubsequences: false)
        if replacesLength { words.removeLast() }
        let line = Array(words.joined(separator: [0x20])) + Array(" \(payload.count)\r\n".utf8)
        return Frame(line + payload) ?? frame
    }

    /// Emits a command on its connection, which it may begin.
    private mutating func send(_ frame: Frame, _ side: Side, _ line: LogLine, _ finding: Finding?) {
        let connection = connection(for: frame, side, line)
        send(.frame(frame, side), on: connection)
        if let finding { send(.finding(finding), on: connection) }
        updateState(frame, side, line.key)
    }
}

// MARK: - Logs that show bytes

extension PastedLog {
    /// Reads the bytes that a program logged as it sent or received them, and emits the commands that they complete.
    ///
    /// - Returns: the position behind them in the text.
    mutating func readChunk(_ side: Side, _ line: LogLine, _ program: LogPrefix.Program, _ start: Int) -> Int {
        let first = line.prefix?.content == .chunkBelow ? nil : line.content
        let (bytes, end) = LogChunk.collect(text, first, from: start, program)
        switch LogMessage.kind(of: bytes.prefix(4_096).prefix { $0 != 0x0D }) {
        case .httpRequest:
            carry(bytes, side, line)
            return end
        case .httpAnswer:
            // Answers to other requests than those to a gateway are in such logs, too.
            if open[carrierKey(line.key)] != nil { carry(bytes, side, line) }
            return end
        case .slp, nil: break
        }
        if chunks[line.key] == nil, chunks.count >= Self.mostOpen { chunks = [:] }
        var chunk = chunks[line.key]?[side] ?? LogChunk()
        chunks[line.key, default: PerSide(both: LogChunk())][side] = LogChunk()
        if chunk.isCut(before: bytes, from: side) { finish(&chunk, side, line, end) }
        for piece in chunk.append(bytes, from: side, at: time) { send(piece, side, line, end) }
        chunks[line.key]?[side] = chunk
        return end
    }

    /// Emits what is left of the bytes of one side, with the time of its last ones.
    private mutating func finish(_ chunk: inout LogChunk, _ side: Side, _ line: LogLine, _ end: Int) {
        let now = time
        time = chunk.lastTime
        for piece in chunk.finish(from: side) { send(piece, side, line, end) }
        time = now
    }

    private mutating func send(_ piece: LogChunk.Piece, _ side: Side, _ line: LogLine, _ end: Int) {
        switch piece {
        case .frame(let frame, let claimed):
            send(frame, side, line, claimed.flatMap { Self.finding(about: frame, claimed: $0, side) })
        case .text(let text):
            let finding = unreadable(text[...], side, endingAt: end)
            if let connection = open[line.key] { send(.finding(finding), on: connection.index) }
        }
    }

    /// Emits the incomplete commands of a connection before it ends.
    mutating func finishChunks(_ key: LogKey, on connection: Int) {
        guard var sides = chunks.removeValue(forKey: key) else { return }
        let now = time
        for side in Side.allCases {
            time = sides[side].lastTime
            for case .frame(let frame, let claimed) in sides[side].finish(from: side) {
                send(.frame(frame, side), on: connection)
                if let finding = claimed.flatMap({ Self.finding(about: frame, claimed: $0, side) }) {
                    send(.finding(finding), on: connection)
                }
            }
        }
        time = now
    }
}
