// Formats events as JSON lines. The keys are a stable interface.

package import Events
internal import MSNP

/// Formats each event as one line with a JSON object.
package struct JSONFormat: EventFormat, Sendable {
    private var presentation: Presentation
    private var masking: Masking
    private var times = TimeWriter()
    private var fields: JSONFields
    /// Memory for assembling a line; longer lines are rare.
    private var room = [UInt8](repeating: 0, count: 16 << 10)
    private var contexts = [Context](repeating: Context(), count: contextSlots)
    private var contextTexts = [[UInt8]](repeating: [], count: contextSlots)

    /// The number of connections whose context is cached as text, a power of two. Most events have the same context as
    /// the preceding event of their connection.
    private static let contextSlots = 512

    /// The state of a connection that each of its lines contains. It has numbers only, because a comparison must be
    /// cheaper than writing the text again.
    private struct Context: Sendable, Equatable {
        var connection = 0
        var signIn = 0
        var hasAccount = false
        var role = Role.unknown
        var dialect: Dialect?

        init() {}

        init(_ event: Event) {
            connection = event.connection
            signIn = event.signIn?.number ?? 0
            hasAccount = event.signIn?.account != nil
            role = event.role
            dialect = event.dialect
        }
    }

    package init(_ presentation: Presentation) {
        self.presentation = presentation
        masking = Masking(presentation)
        fields = JSONFields()
    }

    /// Sets the key for masks from now on.
    package mutating func mask(with key: MaskKey) {
        presentation.maskKey = key
        masking = Masking(presentation)
    }

    package mutating func divideCaches(by copies: Int) { fields.divideCaches(by: copies) }

    /// Appends one event as a line. Incomplete messages are omitted: frames contain their parts, and a finding reports
    /// them.
    package mutating func append(_ event: Event, to bytes: inout [UInt8]) {
        guard shows(event) else { return }
        var room: [UInt8] = []
        swap(&room, &self.room)
        bytes.write(in: &room) { append(event, &$0) }
        swap(&room, &self.room)
    }

    /// Whether the format has a line for an event: false for incomplete messages.
    package func shows(_ event: Event) -> Bool {
        if case .message(let message) = event.kind { message.fragment == nil } else { true }
    }

    private mutating func append(_ event: Event, _ bytes: inout ByteWriter) {
        switch event.kind {
        case .listening(let address):
            begin("{\"event\":\"listening\",\"time\":\"", event, &bytes)
            string("address", address.description, &bytes)
        case .opened(let ends):
            begin("{\"event\":\"opened\",\"time\":\"", event, &bytes)
            append(ends, &bytes)
            if let file = ends.file { string("file", file, &bytes) }
        case .closed(let ends, let reason, let client, let server):
            begin("{\"event\":\"closed\",\"time\":\"", event, &bytes)
            append(ends, &bytes)
            string("reason", reason.text, &bytes)
            bytes.append(plain: ",\"c2s\":")
            Self.append(client, &bytes)
            bytes.append(plain: ",\"s2c\":")
            Self.append(server, &bytes)
        case .frame(let frame, let side):
            begin("{\"event\":\"frame\",\"time\":\"", event, &bytes)
            append(side, &bytes)
            append(frame, from: side, event, &bytes)
        case .rewritten(let rewriting):
            begin("{\"event\":\"rewritten\",\"time\":\"", event, &bytes)
            append(rewriting.side, &bytes)
            string("verb", rewriting.name, &bytes)
            string("from", rewriting.from, &bytes)
            string("to", rewriting.to, &bytes)
            line("original", rewriting.original, &bytes)
            line("sent", rewriting.sent, &bytes)
        case .noise(let noise, let side):
            begin("{\"event\":\"noise\",\"time\":\"", event, &bytes)
            append(side, &bytes)
            number("bytes", noise.bytes.count, &bytes)
            string("reason", noise.reason.rawValue, &bytes)
            number("offset", noise.offset, &bytes)
            PayloadFields.append(link: noise, event.annotation?.joined, &masking, json: &bytes)
            if presentation.includesBytes, presentation.shows(noise) {
                bytes.append(plain: ",\"raw_base64\":\"")
                let secrets = masking.secrets(in: noise, from: side, of: event)
                bytes.append(base64: Masking.blank(noise.bytes, secrets))
                bytes.append(0x22)
            }
        case .gap(let count, let offset, let side):
            begin("{\"event\":\"gap\",\"time\":\"", event, &bytes)
            append(side, &bytes)
            number("bytes", count, &bytes)
            number("offset", offset, &bytes)
        case .finding(let finding):
            begin("{\"event\":\"finding\",\"time\":\"", event, &bytes)
            if let side = finding.side { append(side, &bytes) }
            string("name", finding.name.text, &bytes)
            string("severity", finding.severity.rawValue, &bytes)
            string("text", finding.text, &bytes)
        case .message(let message):
            begin("{\"event\":\"message\",\"time\":\"", event, &bytes)
            append(message.side, &bytes)
            string("from", message.from, &bytes)
            bytes.append(plain: ",\"to\":[")
            for (index, account) in message.to.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                bytes.append(json: account)
            }
            bytes.append(0x5D)
            key("text", &bytes)
            _ = bytes.append(lossyJSON: message.bytes.span, 0..<message.bytes.count)
            string("conversation", message.conversation, &bytes)
        case .http(let message):
            begin("{\"event\":\"http\",\"time\":\"", event, &bytes)
            append(message.side, &bytes)
            Self.append(message, &masking, &bytes)
        case .tunnel(let tunnel):
            begin("{\"event\":\"tunnel\",\"time\":\"", event, &bytes)
            string("host", tunnel.host, &bytes)
            if tunnel.hasClientHello {
                bytes.append(plain: ",\"client_hello\":{\"server_name\":")
                if let name = tunnel.serverName { bytes.append(json: name) } else { bytes.append(plain: "null") }
                bytes.append(0x7D)
            }
            bytes.append(plain: ",\"c2s\":{\"bytes\":")
            bytes.append(number: tunnel.clientBytes)
            bytes.append(plain: "},\"s2c\":{\"bytes\":")
            bytes.append(number: tunnel.serverBytes)
            bytes.append(0x7D)
        case .notPrinted(let omission):
            begin("{\"event\":\"not_printed\",\"time\":\"", event, &bytes)
            number("events", omission.events, &bytes)
            string("from_time", omission.from.rfc3339, &bytes)
            string("to_time", omission.to.rfc3339, &bytes)
            bytes.append(plain: omission.isRecorded ? ",\"recorded\":true" : ",\"recorded\":false")
        }
        bytes.append(plain: "}\n")
    }

    private mutating func begin(_ prefix: StaticString, _ event: Event, _ bytes: inout ByteWriter) {
        bytes.append(plain: prefix)
        times.appendStamp(event.time, to: &bytes)
        guard event.connection > 0 else { return }
        let slot = event.connection & (Self.contextSlots - 1)
        let context = Context(event)
        if contexts[slot] == context {
            bytes.append(contextTexts[slot])
            return
        }
        let mark = bytes.count
        appendContext(event, &bytes)
        contexts[slot] = context
        contextTexts[slot] = bytes.copy(from: mark)
    }

    private func appendContext(_ event: Event, _ bytes: inout ByteWriter) {
        bytes.append(plain: ",\"conn\":")
        bytes.append(number: event.connection)
        bytes.append(plain: ",\"role\":\"")
        bytes.append(event.role.rawValue)
        bytes.append(plain: "\",\"dialect\":")
        if let dialect = event.dialect {
            bytes.append(0x22)
            bytes.append(dialect.description)
            bytes.append(0x22)
        } else {
            bytes.append(plain: "null")
        }
        guard let signIn = event.signIn else { return }
        bytes.append(plain: ",\"sign_in\":")
        bytes.append(number: signIn.number)
        if let account = signIn.account { string("account", account, &bytes) }
    }

    private func append(_ side: Side, _ bytes: inout ByteWriter) {
        if side == .client { bytes.append(plain: ",\"dir\":\"c2s\"") } else { bytes.append(plain: ",\"dir\":\"s2c\"") }
    }

    private func append(_ ends: Endpoints, _ bytes: inout ByteWriter) {
        string("client", ends.client, &bytes)
        string("server", ends.server, &bytes)
    }

    private mutating func append(_ frame: Frame, from side: Side, _ event: Event, _ bytes: inout ByteWriter) {
        let secrets = masking.secrets(in: frame, from: side, of: event)
        bytes.append(plain: ",\"verb\":\"")
        bytes.append(frame.verb)
        bytes.append(plain: "\",\"args\":[")
        if !secrets.isEmpty || !appendPlainArguments(of: frame, &bytes) { appendArguments(of: frame, secrets, &bytes) }
        bytes.append(plain: ",\"trid\":")
        if let transaction = frame.transaction(from: side, in: event.dialect) {
            bytes.append(number: transaction)
        } else {
            bytes.append(plain: "null")
        }
        let payload = frame.payloadStart..<frame.bytes.count
        bytes.append(plain: ",\"payload_bytes\":")
        bytes.append(number: payload.count)
        if !payload.isEmpty { appendPayload(of: frame, payload, secrets, &bytes) }
        if let annotation = event.annotation {
            fields.append(frame, from: side, annotation, secrets, &masking, to: &bytes)
        }
        guard presentation.includesBytes else { return }
        bytes.append(plain: ",\"raw_base64\":\"")
        bytes.append(base64: Masking.blank(frame.bytes, secrets))
        bytes.append(0x22)
    }

    /// Appends the arguments and the closing bracket if all arguments are UTF-8, the common case.
    ///
    /// - Returns: false, with nothing appended, if an argument is not UTF-8.
    private func appendPlainArguments(of frame: Frame, _ bytes: inout ByteWriter) -> Bool {
        guard frame.lineEnd > 3 else {
            bytes.append(0x5D)
            return true
        }
        let mark = bytes.count
        bytes.append(0x22)
        guard bytes.append(escapedWords: frame.bytes.span, 4..<frame.lineEnd) else {
            bytes.cut(to: mark)
            return false
        }
        bytes.append(plain: "\"]")
        return true
    }

    /// Appends the arguments and the closing bracket. If one is not UTF-8, also appends all arguments as `args_base64`.
    private mutating func appendArguments(of frame: Frame, _ secrets: [Range<Int>], _ bytes: inout ByteWriter) {
        var isText = true
        var isFirst = true
        frame.forEachToken { range in
            if !isFirst { bytes.append(0x2C) }
            isFirst = false
            if secrets.contains(where: { $0.overlaps(range) }) {
                bytes.append(json: masking.text(frame.bytes, range, secrets))
            } else {
                isText = bytes.append(lossyJSON: frame.bytes.span, range) && isText
            }
        }
        bytes.append(0x5D)
        guard !isText else { return }
        bytes.append(plain: ",\"args_base64\":[")
        let blanked = Masking.blank(frame.bytes, secrets)
        for (index, range) in frame.tokenRanges.enumerated() {
            bytes.append(plain: index > 0 ? ",\"" : "\"")
            bytes.append(base64: blanked[range])
            bytes.append(0x22)
        }
        bytes.append(0x5D)
    }

    private mutating func appendPayload(
        of frame: Frame, _ payload: Range<Int>, _ secrets: [Range<Int>], _ bytes: inout ByteWriter
    ) {
        let mark = bytes.count
        bytes.append(plain: ",\"payload\":")
        let isText: Bool
        if secrets.contains(where: { $0.overlaps(payload) }) {
            let masked = masking.masked(frame.bytes, payload, secrets)
            isText = bytes.append(json: masked.span, 0..<masked.count)
        } else {
            isText = bytes.append(json: frame.bytes.span, payload)
        }
        if !isText { bytes.cut(to: mark) }
    }

    private mutating func line(_ name: StaticString, _ frame: Frame, _ bytes: inout ByteWriter) {
        let secrets = masking.secrets(in: frame, from: .server)
        string(name, masking.text(frame.bytes, 0..<frame.lineEnd, secrets), &bytes)
    }

    private func string(_ name: StaticString, _ value: String, _ bytes: inout ByteWriter) {
        key(name, &bytes)
        bytes.append(json: value)
    }

    private func number(_ name: StaticString, _ value: some BinaryInteger, _ bytes: inout ByteWriter) {
        key(name, &bytes)
        bytes.append(number: value)
    }

    private func key(_ name: StaticString, _ bytes: inout ByteWriter) {
        bytes.append(plain: ",\"")
        bytes.append(plain: name)
        bytes.append(plain: "\":")
    }

    /// Appends the totals of one direction as an object, also for the `streams` command.
    static func append(_ sums: Tally.Sums, _ bytes: inout ByteWriter) {
        bytes.append(plain: "{\"bytes\":")
        bytes.append(number: sums.bytes)
        bytes.append(plain: ",\"sha256\":\"")
        for byte in sums.sha256 { bytes.append(hex: byte) }
        bytes.append(plain: "\",\"gaps\":[")
        for (index, gap) in sums.gaps.enumerated() {
            bytes.append(plain: index > 0 ? ",[" : "[")
            bytes.append(number: gap.offset)
            bytes.append(0x2C)
            bytes.append(number: gap.length)
            bytes.append(0x5D)
        }
        bytes.append(plain: "],\"acked_unseen_bytes\":")
        bytes.append(number: sums.ackedUnseenBytes)
        bytes.append(plain: ",\"verbs\":{")
        for (index, entry) in sums.verbs.enumerated() {
            bytes.append(plain: index > 0 ? ",\"" : "\"")
            bytes.append(entry.verb)
            bytes.append(plain: "\":")
            bytes.append(number: entry.count)
        }
        bytes.append(plain: "},\"noise_bytes\":")
        bytes.append(number: sums.noiseBytes)
        bytes.append(0x7D)
    }
}
