// Events into events that can be shared: the same commands with the same lengths, but nobody's accounts, names, addresses,
// secrets and words in them. What is not known to be harmless is replaced; what cannot be read is a doubt.

internal import Analysis
package import Events
internal import MSNP

/// Makes a copy for sharing. The same original gets the same placeholder everywhere in one copy, so that talks can be
/// followed and connections still belong together.
///
/// It reads an export twice: once to see whether there are doubts, and to learn what placeholders have to fit; and once to
/// write it.
///
///     var first = Redaction(key: key)            // is given every event, and its copies are thrown away
///     var second = first.again()                 // is given every event once more
package struct Redaction: Sendable {
    /// What was replaced so far, and what could not be read.
    package private(set) var report = RedactionReport()

    private var placeholders: Placeholders
    private var lines: [Int: Line] = [:]
    /// Only a first reading learns.
    private var learning: ValueLearner? = ValueLearner()

    /// What is known of one connection.
    private struct Line {
        var tracker: ConnectionTracker
        var peers: PeerTexts
        /// The challenge that was not answered yet, as it was and as it is in the copy.
        var challenge: (original: [UInt8], copy: [UInt8])?
        var file = FileRedaction()
        var fileIsLost = false
        var fileSender = Side.server
        var links = PerSide(both: LinkRedaction())
        var tallies = PerSide(both: Tally())

        init(_ connection: Int, isAnalyzing: Bool, texts: [Int: [UInt8]]) {
            tracker = ConnectionTracker(connection: connection, isAnalyzing: isAnalyzing)
            peers = PeerTexts(whole: texts)
        }
    }

    /// A copy of its own.
    ///
    /// - Parameter key: random, and forgotten afterwards.
    package init(key: (UInt64, UInt64)) { placeholders = Placeholders(key: key) }

    /// The second reading, which is to be given the same events again.
    package func again() -> Redaction {
        var second = self
        for (connection, line) in lines { second.placeholders.learned.note(texts: line.peers.whole, of: connection) }
        second.learning?.finish(&second.placeholders.learned, placeholders)
        second.learning = nil
        second.lines = [:]
        second.report = RedactionReport()
        return second
    }

    /// Copies an event.
    ///
    /// - Parameter emit: is given what stands for it in the copy.
    package mutating func copy(_ event: Event, emit: (Event) -> Void) {
        learning?.take(event, &placeholders.learned)
        var event = event
        if let account = event.signIn?.account { event.signIn?.account = text(account, .account) }
        let texts = learning == nil ? placeholders.learned.texts[event.connection] ?? [:] : [:]
        var line =
            lines.removeValue(forKey: event.connection)
            ?? Line(event.connection, isAnalyzing: learning == nil, texts: texts)
        switch event.kind {
        case .frame(let frame, let side):
            event.kind = .frame(redact(frame, side, event, &line), from: side)
            line.tracker.observe(Occurrence(event)) { Self.emit($0, to: emit) }
            lines[event.connection] = line
            return
        case .noise(let noise, let side): event.kind = .noise(redact(noise, side, event, &line), from: side)
        case .gap(let count, _, let side):
            if event.role == .fileTransfer, side == line.fileSender, !line.file.lose(count) { line.fileIsLost = true }
            line.links[side].lose()
            line.tallies[side].countGap(count)
        case .opened(let ends): event.kind = .opened(redact(ends))
        case .closed(let ends, let reason, var client, var server):
            if learning != nil { placeholders.learned.note(texts: line.peers.whole, of: event.connection) }
            client.sha256 = line.tallies.client.sums.sha256
            server.sha256 = line.tallies.server.sums.sha256
            event.kind = .closed(redact(ends), reason: redact(reason), client: client, server: server)
            // Messages that never became whole are in the copy as well.
            line.tracker.end(Occurrence(event)) { Self.emit($0, to: emit) }
            return
        case .rewritten(let rewriting): event.kind = .rewritten(redact(rewriting, event))
        case .finding(let finding) where finding.isDerived(on: event.role):
            lines[event.connection] = line
            return
        case .finding(var finding):
            finding.text = "What this says is left out of copies."
            event.kind = .finding(finding)
        // What follows from the words is made again from what the copy says. Where a relay listened is nobody's business.
        case .message, .listening, .notPrinted:
            lines[event.connection] = line
            return
        }
        line.tracker.report(Occurrence(event), emit: emit)
        lines[event.connection] = line
    }

    /// Leaves out what the tracker finds: whoever reads the copy will find it again.
    private static func emit(_ event: Event, to emit: (Event) -> Void) {
        if case .finding = event.kind { return }
        emit(event)
    }
}

// MARK: - Parts

