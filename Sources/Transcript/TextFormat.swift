// Events as lines that people read, and can paste into a protocol wiki.

internal import MSNP
internal import Messages

/// One line an event: time, role and connection, who said it, the line; payloads below.
public struct TextFormat: EventFormat, Sendable {
    private let presentation: Presentation
    private var times = TimeWriter()

    /// How many bytes of a binary payload are shown below detail 3.
    private static let hexExcerpt = 64

    /// A format that shows what was asked for.
    public init(_ presentation: Presentation) { self.presentation = presentation }

    /// Appends one event. A message that came in one part is left out where its payload is shown anyway.
    public mutating func append(_ event: Event, to bytes: inout [UInt8]) {
        if case .message(let message) = event.kind, message.parts == 1, presentation.detail > 0,
            !presentation.repeatsMessages
        {
            return
        }
        paint(event, &bytes)
        begin(event, &bytes)
        switch event.kind {
        case .listening(let address): bytes.append(visible: "listening on \(address)")
        case .opened(let ends):
            bytes.append(visible: "opened \(ends.client) → \(ends.server)\(Self.identity(event.signIn))")
        case .closed(_, let reason, let client, let server):
            bytes.append(
                visible: "closed: \(reason); C: \(Self.summary(client)); S: \(Self.summary(server))")
        case .frame(let frame, let side): append(frame, from: side, event, &bytes)
        case .rewritten(let rewriting):
            let secrets = presentation.showsSecrets ? [] : Secrets.ranges(in: rewriting.sent, from: .server)
            bytes.append(plain: "S: ")
            let line = Masking.masked(rewriting.sent.bytes, 0..<rewriting.sent.lineEnd, secrets)
            bytes.append(visible: line, 0..<line.count)
            bytes.append(visible: "   ← sent to the client: \(rewriting.from) is now \(rewriting.to)")
        case .noise(let noise, let side):
            bytes.append(plain: side == .client ? "C: " : "S: ")
            let fields = PayloadFields.fields(ofLink: noise, secrets: !presentation.showsSecrets)
            let what = fields.isEmpty ? "noise" : "packet"
            bytes.append(visible: "\(what), \(noise.bytes.count) bytes at \(noise.offset): \(noise.reason.rawValue)")
            if presentation.detail > 1, !fields.isEmpty { appendPacket(fields, event, &bytes) }
            let secrets = presentation.showsSecrets ? [] : Secrets.ranges(in: noise, from: side, role: event.role)
            if presentation.detail > 0, presentation.shows(noise) {
                appendHex(Masking.blank(noise.bytes, secrets)[...], &bytes)
            }
        case .gap(let count, let offset, let side):
            bytes.append(plain: side == .client ? "C: " : "S: ")
            bytes.append(visible: "gap, \(count) bytes missing at \(offset)")
        case .finding(let finding):
            if let side = finding.side { bytes.append(plain: side == .client ? "C: " : "S: ") }
            bytes.append(visible: "! \(finding.name): \(finding.text)")
        case .message(let message):
            let people = message.to.isEmpty ? "" : " → \(message.to.joined(separator: ", "))"
            bytes.append(visible: "message \(message.from)\(people): ")
            let text = Array(message.text.utf8)
            bytes.append(visible: text, 0..<text.count)
        }
        if presentation.colors { bytes.append(plain: "\u{1B}[0m") }
        bytes.append(0x0A)
    }

    private mutating func begin(_ event: Event, _ bytes: inout [UInt8]) {
        times.appendTime(event.time, to: &bytes)
        bytes.append(0x20)
        guard event.connection > 0 else { return }
        bytes.append(contentsOf: (event.role == .unknown ? "--" : event.role.rawValue).utf8)
        bytes.append(0x23)
        bytes.append(number: event.connection)
        bytes.append(0x20)
    }

    private func append(_ frame: Frame, from side: Side, _ event: Event, _ bytes: inout [UInt8]) {
        let secrets = presentation.showsSecrets ? [] : Secrets.ranges(in: frame, from: side)
        bytes.append(plain: side == .client ? "C: " : "S: ")
        let line = Masking.masked(frame.bytes, 0..<frame.lineEnd, secrets)
        bytes.append(visible: line, 0..<line.count)
        if presentation.detail > 1 { appendExplanation(frame, from: side, event, secrets, &bytes) }
        if presentation.detail > 0, !frame.payload.isEmpty {
            appendPayload(Masking.masked(frame.bytes, frame.payloadStart..<frame.bytes.count, secrets), &bytes)
        }
    }

