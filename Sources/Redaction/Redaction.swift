// Redacts events for sharing: commands keep their verbs and lengths; accounts, names, addresses, secrets and texts
// become placeholders.
//
// Everything not known to be harmless is replaced. Anything unreadable is a reason to refuse the copy.

package import Analysis
package import Events
internal import MSNP
internal import Payloads

/// Makes a redacted copy of an export. Within one copy the same original always gets the same placeholder, so that
/// conversations can be followed and connections still belong together.
///
/// It needs two passes over the export: the first finds reasons for refusal and learns the values that placeholders
/// depend on; the second makes the copy.
///
///     var first = Redaction(key: key)            // receives every event; its copies are discarded
///     var second = first.secondPass()            // receives every event again
package struct Redaction: Sendable {
    /// Counts of replaced values, and the reasons for refusal so far.
    package private(set) var report = RedactionReport()

    private var placeholders: Placeholders
    private var states: [Int: ConnectionState] = [:]
    /// Nil in the second pass.
    private var learner: ValueLearner? = ValueLearner()
    /// What the copy's events contain in addition to what happened.
    private var detail = EventDetail.none

    /// The state of one connection.
    private struct ConnectionState {
        var tracker: ConnectionTracker
        var multipart: MultipartTexts
        /// The last unanswered challenge, in the original and in the copy.
        var challenge: (original: [UInt8], copy: [UInt8])?
        var file = FileRedaction()
        var fileIsLost = false
        var fileSender = Side.server
        var links = PerSide(both: LinkRedaction())
        var http = PerSide(client: HTTPRedaction(isRequest: true), server: HTTPRedaction(isRequest: false))
        var tallies: PerSide<Tally>

        init(_ connection: Int, _ detail: EventDetail, texts: [Int: [UInt8]]) {
            tracker = ConnectionTracker(connection: connection, analysis: detail.analysis)
            tallies = PerSide(both: Tally(hasDigest: detail.hasDigests))
            multipart = MultipartTexts(whole: texts)
        }
    }

    /// Starts the first pass of a copy.
    ///
    /// - Parameter key: a random key that the caller does not keep.
    package init(key: (UInt64, UInt64)) { placeholders = Placeholders(key: key) }

    /// Starts the second pass, which must receive the same events again.
    ///
    /// - Parameter detail: what to compute from the bytes of the copy.
    package func secondPass(_ detail: EventDetail = .all) -> Redaction {
        var second = self
        second.detail = detail
        for (connection, state) in states {
            second.placeholders.learned.note(texts: state.multipart.whole, of: connection)
        }
        second.learner?.finish(&second.placeholders.learned, placeholders)
        second.learner = nil
        second.states = [:]
        second.report = RedactionReport()
        return second
    }

    /// Copies an event.
    ///
    /// - Parameter emit: receives the redacted events.
    package mutating func copy(_ event: Event, emit: (Event) -> Void) {
        // The analysis has parsed it, unless it did not follow the transfers.
        var peer: PeerEnvelope?
        if case .frame(let frame, let side) = event.kind {
            peer = event.annotation?.envelope ?? PeerEnvelope(frame, from: side)
        }
        learner?.observe(event, peer, &placeholders.learned)
        var event = event
        if let account = event.signIn?.account { event.signIn?.account = text(account, .account) }
        let texts = learner == nil ? placeholders.learned.texts[event.connection] ?? [:] : [:]
        var state =
            states.removeValue(forKey: event.connection)
            ?? ConnectionState(event.connection, detail, texts: texts)
        switch event.kind {
        case .frame(let frame, let side):
            event.kind = .frame(redact(frame, side, peer, event, &state), from: side)
            state.tracker.observe(event.unanalysed) { Self.emit($0, to: emit) }
            states[event.connection] = state
            return
        case .noise(let noise, let side) where noise.reason == .httpMessage:
            event.kind = .noise(redact(noise, side, event, &state), from: side)
            state.tracker.observe(event.unanalysed) { Self.emit($0, to: emit) }
            states[event.connection] = state
            return
        case .noise(let noise, let side): event.kind = .noise(redact(noise, side, event, &state), from: side)
        case .gap(let count, _, let side):
            if event.role == .fileTransfer, side == state.fileSender, !state.file.skip(count) {
                state.fileIsLost = true
            }
            state.links[side].noteGap()
            state.http[side].lose(count)
            state.tallies[side].countGap(count)
        case .opened(let ends): event.kind = .opened(redact(ends))
        case .closed(let ends, let reason, var client, var server):
            if learner != nil { placeholders.learned.note(texts: state.multipart.whole, of: event.connection) }
            client.sha256 = state.tallies.client.sums.sha256
            server.sha256 = state.tallies.server.sums.sha256
            event.kind = .closed(redact(ends), reason: redact(reason), client: client, server: server)
            // Incomplete messages are in the copy as well.
            state.tracker.end(event.unanalysed) { Self.emit($0, to: emit) }
            return
        case .tunnel(var tunnel):
            tunnel.host = text(tunnel.host, .address)
            tunnel.serverName = tunnel.serverName.map { text($0, .address) }
            event.kind = .tunnel(tunnel)
        case .rewritten(let rewriting): event.kind = .rewritten(redact(rewriting, event))
        case .finding(let finding) where finding.isDerived(on: event.role):
            states[event.connection] = state
            return
        case .finding(var finding):
            finding.text = "The text of this finding is left out of shared copies."
            event.kind = .finding(finding)
        // Messages are derived again from the copied bytes. The address where a relay listened stays private.
        case .message, .http, .listening, .notPrinted:
            states[event.connection] = state
            return
        }
        emit(event.unanalysed)
        states[event.connection] = state
    }

    /// Drops findings of the tracker: a reader of the copy derives them again.
    private static func emit(_ event: Event, to emit: (Event) -> Void) {
        if case .finding = event.kind { return }
        emit(event)
    }
}

