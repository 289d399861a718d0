// Formats events as readable text lines.

internal import Analysis
package import Events
internal import MSNP
internal import Payloads

/// Formats each event as one line (time, role and connection, side, command line), with payloads below it.
package struct TextFormat: EventFormat, Sendable {
    private var presentation: Presentation
    private var masking: Masking
    private var times: TimeWriter
    /// The day of the last line in the zone of the times, counted from 1970.
    private var day: Int64?
    private var fields = TextFields()
    private var payloads = PayloadFields(.text)
    /// Memory for assembling a line; longer lines are rare.
    private var room = [UInt8](repeating: 0, count: 16 << 10)

    /// The number of bytes of a binary payload shown at detail levels below 3.
    private static let hexExcerpt = 64

    private let showsDates: Bool

    /// - Parameters:
    ///   - presentation: the user's output options.
    ///   - showsDates: whether `append` starts with the date where it changes; otherwise `appendDate` does that.
    package init(_ presentation: Presentation, showsDates: Bool = true) {
        self.presentation = presentation
        self.showsDates = showsDates
        masking = Masking(presentation)
        times = TimeWriter(presentation.zone)
    }

    /// Sets the key for masks from now on.
    package mutating func mask(with key: MaskKey) {
        presentation.maskKey = key
        masking = Masking(presentation)
    }

    package mutating func divideCaches(by copies: Int) { payloads.divideCaches(by: copies) }

    /// Appends one event. A message in one part is omitted if its payload is shown anyway.
    package mutating func append(_ event: Event, to bytes: inout [UInt8]) {
        guard shows(event) else { return }
        var room: [UInt8] = []
        swap(&room, &self.room)
        bytes.write(in: &room) {
            if showsDates { appendDate(event.time, &$0) }
            append(event, &$0)
        }
        swap(&room, &self.room)
    }

    /// Appends a line with the date of the next event if it differs from that of the last one.
    package mutating func appendDate(of time: Timestamp, to bytes: inout [UInt8]) {
        guard day != times.day(of: time) else { return }
        var room: [UInt8] = []
        bytes.write(in: &room) { appendDate(time, &$0) }
    }

    /// The day of a time in the zone of the times; nil for times without a date.
    package func dateDay(of time: Timestamp) -> Int64? { time.hasDate ? times.day(of: time) : nil }

    /// Whether the format has a line for an event.
    package func shows(_ event: Event) -> Bool {
        switch event.kind {
        case .listening: !presentation.omitsListening
        case .message(let message) where presentation.detail > 0 && !presentation.repeatsMessages:
            message.parts != 1 || message.fragment != nil
        default: true
        }
    }

    private mutating func append(_ event: Event, _ bytes: inout ByteWriter) {
        begin(event, &bytes)
        switch event.kind {
        case .listening(let address): bytes.append(visible: "listening on \(address)")
        case .opened(let ends):
            let file = presentation.namesFiles ? ends.file.map { ", from \($0)" } ?? "" : ""
            bytes.append(visible: "opened \(ends.client) → \(ends.server)\(Self.identity(event.signIn))\(file)")
        case .closed(_, let reason, let client, let server):
            bytes.append(
                visible: "\(Self.text(of: reason)); C: \(Self.summary(client, event.role)); "
                    + "S: \(Self.summary(server, event.role))")
        case .frame(let frame, let side): append(frame, from: side, event, &bytes)
        case .rewritten(let rewriting):
            let secrets = masking.secrets(in: rewriting.sent, from: rewriting.side)
            bytes.append(plain: rewriting.side == .client ? "C: " : "S: ")
            let line = masking.masked(rewriting.sent.bytes, 0..<rewriting.sent.lineEnd, secrets)
            bytes.append(visible: line.span)
            bytes.append(
                visible:
                    "   ← sent to the \(rewriting.side == .client ? "server" : "client"): \(rewriting.from) is now \(rewriting.to)"
            )
        case .noise(let noise, let side):
            bytes.append(plain: side == .client ? "C: " : "S: ")
            let fields = PayloadFields.fields(ofLink: noise, &masking)
            let what =
                noise.reason == .fileData || noise.reason == .httpMessage
                ? "data" : fields.isEmpty ? "noise" : PayloadFields.isPastedMessage(noise) ? "message" : "packet"
            bytes.append(visible: "\(what), \(noise.bytes.count) bytes at \(noise.offset): \(noise.reason.rawValue)")
            if presentation.detail > 1, !fields.isEmpty { appendPacket(fields, event, &bytes) }
            let secrets = masking.secrets(in: noise, from: side, of: event)
            if presentation.detail > 0, presentation.shows(noise), noise.reason != .httpMessage {
                if PayloadFields.isPastedMessage(noise) {
                    let text = ByteSlice(masking.masked(noise.bytes, noise.bytes.indices, secrets))
                    appendPayload(text[..<(text.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0)], &bytes)
                } else {
                    appendHex(Masking.blank(noise.bytes, secrets), &bytes)
                }
            }
        case .gap(let count, let offset, let side):
            bytes.append(plain: side == .client ? "C: " : "S: ")
            bytes.append(visible: "gap, \(count) bytes missing at \(offset)")
        case .finding(let finding):
            if let side = finding.side { bytes.append(plain: side == .client ? "C: " : "S: ") }
            bytes.append(plain: "! ")
            bytes.append(finding.severity.rawValue)
            bytes.append(0x20)
            bytes.append(visible: finding.name.text)
            bytes.append(plain: ": ")
            bytes.append(visible: finding.text)
        case .message(let message):
            let people = message.to.isEmpty ? "" : " → \(message.to.joined(separator: ", "))"
            let lack =
                message.fragment.map {
                    " (\($0.count(of: message.parts)), begun \($0.began.text(in: presentation.zone)))"
                } ?? ""
            bytes.append(visible: "message \(message.from)\(people)\(lack): ")
            let text = Array(message.text.utf8)
            bytes.append(visible: text.span)
        case .http(let message): append(message, &bytes)
        case .tunnel(let tunnel): bytes.append(visible: "tunnel to \(tunnel.text)")
        case .notPrinted(let omission):
            let zone = presentation.zone
            let what = omission.events == 1 ? "1 event" : "\(omission.events) events"
            let place = omission.isRecorded ? "; the archive has them" : ""
            bytes.append(
                visible:
                    "! not_printed: \(what) from \(omission.from.text(in: zone)) to \(omission.to.text(in: zone)) left out of "
                    + "this log, because its output was blocked\(place)")
        }
        if presentation.colors { TextColor.end(&bytes) }
        bytes.append(0x0A)
    }

    /// Appends a line with the date, before the first event and whenever the day changes.
    private mutating func appendDate(_ time: Timestamp, _ bytes: inout ByteWriter) {
        guard time.hasDate, day != times.day(of: time) else { return }
        day = times.day(of: time)
        start(.dim, &bytes)
        bytes.append(visible: time.dateInWords(in: presentation.zone))
        if presentation.colors { TextColor.end(&bytes) }
        bytes.append(0x0A)
    }

    /// Starts a colour, if there are colours.
    private func start(_ color: TextColor, _ bytes: inout ByteWriter) {
        guard presentation.colors else { return }
        TextColor.end(&bytes)
        color.start(&bytes)
    }

    /// Appends the time and the connection, and starts the event's colour.
    private mutating func begin(_ event: Event, _ bytes: inout ByteWriter) {
        start(.dim, &bytes)
        times.appendTime(event.time, to: &bytes)
        bytes.append(0x20)
        if presentation.colors { start(TextColor.of(event), &bytes) }
        guard event.connection > 0 else { return }
        bytes.append(event.role == .unknown ? "--" : event.role.rawValue)
        bytes.append(0x23)
        bytes.append(number: event.connection)
        bytes.append(0x20)
    }

    private mutating func append(_ frame: Frame, from side: Side, _ event: Event, _ bytes: inout ByteWriter) {
        let secrets = masking.secrets(in: frame, from: side, of: event)
        bytes.append(plain: side == .client ? "C: " : "S: ")
        if secrets.isEmpty {
            bytes.append(visible: frame.line.span)
        } else {
            bytes.append(visible: masking.masked(frame.bytes, 0..<frame.lineEnd, secrets).span)
        }
        if presentation.detail > 0, frame.verb.isError { appendError(frame.verb, event.annotation, &bytes) }
        if presentation.detail > 1 { appendExplanation(frame, from: side, event, secrets, &bytes) }
        if presentation.detail > 0, !frame.payload.isEmpty {
            let payload =
                secrets.isEmpty
                ? frame.payload
                : ByteSlice(masking.masked(frame.bytes, frame.payloadStart..<frame.bytes.count, secrets))
            appendPayload(payload, &bytes)
        }
    }

    /// Appends the start of an HTTP message, then its headers and its body.
    private mutating func append(_ message: HTTPMessage, _ bytes: inout ByteWriter) {
        let secrets = masking.secrets(in: message)
        let lines = message.lines.map { masking.masked(message.bytes, $0, secrets) }
        bytes.append(plain: message.side == .client ? "C: " : "S: ")
        if let first = lines.first { bytes.append(visible: first.span) }
        let request = message.request.map { ", answers \($0)" } ?? ""
        let delay = message.latency.map { " after \(Self.duration($0))" } ?? ""
        let rest = message.isComplete ? "" : ", incomplete"
        bytes.append(visible: "\(request)\(delay), \(Int(clamping: message.bodyBytes).counting("byte"))\(rest)")
        guard presentation.detail > 0 else { return }
        for line in lines.dropFirst() {
            bytes.append(plain: "\n    ")
            bytes.append(visible: line.span)
        }
        guard !message.body.isEmpty else { return }
        bytes.append(plain: "\n")
        let body = ByteSlice(masking.masked(message.bytes, message.body, secrets))
        if body.span.isReadable { appendLines(body.span, headers: 0, nil, &bytes) } else { appendHex(body, &bytes) }
        let left = message.bodyBytes - min(message.bodyBytes, UInt64(message.body.count))
        if left > 0 { bytes.append(visible: "\n    … \(left) more bytes", keepingLines: true) }
    }

    /// Appends the named arguments, the payload's fields, and the request that the frame answers.
    private mutating func appendExplanation(
        _ frame: Frame, from side: Side, _ event: Event, _ secrets: [Range<Int>], _ bytes: inout ByteWriter
    ) {
        start(.dim, &bytes)
        if let annotation = event.annotation {
            if let reading = annotation.reading, frame.lineEnd > 3 {
                bytes.append(plain: "\n    = ")
                fields.append(frame, reading, secrets, &masking, to: &bytes)
            }
            payloads.append(frame, from: side, annotation, secrets, &masking, prefix: "\n    = ", to: &bytes)
            if let joined = annotation.joined {
                bytes.append(plain: "\n    = in several packets: ")
                PayloadFields.append(joined, &masking, text: &bytes)
            }
            if let whole = annotation.whole {
                bytes.append(plain: "\n    = in several parts: ")
                let secrets = masking.secrets(in: whole, from: side)
                PayloadFields.append(whole: whole, from: side, secrets, &masking, .text, to: &bytes)
            }
            if let request = annotation.request, !frame.verb.isError {
                let delay = annotation.delay.map { " after \(Self.duration($0))" } ?? ""
                bytes.append(visible: "\n    = answers \(request)\(delay)", keepingLines: true)
            }
            if let verdict = annotation.verdict {
                bytes.append(visible: "\n    = \(Self.text(of: verdict, frame.verb))", keepingLines: true)
            }
        }
    }

    /// Appends the name and meaning of an error, and the request that caused it.
    private func appendError(_ verb: Verb, _ annotation: Annotation?, _ bytes: inout ByteWriter) {
        let error = ErrorName.of(verb).map { "\($0.name): \($0.meaning)" }
        let delay = annotation?.delay.map { " after \(Self.duration($0))" } ?? ""
        let request = annotation?.request.map { "answers \($0)\(presentation.detail > 1 ? delay : "")" }
        let parts = [error, request].compactMap(\.self)
        guard !parts.isEmpty else { return }
        bytes.append(visible: "\n    = \(parts.joined(separator: "; "))", keepingLines: true)
    }

    private static func text(of verdict: Annotation.Verdict, _ verb: Verb) -> String {
        switch verdict {
        case .right: "the answer is right"
        case .wrong: "the answer is wrong"
        case .unknown where verb == "QRY": "answer not checked: the key of this product is unknown"
        case .unknown: "answer not checked: the password is unknown"
        }
    }

    private static func text(of reason: CloseReason) -> String {
        let text = reason.text
        return text.hasPrefix("closed") ? text : "closed: \(text)"
    }

    /// Appends the fields of a direct link's packet.
    private mutating func appendPacket(_ fields: [Field], _ event: Event, _ bytes: inout ByteWriter) {
        bytes.append(plain: "\n    = ")
        PayloadFields.append(text: fields, to: &bytes)
        guard let joined = event.annotation?.joined else { return }
        bytes.append(plain: "\n    = in several packets: ")
        PayloadFields.append(joined, &masking, text: &bytes)
    }

    /// Formats a duration in milliseconds with three decimals; from ten seconds on in seconds, from one hour on in
    /// hours and minutes.
    private static func duration(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        if seconds >= 3_600 { return "\(seconds / 3_600) h \(seconds / 60 % 60) min" }
        let (unit, divisor): (String, Int64) = seconds >= 10 ? ("s", 1_000_000) : ("ms", 1_000)
        let thousandths = nanoseconds / divisor
        let digits = String(thousandths % 1_000)
        return "\(thousandths / 1_000).\(String(repeating: "0", count: 3 - digits.count))\(digits) \(unit)"
    }

    private func appendPayload(_ payload: ByteSlice, _ bytes: inout ByteWriter) {
        let body = Headers.bodyStart(in: payload)
        let headers = payload[..<body]
        if payload.span.isReadable {
            appendLines(
                payload.span, headers: headers.count, presentation.colors ? Self.bodyColor(headers) : nil, &bytes)
            return
        }
        // A binary body often has readable headers before it.
        if body < payload.endIndex, headers.span.isReadable {
            appendLines(headers.span, headers: headers.count, nil, &bytes)
            bytes.append(0x0A)
            if presentation.colors { TextColor.end(&bytes) }
            appendHex(payload[body...], &bytes)
        } else {
            if presentation.colors { TextColor.end(&bytes) }
            appendHex(payload, &bytes)
        }
    }

    /// Bright for the words of a message.
    private static func bodyColor(_ headers: ByteSlice) -> TextColor? {
        guard let type = Headers.value(of: "content-type", in: headers) else { return nil }
        return headers[type].starts(with: "text/plain".utf8) ? .bright : nil
    }

    /// Appends lines of text.
    ///
    /// - Parameters:
    ///   - headers: the length of the headers at the start of the text, which are dimmed if a body follows.
    ///   - color: the colour of the body; nil for the terminal's own.
    private func appendLines(_ text: Span<UInt8>, headers: Int, _ color: TextColor?, _ bytes: inout ByteWriter) {
        let length = Self.lengthWithoutEmptyLines(text)
        var start = 0
        while start < length {
            let next = text.first(0x0A, from: start, to: length)
            let end = next > start && text[next &- 1] == 0x0D ? next &- 1 : next
            bytes.append(plain: start == end ? "\n" : "\n    ")
            if presentation.colors {
                // Every line has its colour, because pagers do not keep colours over line ends.
                TextColor.end(&bytes)
                if start < headers, color != nil { TextColor.dim.start(&bytes) } else { color?.start(&bytes) }
            }
            bytes.append(visible: text.extracting(start..<end))
            start = next &+ 1
        }
    }

    /// The length of the text without trailing empty lines, which the announced payload length already implies.
    private static func lengthWithoutEmptyLines(_ text: Span<UInt8>) -> Int {
        var length = text.count
        while length > 0 {
            let end = text[length &- 1] == 0x0D ? length &- 1 : length
            // A line is empty if it starts where it ends.
            guard end == 0 || text[end &- 1] == 0x0A else { return length }
            length = end &- 1
        }
        return 0
    }

    private func appendHex(_ all: ByteSlice, _ bytes: inout ByteWriter) {
        let shown = presentation.detail > 2 ? all : all.prefix(Self.hexExcerpt)
        for start in stride(from: shown.startIndex, to: shown.endIndex, by: 16) {
            let row = shown[start..<min(start + 16, shown.endIndex)]
            bytes.append(plain: "\n    ")
            bytes.append(hexOffset: start - all.startIndex)
            for byte in row {
                bytes.append(0x20)
                bytes.append(hex: byte)
            }
            for _ in row.count..<17 { bytes.append(plain: "   ") }
            for byte in row { bytes.append(byte &- 0x20 < 0x5F ? byte : 0x2E) }
        }
        if shown.count < all.count {
            bytes.append(visible: "\n    … \(all.count - shown.count) more bytes", keepingLines: true)
        }
    }

    private static func summary(_ sums: Tally.Sums, _ role: Role) -> String {
        let commands = sums.verbs.reduce(0) { $0 + $1.count }
        // Connections between two clients normally carry data outside commands.
        let rest = role == .fileTransfer || role == .peerToPeer ? "data" : "noise"
        return "\(commands.counting("command")), \(sums.bytes.counting("byte"))"
            + (sums.noiseBytes > 0 ? ", \(sums.noiseBytes) \(rest)" : "")
            + (sums.gaps.isEmpty ? "" : ", \(sums.gaps.count.counting("gap"))")
    }

    private static func identity(_ signIn: SignIn?) -> String {
        guard let signIn else { return "" }
        return " (sign-in \(signIn.number)\(signIn.account.map { ", \($0)" } ?? ""))"
    }
}

extension ByteWriter {
    /// Appends an offset as four or more hexadecimal digits.
    fileprivate mutating func append(hexOffset: Int) {
        var digits = 4
        while digits < 16, hexOffset &>> (digits &* 4) != 0 { digits &+= 1 }
        while digits > 0 {
            digits &-= 1
            append(Self.digit(UInt8(truncatingIfNeeded: hexOffset &>> (digits &* 4)) & 15))
        }
    }
}