    /// Appends the arguments by name, what they mean, and what the frame answers.
    private func appendExplanation(
        _ frame: Frame, from side: Side, _ event: Event, _ secrets: [Range<Int>], _ bytes: inout [UInt8]
    ) {
        if let error = ErrorName.of(frame.verb) {
            bytes.append(visible: "\n    = \(error.name): \(error.meaning)", keepingLines: true)
        }
        if let remark = event.remark {
            if let reading = remark.reading, frame.lineEnd > 3 {
                bytes.append(plain: "\n    = ")
                TextFields.append(frame, reading, secrets, to: &bytes)
            }
            let fields = PayloadFields.fields(of: frame, from: side, secrets)
            if !fields.isEmpty {
                bytes.append(plain: "\n    = ")
                PayloadFields.append(text: fields, to: &bytes)
            }
            if let joined = remark.joined {
                bytes.append(plain: "\n    = in several packets: ")
                PayloadFields.append(joined, secrets: !presentation.showsSecrets, text: &bytes)
            }
            if let request = remark.request {
                bytes.append(
                    visible: "\n    = answers \(request) after \(Self.milliseconds(remark.delay))", keepingLines: true)
            }
            if let verdict = remark.verdict {
                bytes.append(visible: "\n    = the answer is \(verdict.rawValue)", keepingLines: true)
            }
        }
    }

    /// Appends what a packet of a direct link is.
    private func appendPacket(_ fields: [Field], _ event: Event, _ bytes: inout [UInt8]) {
        bytes.append(plain: "\n    = ")
        PayloadFields.append(text: fields, to: &bytes)
        guard let joined = event.remark?.joined else { return }
        bytes.append(plain: "\n    = in several packets: ")
        PayloadFields.append(joined, secrets: !presentation.showsSecrets, text: &bytes)
    }

    /// A time of some nanoseconds, in milliseconds with three digits behind the point.
    private static func milliseconds(_ nanoseconds: Int64) -> String {
        let micro = nanoseconds / 1_000
        let digits = String(micro % 1_000)
        return "\(micro / 1_000).\(String(repeating: "0", count: 3 - digits.count))\(digits) ms"
    }

    private func appendPayload(_ payload: [UInt8], _ bytes: inout [UInt8]) {
        if Self.isText(payload[...]) {
            appendLines(payload[...], &bytes)
            return
        }
        // A binary body often has readable headers in front.
        let body = Headers.bodyStart(in: payload[...])
        if body < payload.count, Self.isText(payload[..<body]) {
            appendLines(payload[..<body], &bytes)
            bytes.append(0x0A)
            appendHex(payload[body...], &bytes)
        } else {
            appendHex(payload[...], &bytes)
        }
    }

    private func appendLines(_ text: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
        var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        // Empty lines at the end say nothing that the length does not.
        while let last = lines.last, last.isEmpty || last.elementsEqual([0x0D]) { lines.removeLast() }
        for line in lines {
            bytes.append(plain: line.isEmpty || line.elementsEqual([0x0D]) ? "\n" : "\n    ")
            let end = line.last == 0x0D ? line.endIndex - 1 : line.endIndex
            bytes.append(visible: Array(line[..<end]), 0..<(end - line.startIndex))
        }
    }

    private func appendHex(_ all: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
        let shown = presentation.detail > 2 ? all : all.prefix(Self.hexExcerpt)
        for start in stride(from: shown.startIndex, to: shown.endIndex, by: 16) {
            let row = shown[start..<min(start + 16, shown.endIndex)]
            bytes.append(plain: "\n    ")
            bytes.append(hexOffset: start - all.startIndex)
            for byte in row {
                bytes.append(0x20)
                bytes.append([UInt8].hexDigit(byte &>> 4))
                bytes.append([UInt8].hexDigit(byte & 15))
            }
            for _ in row.count..<17 { bytes.append(plain: "   ") }
            for byte in row { bytes.append(byte &- 0x20 < 0x5F ? byte : 0x2E) }
        }
        if shown.count < all.count {
            bytes.append(visible: "\n    … \(all.count - shown.count) more bytes", keepingLines: true)
        }
    }