extension Redaction {
    private mutating func redact(_ frame: Frame, _ side: Side, _ event: Event, _ line: inout Line) -> Frame {
        if CommandForm.forms(of: frame.verb, from: side).isEmpty, frame.verb != .empty,
            CommandForm.forms(of: frame.verb, from: side.other).isEmpty
        {
            doubt("the command \(frame.verb), which nobody knows", side, event, line)
        }
        var draft = RedactionBuffer(frame.bytes, placeholders)
        draft.line(of: frame, from: side, event.role, event.dialect)
        draft.payload(of: frame, from: side, &line.peers)
        answer(&draft, frame, side, event.dialect, &line)
        report.add(draft.counts)
        for what in draft.doubts { doubt(what, side, event, line) }
        // By design this cannot fail; if it did, no original must get through.
        let copy = Frame(draft.bytes)
        let isSame = copy.map {
            $0.lineEnd == frame.lineEnd && $0.payloadStart == frame.payloadStart && $0.verb == frame.verb
        }
        if isSame != true { doubt("a command that came out otherwise", side, event, line) }
        let result = copy ?? frame
        line.tallies[side].count(result.bytes.span)
        line.tallies[side].count(result)
        return result
    }

    /// Remembers a challenge, or answers it as the original did: rightly, or not.
    private func answer(
        _ draft: inout RedactionBuffer, _ frame: Frame, _ side: Side, _ dialect: Dialect?, _ line: inout Line
    ) {
        let ranges = frame.argumentRanges
        guard ranges.count > 1 else { return }
        switch (frame.verb, side) {
        case ("CHL", .server): line.challenge = (Array(frame.bytes[ranges[1]]), Array(draft.bytes[ranges[1]]))
        case ("QRY", .client):
            guard let challenge = line.challenge else { return }
            line.challenge = nil
            let right = Challenge.answer(
                to: challenge.copy, as: Array(frame.payload), to: challenge.original,
                product: Array(frame.bytes[ranges[1]]),
                dialect: dialect)
            if let right { draft.write(right, at: frame.payloadStart..<frame.bytes.count) }
        default: return
        }
    }

    private mutating func redact(_ noise: Noise, _ side: Side, _ event: Event, _ line: inout Line) -> Noise {
        var bytes = noise.bytes
        if noise.reason == .fileData, !line.fileIsLost {
            line.fileSender = side
            bytes = line.file.fill(bytes)
            report.add([.data: 1])
        } else if noise.reason == .peerData {
            bytes = link(bytes, side, event, &line)
        } else {
            doubt("\(bytes.count) bytes that are no commands (\(noise.reason.rawValue))", side, event, line)
            bytes = bytes.map { $0 == 0x0D || $0 == 0x0A ? $0 : 0x2E }
        }
        line.tallies[side].count(bytes.span)
        line.tallies[side].count(noise)
        return Noise(bytes: bytes, reason: noise.reason, offset: noise.offset)
    }

    /// Why a connection ended, without the words of a log and the names of hosts.
    private mutating func redact(_ reason: CloseReason) -> CloseReason {
        switch reason {
        case .noConnection(let target, _):
            .noConnection(to: HostPort(text(target.description, .address)) ?? HostPort("unknown", 0), why: "left out")
        case .other: .other("ended")
        default: reason
        }
    }

    /// What a side of a direct link says.
    private mutating func link(_ bytes: [UInt8], _ side: Side, _ event: Event, _ line: inout Line) -> [UInt8] {
        var draft = RedactionBuffer(bytes, placeholders)
        line.links[side].treat(&draft, side, &line.peers)
        report.add(draft.counts)
        for what in draft.doubts { doubt(what, side, event, line) }
        return draft.bytes
    }

    private mutating func redact(_ ends: Endpoints) -> Endpoints {
        var copy = ends
        copy.client = text(ends.client, .address)
        copy.server = text(ends.server, .address)
        return copy
    }

    private mutating func redact(_ rewriting: Rewriting, _ event: Event) -> Rewriting {
        func copy(_ frame: Frame) -> Frame {
            var draft = RedactionBuffer(frame.bytes, placeholders)
            draft.line(of: frame, from: .server, event.role, event.dialect)
            return Frame(draft.bytes) ?? frame
        }
        return Rewriting(
            original: copy(rewriting.original), sent: copy(rewriting.sent), from: text(rewriting.from, .address),
            to: text(rewriting.to, .address))
    }

    private mutating func text(_ text: String, _ treatment: Replacement) -> String {
        guard text != "unknown" else { return text }
        var draft = RedactionBuffer(Array(text.utf8), placeholders)
        draft.treat(0..<draft.bytes.count, treatment)
        report.add(draft.counts)
        return String(decoding: draft.bytes, as: UTF8.self)
    }

    private mutating func doubt(_ what: String, _ side: Side, _ event: Event, _ line: Line) {
        report.add(
            RedactionReport.Doubt(
                connection: event.connection, side: side, offset: line.tallies[side].offset, what: what))
    }
}
