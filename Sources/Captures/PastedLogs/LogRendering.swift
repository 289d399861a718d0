// Restores payloads that papyon and pymsn render in their logs. Pure.

internal import MSNP

/// A payload in the form of papyon's `CommandPrinter`: headers as `⇥Name: 'value'\r\n` with the line end written out, an
/// empty line, and the text in the same form; or a Python string of its own; or `⇥[payload]` in place of it. In messages
/// of the peer-to-peer layer, `⇥[P2P message (56 bytes)]` stands for the packet: a payload without it is none.
struct LogRendering {
    /// The restored payload; empty if the log leaves it or a part of it out.
    private(set) var payload: [UInt8] = []
    /// The position behind the rendering in the text.
    private(set) var end: Int

    /// Reads a rendering.
    ///
    /// - Parameter start: the position of the line behind the command.
    /// - Returns: nil if there is none.
    init?(_ text: LogText, from start: Int) {
        guard let (first, next) = text.line(at: start) else { return nil }
        if let string = Self.string(first) {
            payload = string
            end = next
            return
        }
        end = start
        var isInBody = false
        while let (line, next) = text.line(at: end), line.first == 0x09, payload.count <= DecoderLimits().payload {
            end = next
            let (content, hasEnd) = Self.withoutWrittenEnd(line.dropFirst())
            if content.elementsEqual("[payload]".utf8) || content.starts(with: "[P2P message (".utf8) {
                payload = []
                return
            }
            if isInBody {
                payload += content + (hasEnd ? [0x0D, 0x0A] : [])
            } else if content.isEmpty {
                payload += [0x0D, 0x0A]
                isInBody = true
            } else {
                payload += Self.header(content) + [0x0D, 0x0A]
            }
        }
        guard end > start else { return nil }
    }

    private static func withoutWrittenEnd(_ line: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, Bool) {
        line.suffix(4).elementsEqual("\\r\\n".utf8) ? (line.dropLast(4), true) : (line, false)
    }

    private static func header(_ line: ArraySlice<UInt8>) -> [UInt8] {
        guard let colon = line.firstIndex(of: 0x3A), let value = string(line[colon...].dropFirst(2)) else {
            return Array(line)
        }
        return line[...colon] + [0x20] + value
    }

    /// The content of a Python string with its quotes; nil if the text is not exactly one.
    private static func string(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count >= 2, let quote = text.first, quote == 0x27 || quote == 0x22, text.last == quote else {
            return nil
        }
        var bytes: [UInt8] = []
        var rest = text.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            guard byte == 0x5C, let escaped = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch escaped {
            case 0x6E: bytes.append(0x0A)
            case 0x72: bytes.append(0x0D)
            case 0x74: bytes.append(0x09)
            case 0x78:
                guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
                bytes.append(code)
                rest = rest.dropFirst(2)
            default: bytes.append(escaped)
            }
        }
        return bytes
    }
}
