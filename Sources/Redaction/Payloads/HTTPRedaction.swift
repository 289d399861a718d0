// Redacts HTTP messages: what they are stays readable, what they contain does not. Pure.

internal import Doors
internal import MSNP

/// Redacts one side's HTTP messages, block by block, and keeps every length.
///
/// Start lines keep method, status and the paths of known services; headers keep their names, and the values that
/// frame the message. Bodies keep their line ends and the markup's punctuation.
struct HTTPRedaction: Sendable {
    private var stream: HTTPStream
    private let isRequest: Bool
    private var isBody = false
    /// Whether a head began in an earlier block, which is longer than any real one.
    private var isInHead = false

    init(isRequest: Bool) {
        self.isRequest = isRequest
        stream = HTTPStream(isRequest: isRequest, isStart: true)
    }

    /// The values of these headers stay: they frame the message, or name the kind of its content.
    private static let harmless: Set<String> = [
        "content-length", "transfer-encoding", "connection", "proxy-connection", "content-type", "content-encoding",
        "accept", "accept-encoding", "cache-control", "keep-alive",
    ]

    /// Handles missing bytes.
    mutating func lose(_ count: UInt64) { _ = stream.receiveGap(Int(clamping: count)) }

    /// The redacted copy of the next block.
    mutating func fill(_ block: [UInt8]) -> [UInt8] {
        var copy: [UInt8] = []
        var position = 0
        while true {
            let start = position
            let piece = stream.next(block.span, from: &position)
            let part = Array(block[start..<position])
            switch piece {
            case .head? where !isInHead: copy += head(part)
            case .body(let content)?:
                copy += Self.framing(part.dropLast(content.count)) + Self.body(part.suffix(content.count))
            // The lines between chunks; everything else that has been read is unknown.
            case .end?, nil: copy += isBody ? Self.framing(part) : part.map(Self.filled)
            case .head?, .lost?, .bodyGap?: copy += part.map(Self.filled)
            }
            switch piece {
            case .head?: (isBody, isInHead) = (true, false)
            case .end?, .lost?: (isBody, isInHead) = (false, false)
            case .body?, .bodyGap?: break
            case nil:
                if !isBody, position > start { isInHead = true }
                return copy
            }
        }
    }

    private func head(_ bytes: [UInt8]) -> [UInt8] {
        var lines: [[UInt8]] = []
        var isFirst = true
        var keepsValue = false
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init) {
            if line.isEmpty || line == [0x0D] {
                lines.append(line)
            } else if isFirst {
                lines.append(startLine(line))
                isFirst = false
            } else if line[0] != 0x20, line[0] != 0x09, let colon = line.firstIndex(of: 0x3A) {
                keepsValue = Self.harmless.contains(String(decoding: line[..<colon], as: UTF8.self).lowercased())
                let value = line[(colon + 1)...]
                lines.append(line[...colon] + (keepsValue ? Array(value) : value.map(Self.filled)))
            } else {
                lines.append(keepsValue ? line : line.map(Self.filled))
            }
        }
        return Array(lines.joined(separator: [0x0A]))
    }

    /// Keeps the method and the path of a known service, or the status; and the version.
    private func startLine(_ line: [UInt8]) -> [UInt8] {
        guard isRequest else {
            return Array(line.prefix(12)) + line.dropFirst(12).map { $0 == 0x20 ? $0 : Self.filled($0) }
        }
        let words = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3 else { return line.map(Self.filled) }
        let path = SignInRequest.path(in: words[1])
        let target = words[1].indices.map { path.contains($0) ? line[$0] : Self.filled(line[$0]) }
        return Array(words[0]) + [0x20] + target + [0x20] + Array(words[2])
    }

    /// Keeps the sizes of chunks, fills extensions and trailers.
    private static func framing(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line -> [UInt8] in
            let size = line.prefix { $0 != 0x3B && $0 != 0x0D }
            guard size.count <= 8, size.allSatisfy({ Hexadecimal.value(of: $0) != nil }) else {
                return line.map(filled)
            }
            return Array(size) + line[size.endIndex...].map { $0 == 0x3B ? $0 : filled($0) }
        }
        return Array(lines.joined(separator: [0x0A]))
    }

    private static func body(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.map { "<>/ ".utf8.contains($0) ? $0 : filled($0) }
    }

    private static func filled(_ byte: UInt8) -> UInt8 { byte == 0x0D || byte == 0x0A ? byte : 0x78 }
}
