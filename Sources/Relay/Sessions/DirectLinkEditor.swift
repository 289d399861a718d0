// Changes agreements on direct links on their way through a switchboard connection. Pure.

internal import Events
internal import MSNP
internal import Payloads

/// What the relay does with agreements on direct links.
package enum DirectLinkPolicy: String, Sendable, CaseIterable {
    /// They pass unchanged.
    case pass
    /// They lose their addresses, so that clients send through the switchboard.
    case refuse
    /// The client receives an address of the relay, which connects it to the other one.
    case keep
}

/// Both directions of one switchboard connection, cut into frames.
///
/// Every byte that enters leaves once and in order, except those of a changed frame, which `rewritten` records. A frame that is
/// incomplete waits; the receiver could not use a part of it either. A side whose bytes are once not MSNP passes unchanged from
/// then on.
struct DirectLinkEditor: Sendable {
    enum Step: Sendable {
        case send([UInt8], to: Side)
        case record(Event.Kind)
        /// Find an address of the relay for this agreement, then call `opened`. The server's bytes wait.
        case open(DirectLinkAgreement)
    }

    private let policy: DirectLinkPolicy
    private var decoders = PerSide(client: FrameDecoder(side: .client), server: FrameDecoder(side: .server))
    /// What each decoder has received and not returned.
    private var held = PerSide<[UInt8]>(client: [], server: [])
    private var passes = PerSide(client: false, server: false)
    /// The agreement that waits for its address, and what the server sent behind it.
    private var pending: (agreement: DirectLinkAgreement, behind: [UInt8])?
    /// The records of what the server sent behind the agreement that waits.
    var delayed: [Session.Output] = []
    private var hasServerEnded = false
    private var acknowledgements: [DirectLinkPlan.Acknowledgement] = []
    /// The maximum number of changed messages whose acknowledgement is awaited.
    private static let mostAcknowledgements = 64

    init(_ policy: DirectLinkPolicy) {
        self.policy = policy
        // As the session's own decoder has it, so that both find the same frames.
        for side in Side.allCases { decoders[side].role = .switchboard }
    }

    /// Whether an agreement waits for its address.
    var isWaiting: Bool { pending != nil }

    /// Takes bytes of one side for the other.
    mutating func receive(_ bytes: [UInt8], from side: Side) -> [Step] {
        if side == .server, pending != nil {
            pending?.behind += bytes
            return []
        }
        guard !passes[side] else { return [.send(bytes, to: side.other)] }
        var (steps, position, isLost) = ([Step](), 0, false)
        held[side] += bytes
        while let piece = decoders[side].next(bytes.span, from: &position) {
            guard case .frame(let frame) = piece else {
                isLost = true
                break
            }
            held[side].removeFirst(min(frame.bytes.count, held[side].count))
            edit(frame, from: side, &steps)
            guard pending == nil || side == .client else {
                pending?.behind = held[side]
                held[side] = []
                return steps
            }
        }
        if isLost || decoders[side].isSeeking {
            passes[side] = true
            Self.send(held[side], to: side.other, &steps)
            held[side] = []
        }
        return steps
    }

    /// Continues with the agreement that waited.
    ///
    /// - Parameter link: how it names the relay; nil if it stays as it is, for this reason.
    mutating func opened(_ link: (plan: DirectLinkPlan, port: UInt16)?, why: String = "") -> [Step] {
        guard let (agreement, behind) = pending else { return [] }
        pending = nil
        var steps: [Step] = []
        if let (plan, port) = link, let edit = plan.edit(port: port), let sent = Frame(edit.bytes) {
            if let acknowledgement = edit.acknowledgement {
                if acknowledgements.count == Self.mostAcknowledgements { acknowledgements.removeFirst() }
                acknowledgements.append(acknowledgement)
            }
            replace(agreement.frame, by: sent, Self.text(agreement), "\(plan.host):\(port)", from: .server, &steps)
        } else {
            Self.send(agreement.frame.bytes, to: .client, &steps)
            let text = "The agreement on a direct link to \(Self.text(agreement)) was forwarded unchanged: \(why)."
            steps.append(.record(.finding(Finding(.directLinkLeft, text, side: .server))))
        }
        return steps + receive(behind, from: .server)
    }

    /// Sends what is incomplete, because the side has ended.
    mutating func ended(_ side: Side) -> [Step] {
        var steps: [Step] = []
        if side == .server {
            hasServerEnded = true
            if pending != nil { steps += opened(nil, why: "the server closed the connection") }
        }
        Self.send(held[side], to: side.other, &steps)
        held[side] = []
        return steps
    }

    private mutating func edit(_ frame: Frame, from side: Side, _ steps: inout [Step]) {
        if policy == .refuse, let agreement = DirectLinkAgreement(frame, from: side),
            let sent = Frame(agreement.refused())
        {
            return replace(frame, by: sent, Self.text(agreement), "refused", from: side, &steps)
        }
        // What ended with the server cannot wait any more.
        if policy == .keep, side == .server, !hasServerEnded, let agreement = DirectLinkAgreement(frame, from: side) {
            pending = (agreement, [])
            steps.append(.open(agreement))
            return
        }
        if side == .client, !acknowledgements.isEmpty {
            for (place, acknowledgement) in acknowledgements.enumerated() {
                guard let sent = acknowledgement.translated(frame).flatMap({ Frame($0) }) else { continue }
                acknowledgements.remove(at: place)
                let (from, to) = (acknowledgement.changed, acknowledgement.original)
                return replace(frame, by: sent, "\(from) bytes", "\(to) bytes", from: side, &steps)
            }
        }
        Self.send(frame.bytes, to: side.other, &steps)
    }

    private func replace(
        _ frame: Frame, by sent: Frame, _ from: String, _ to: String, from side: Side, _ steps: inout [Step]
    ) {
        Self.send(sent.bytes, to: side.other, &steps)
        let rewriting = Rewriting(original: frame.detached(), sent: sent, from: from, to: to)
        steps.append(.record(.rewritten(rewriting)))
    }

    /// Joins bytes with those of the step before, so that they leave in one write.
    private static func send(_ bytes: some Collection<UInt8>, to side: Side, _ steps: inout [Step]) {
        guard !bytes.isEmpty else { return }
        if case .send(var before, let other)? = steps.last, other == side {
            before += bytes
            steps[steps.count - 1] = .send(before, to: side)
        } else {
            steps.append(.send(Array(bytes), to: side))
        }
    }

    private static func text(_ agreement: DirectLinkAgreement) -> String {
        agreement.addresses.first?.description ?? "an unreadable address"
    }
}
