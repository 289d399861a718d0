// What a session does about direct links: everything that it sends on a switchboard connection passes the editor. Pure.

internal import Events
internal import MSNP
internal import Payloads

extension Session {
    /// How an agreement on a direct link goes on.
    enum DirectLinkDecision: Sendable {
        /// It names this port of the relay.
        case keep(DirectLinkPlan, port: UInt16)
        /// It stays as it is, for this reason.
        case leave(String)
    }

    /// Begins to edit, if the user wants it and the connection is one to a switchboard.
    mutating func beginEditing(_ role: Role) {
        if doors.directLinks != .pass, role == .switchboard { links = DirectLinkEditor(doors.directLinks) }
    }

    /// Passes what is sent through the editor. A record of a change follows that of its frame.
    mutating func edited(_ outputs: [Output], _ bytes: [UInt8] = [], from side: Side = .client) -> [Output] {
        guard let isWaiting = links?.isWaiting else { return outputs }
        var (sent, notes, rest): ([Output], [Output], [Output]) = ([], [], [])
        for output in outputs {
            switch output {
            case .forward: add(links?.receive(bytes, from: side) ?? [], &sent, &notes)
            case .send(let bytes, let to): add(links?.receive(bytes, from: to.other) ?? [], &sent, &notes)
            case .record(let kind, _, _) where isWaiting && Self.isOfServer(kind): links?.delayed.append(output)
            default: rest.append(output)
            }
        }
        return sent + merge(notes[...], into: rest)
    }

    /// Continues after the decision on an agreement.
    mutating func decided(_ decision: DirectLinkDecision) -> [Output] {
        switch decision {
        case .keep(let plan, let port): resumed(links?.opened((plan, port)) ?? [])
        case .leave(let why): resumed(links?.opened(nil, why: why) ?? [])
        }
    }

    /// Sends what the editor held back of a side that has ended.
    mutating func endEditing(_ side: Side) -> [Output] {
        let steps = links?.ended(side) ?? []
        guard side == .client else { return resumed(steps) }
        var (sent, notes): ([Output], [Output]) = ([], [])
        add(steps, &sent, &notes)
        return sent
    }

    /// Whether a record has its place in the order of what the server sent.
    private static func isOfServer(_ kind: Event.Kind) -> Bool {
        switch kind {
        case .frame(_, let side), .noise(_, let side): side == .server
        case .rewritten(let rewriting): rewriting.side == .server
        case .finding(let finding): finding.side == .server
        default: false
        }
    }

    /// Continues with the records that waited for a decision. The first of the new ones is about the agreement itself,
    /// whose frame is recorded already.
    private mutating func resumed(_ steps: [DirectLinkEditor.Step]) -> [Output] {
        guard let delayed = links?.delayed else { return [] }
        links?.delayed = []
        var (sent, notes): ([Output], [Output]) = ([], [])
        add(steps, &sent, &notes)
        return sent + notes.prefix(1) + merge(notes.dropFirst(), into: delayed)
    }

    /// Puts records of changes behind those of their frames. What follows an agreement that waits for its address waits,
    /// too, so that the record of its change comes first.
    private mutating func merge(_ notes: ArraySlice<Output>, into outputs: [Output]) -> [Output] {
        guard !notes.isEmpty else { return outputs }
        var merged: [Output] = []
        var rest = outputs[...]
        for note in notes {
            let original: (frame: Frame, side: Side)? =
                switch note {
                case .record(.rewritten(let rewriting), _, _): (rewriting.original, rewriting.side)
                case .openLink(let agreement): (agreement.frame, .server)
                default: nil
                }
            let place = rest.firstIndex { output in
                if case .record(.frame(let frame, let side), _, _) = output, let original {
                    return side == original.side && frame == original.frame
                }
                return false
            }
            if let place {
                merged += rest[...place]
                rest = rest[(place + 1)...]
            }
            if case .openLink = note {
                links?.delayed = Array(rest)
                return merged + [note]
            }
            merged.append(note)
        }
        return merged + rest
    }

    private func add(_ steps: [DirectLinkEditor.Step], _ sent: inout [Output], _ notes: inout [Output]) {
        for step in steps {
            switch step {
            case .send(let bytes, let side): sent.append(.send(bytes, to: side))
            case .record(let kind): notes.append(record(kind))
            case .open(let agreement): notes.append(.openLink(agreement))
            }
        }
    }
}
