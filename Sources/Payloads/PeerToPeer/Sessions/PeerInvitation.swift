// Invitations of which nothing came that could be taken out: files that nobody accepted, cameras, games.

/// What became of an offer that was not accepted.
package enum RefusedOffer: String, Sendable, Hashable {
    /// The other side said no.
    case declined
    /// Who had made it took it back before it was answered.
    case withdrawn
    /// No answer was seen.
    case unanswered
}

/// An invitation to something that is no transfer.
package struct PeerInvitation: Sendable, Hashable {
    /// What it is to.
    package var application: PeerApplication
    /// Who invites.
    package var inviter: String
    /// Who is invited.
    package var invitee: String
    /// Where the invitation was seen.
    package var place: Place
    /// What became of it; nil where it was accepted.
    package var refusal: RefusedOffer?
}

extension PeerSession {
    /// What became of it; nil where it was accepted.
    var refusal: RefusedOffer? {
        if isAccepted { return nil }
        if isDeclined { return .declined }
        return reason == nil ? .unanswered : .withdrawn
    }
}

extension Transfers {
    /// Reports a session that is no transfer, or of a file that was offered in vain.
    ///
    /// - Returns: false for sessions that are to be followed further, and requests for objects, which programs make.
    mutating func reportInvitation(_ session: PeerSession) -> Bool {
        if let application = session.application, !application.isTransfer, !session.isFile {
            let invitation = PeerInvitation(
                application: application, inviter: session.inviter, invitee: session.invitee, place: session.place,
                refusal: session.refusal)
            table.add(.invited(invitation))
            return true
        }
        guard session.isFile, !session.hasData, let refusal = session.refusal else { return false }
        var transfer = Transfer(
            number: 0, method: .relayed, kind: session.kind, sender: session.sender, recipient: session.recipient,
            places: [session.place], lastTime: session.place.time)
        transfer.name = session.offer?.name
        transfer.declaredSize = session.declaredSize
        transfer.refusal = refusal
        table.giveUp(transfer, because: refusal.sentence(session.reason))
        return true
    }
}

extension RefusedOffer {
    /// Why nothing came, as a sentence.
    ///
    /// - Parameter reason: what was said, where something was.
    func sentence(_ reason: String?) -> String {
        let said = reason.map { ": \($0)" } ?? ""
        switch self {
        case .declined: return "it was declined\(said)"
        case .withdrawn: return "it was withdrawn before it was answered"
        case .unanswered: return "no answer to it was seen"
        }
    }
}
