// Says which bytes of a frame a part or field of it came from. Computed only when asked for: reading does not pay for it.

package import MSNP

/// A range of bytes and what it holds.
package struct ByteSpan: Sendable, Hashable {
    package var range: Range<Int>
    /// The part or field: `verb`, `args.2`, `headers.0.value`, `body.peer.session_id`.
    package var path: String

    package init(_ range: Range<Int>, _ path: String) {
        self.range = range
        self.path = path
    }
}

/// The parts of a frame. Those of one level do not overlap and lie within one of the level above; of those that hold a
/// byte, the smallest one names it.
package struct FrameSpans: Sendable {
    /// From the outside in, then by place.
    package private(set) var spans: [ByteSpan] = []
    /// The names of fields for parts whose path does not say it: `args.0` is `trid`.
    package private(set) var names: [(path: String, name: String)] = []

    /// The largest number of spans.
    package static let most = 2_000
    private static let mostHeaders = 200

    /// - Parameter reading: the arguments by name, if a form of the command fits.
    package init(_ frame: Frame, from side: Side, reading: CommandReading?) {
        add(0..<frame.lineEnd, "line")
        add(frame.lineEnd..<frame.payloadStart, "line_end")
        if frame.payloadStart < frame.bytes.count { add(frame.payloadStart..<frame.bytes.count, "payload") }
        addLine(frame, reading)
        addPayload(frame, side)
        spans = Array(spans.prefix(Self.most))
    }

    private mutating func add(_ range: Range<Int>, _ path: String) {
        if !range.isEmpty { spans.append(ByteSpan(range, path)) }
    }

    // MARK: The line

    private mutating func addLine(_ frame: Frame, _ reading: CommandReading?) {
        let tokens = frame.tokenRanges
        add(0..<min(frame.lineEnd, (tokens.first?.lowerBound ?? frame.lineEnd + 1) - 1), "verb")
        for (index, range) in tokens.enumerated().prefix(Self.most) { add(range, "args.\(index)") }
        guard let reading else { return }
        let fields = ArgumentField.all
        for argument in reading.arguments(of: frame) where fields.indices.contains(argument.field) {
            guard let index = tokens.firstIndex(where: { $0.lowerBound == argument.range.lowerBound }),
                index < Self.most
            else { continue }
            names.append(("args.\(index)", fields[argument.field].name))
        }
    }

    // MARK: The payload

    private mutating func addPayload(_ frame: Frame, _ side: Side) {
        let peer = PeerEnvelope(frame, from: side)
        guard peer != nil || Self.hasHeaders(frame.verb) else { return }
        let payload = frame.payload
        let (headers, body) = Headers.list(in: payload, most: Self.mostHeaders)
        guard !headers.isEmpty else { return }
        add(payload.startIndex..<body, "headers")
        if body < payload.endIndex { add(body..<payload.endIndex, "body") }
        for (index, header) in headers.enumerated() {
            add(header.name, "headers.\(index).name")
            add(header.value, "headers.\(index).value")
            names.append(("headers.\(index).value", "body." + FieldList.snake(payload[header.name])))
        }
        guard let peer else { return }
        for (index, packet) in peer.packets.enumerated() {
            let base = peer.packets.count == 1 ? "body.peer" : "body.peer.packets.\(index)"
            addPacket(packet, peer.version, base)
        }
    }

    /// Whether payloads of a command begin with header lines.
    private static func hasHeaders(_ verb: Verb) -> Bool {
        ["MSG", "UBM", "UUM", "SDG", "NFY", "PUT"].contains(verb)
    }

    private mutating func addPacket(_ bytes: ByteSlice, _ version: PeerVersion, _ base: String) {
        guard let packet = try? PeerPacket(bytes, version: version) else { return }
        let start = bytes.startIndex
        add(start..<bytes.endIndex, base)
        switch packet.header {
        case .one(let header):
            add(start..<(start + PeerHeader.length), "\(base).header")
            var place = start
            for (name, length) in header.nonce == nil ? Self.first : Self.handshake {
                add(place..<(place + length), "\(base).\(name)")
                place += length
            }
        case .two(let header):
            let end = min(bytes.endIndex, start + header.headersLength)
            add(start..<end, "\(base).header")
            for (name, range) in [("length", 0..<1), ("opcode", 1..<2), ("payload_length", 2..<4), ("sequence", 4..<8)]
            {
                add((start + range.lowerBound)..<(start + range.upperBound), "\(base).\(name)")
            }
            guard header.data != nil else { break }
            let inner = start + Int(header.length)
            for (name, range) in [
                ("data_header_length", 0..<1), ("is_first", 1..<2), ("package", 2..<4), ("session_id", 4..<8),
            ] {
                add((inner + range.lowerBound)..<(inner + range.upperBound), "\(base).\(name)")
            }
        }
        if !packet.data.isEmpty {
            add(packet.data.startIndex..<packet.data.endIndex, "\(base).data")
            if SLPMessage.begins(packet.data) { addLines(packet.data, "\(base).slp") }
        }
        if packet.footer != nil, packet.data.endIndex + 4 <= bytes.endIndex {
            add(packet.data.endIndex..<(packet.data.endIndex + 4), "\(base).footer")
        }
    }

    /// The fields of a header of version 1, with their lengths.
    private static let first = [
        ("session_id", 4), ("identifier", 4), ("offset", 8), ("total_size", 8), ("chunk_length", 4), ("flags", 4),
        ("ack_identifier", 4), ("ack_unique_id", 4), ("ack_data_size", 8),
    ]
    private static let handshake = Array(first.dropLast(3)) + [("nonce", 16)]

    /// The lines of an MSNSLP message: those before the first empty line, and those of its body.
    private mutating func addLines(_ bytes: ByteSlice, _ base: String) {
        let firstEnd = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
        add(bytes.startIndex..<firstEnd, "\(base).start_line")
        guard firstEnd < bytes.endIndex else { return }
        let rest = bytes[(firstEnd + 1)...]
        let (headers, body) = Headers.list(in: rest, most: Self.mostHeaders)
        for header in headers {
            add(header.name.lowerBound..<header.value.upperBound, "\(base).\(FieldList.snake(rest[header.name]))")
        }
        guard body < bytes.endIndex else { return }
        for line in Headers.list(in: bytes[body...], most: Self.mostHeaders).headers {
            add(line.name.lowerBound..<line.value.upperBound, "\(base).body.\(FieldList.snake(bytes[line.name]))")
        }
    }
}