// MARK: - Parts

extension Redaction {
    private mutating func redact(
        _ frame: Frame, _ side: Side, _ peer: PeerEnvelope?, _ event: Event, _ state: inout ConnectionState
    ) -> Frame {
        if CommandForm.forms(of: frame.verb, from: side).isEmpty, frame.verb != .empty,
            CommandForm.forms(of: frame.verb, from: side.other).isEmpty
        {
            refuse(.unknownCommand(frame.verb), side, event, state)
        }
        var draft = RedactionBuffer(Array(frame.bytes), placeholders)
        draft.line(of: frame, from: side, event.role, event.dialect)
        draft.payload(of: frame, from: side, peer, &state.multipart)
        answer(&draft, frame, side, event.dialect, &state)
        report.add(draft.counts)
        for reason in draft.refusals { refuse(reason, side, event, state) }
        // Redaction keeps the structure of a frame. If it ever did not, the copy is refused, so that no original gets
        // out.
        let copy = Frame(draft.bytes)
        let isSame = copy.map {
            $0.lineEnd == frame.lineEnd && $0.payloadStart == frame.payloadStart && $0.verb == frame.verb
        }
        if isSame != true { refuse(.alteredStructure, side, event, state) }
        let result = copy ?? frame
        state.tallies[side].count(result.bytes.span)
        state.tallies[side].count(result)
        return result
    }

    /// Records a challenge, or recomputes its answer for the copy: a correct one stays correct, a wrong one wrong.
    private func answer(
        _ draft: inout RedactionBuffer, _ frame: Frame, _ side: Side, _ dialect: Dialect?,
        _ state: inout ConnectionState
    ) {
        switch Command(frame, from: side) {
        // The copy has the same lengths, so what is a range of the frame is one of the copy.
        case .challenge(let text): state.challenge = (Array(text), Array(draft.bytes[text.indices]))
        case .challengeAnswer(let product):
            guard let challenge = state.challenge else { return }
            state.challenge = nil
            let right = Challenge.answer(
                to: challenge.copy, as: Array(frame.payload), to: challenge.original,
                product: Array(product), dialect: dialect)
            if let right { draft.write(right, at: frame.payloadStart..<frame.bytes.count) }
        default: return
        }
    }

    private mutating func redact(_ noise: Noise, _ side: Side, _ event: Event, _ state: inout ConnectionState) -> Noise
    {
        var bytes = Array(noise.bytes)
        if noise.reason == .fileData, !state.fileIsLost {
            state.fileSender = side
            bytes = state.file.fill(bytes)
            report.add([.data: 1])
        } else if noise.reason == .httpMessage {
            report.add([.data: 1])
            bytes = state.http[side].fill(bytes)
        } else if noise.reason == .peerData {
            bytes = link(bytes, side, event, &state)
        } else {
            refuse(.noise(bytes: bytes.count, noise.reason), side, event, state)
            bytes = bytes.map { $0 == 0x0D || $0 == 0x0A ? $0 : 0x2E }
        }
        state.tallies[side].count(bytes.span)
        state.tallies[side].count(noise)
        return Noise(bytes: bytes, reason: noise.reason, offset: noise.offset)
    }

    /// The reason for the end of a connection, without log text and host names.
    private mutating func redact(_ reason: CloseReason) -> CloseReason {
        switch reason {
        case .noConnection(let target, _):
            .noConnection(to: HostPort(text(target.description, .address)) ?? HostPort("unknown", 0), why: "left out")
        case .other: .other("ended")
        default: reason
        }
    }

    /// Redacts the bytes of one side of a direct link.
    private mutating func link(_ bytes: [UInt8], _ side: Side, _ event: Event, _ state: inout ConnectionState)
        -> [UInt8]
    {
        var draft = RedactionBuffer(bytes, placeholders)
        state.links[side].redact(&draft, side, &state.multipart)
        report.add(draft.counts)
        for reason in draft.refusals { refuse(reason, side, event, state) }
        return draft.bytes
    }

    private mutating func redact(_ ends: Endpoints) -> Endpoints {
        var copy = ends
        copy.client = text(ends.client, .address)
        copy.server = text(ends.server, .address)
        // A file's name may tell whose it is.
        copy.file = nil
        return copy
    }

    private mutating func redact(_ rewriting: Rewriting, _ event: Event) -> Rewriting {
        func copy(_ frame: Frame) -> Frame {
            var draft = RedactionBuffer(Array(frame.bytes), placeholders)
            if frame.verb == .empty {
                draft.fill(0..<frame.lineEnd)
            } else {
                draft.line(of: frame, from: rewriting.side, event.role, event.dialect)
            }
            // The frame itself has the payload already; no reader shows that of the change.
            draft.fill(frame.payloadStart..<draft.bytes.count)
            return Frame(rewritten: ByteSlice(draft.bytes))
        }
        return Rewriting(
            original: copy(rewriting.original), sent: copy(rewriting.sent), from: text(rewriting.from, .address),
            to: text(rewriting.to, .address))
    }

    private mutating func text(_ text: String, _ replacement: Replacement) -> String {
        guard text != "unknown" else { return text }
        var draft = RedactionBuffer(Array(text.utf8), placeholders)
        draft.redact(0..<draft.bytes.count, replacement)
        report.add(draft.counts)
        return String(decoding: draft.bytes, as: UTF8.self)
    }

    private mutating func refuse(
        _ reason: RedactionReport.Reason, _ side: Side, _ event: Event, _ state: ConnectionState
    ) {
        report.add(
            RedactionReport.Refusal(
                connection: event.connection, side: side, offset: state.tallies[side].offset, reason: reason))
    }
}