    /// Whether bytes can be read: UTF-8 without controls other than tabs and line ends.
    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        let copy = Array(bytes)
        let span = copy.span
        var index = 0
        while index < span.count {
            let byte = span[index]
            if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return false }
            let length = UTF8Sequence.length(in: span, at: index, end: span.count)
            guard length > 0 else { return false }
            index &+= length
        }
        return true
    }

    private static func summary(_ sums: Tally.Sums) -> String {
        let commands = sums.verbs.reduce(0) { $0 + $1.count }
        return "\(commands) commands, \(sums.bytes) bytes" + (sums.noiseBytes > 0 ? ", \(sums.noiseBytes) noise" : "")
            + (sums.gaps.isEmpty ? "" : ", \(sums.gaps.count) gaps")
    }

    private static func identity(_ signIn: SignIn?) -> String {
        guard let signIn else { return "" }
        return " (sign-in \(signIn.number)\(signIn.account.map { ", \($0)" } ?? ""))"
    }

    /// Colours by direction and role: notification cold, switchboard warm, client dim, trouble red.
    private func paint(_ event: Event, _ bytes: inout [UInt8]) {
        guard presentation.colors else { return }
        switch event.kind {
        case .noise, .gap: bytes.append(plain: "\u{1B}[31m")
        case .finding: bytes.append(plain: "\u{1B}[1;31m")
        case .rewritten: bytes.append(plain: "\u{1B}[1;33m")
        case .message: bytes.append(plain: "\u{1B}[1m")
        case .listening, .opened, .closed: bytes.append(plain: "\u{1B}[2m")
        case .frame(_, let side):
            switch (event.role, side) {
            case (.switchboard, .client): bytes.append(plain: "\u{1B}[35m")
            case (.switchboard, .server): bytes.append(plain: "\u{1B}[33m")
            case (.dispatch, _): bytes.append(plain: "\u{1B}[34m")
            case (_, .client): bytes.append(plain: "\u{1B}[36m")
            case (_, .server): bytes.append(plain: "\u{1B}[32m")
            }
        }
    }
}

extension Array where Element == UInt8 {
    /// Appends our own words together with what peers named, with controls made visible.
    package mutating func append(visible text: String, keepingLines: Bool = false) {
        let utf8 = Array(text.utf8)
        append(visible: utf8, 0..<utf8.count, keepingLines: keepingLines)
    }

    /// Appends bytes so that a terminal only ever shows them: C0 controls as their pictures (U+2400…), DEL as ␡, C1
    /// controls and direction marks as `\u{…}`, bytes that are not UTF-8 as `\xNN`.
    mutating func append(visible bytes: [UInt8], _ range: Range<Int>, keepingLines: Bool = false) {
        let span = bytes.span
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = span[index]
            if byte &- 0x20 < 0x5F || byte == 0x09 || (keepingLines && byte == 0x0A) {
                append(byte)
                index &+= 1
                continue
            }
            if byte < 0x20 || byte == 0x7F {
                self += [0xE2, 0x90, byte == 0x7F ? 0xA1 : 0x80 | byte]
                index &+= 1
                continue
            }
            let length = UTF8Sequence.length(in: span, at: index, end: range.upperBound)
            if length == 0 {
                append(plain: "\\x")
                append(Self.hexDigit(byte &>> 4))
                append(Self.hexDigit(byte & 15))
                index &+= 1
            } else if let scalar = UTF8Sequence.unsafeScalar(in: span, at: index, length: length) {
                append(contentsOf: "\\u{\(String(scalar, radix: 16))}".utf8)
                index &+= length
            } else {
                append(copying: span, from: index, count: length)
                index &+= length
            }
        }
    }

    /// Appends a position as four or more hexadecimal digits.
    fileprivate mutating func append(hexOffset: Int) {
        let digits = String(hexOffset, radix: 16)
        append(contentsOf: String(repeating: "0", count: Swift.max(0, 4 - digits.count)).utf8)
        append(contentsOf: digits.utf8)
    }
}
