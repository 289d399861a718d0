// Reports invitations without extractable data: files that were not accepted, webcams, games.

/// The outcome of an offer that was not accepted.
package enum RefusedOffer: String, Sendable, Hashable {
    /// The invitee declined.
    case declined
    /// The inviter withdrew it before a response.
    case withdrawn
    /// No response was captured.
    case unanswered
}

/// An invitation to an application that transfers no files or objects.
package struct PeerInvitation: Sendable, Hashable {
    package var application: PeerApplication
    /// The inviter's account.
    package var inviter: String
    /// The invitee's account.
    package var invitee: String
    /// Where the invitation was seen.
    package var place: Place
    /// The outcome if it was not accepted; nil if it was.
    package var refusal: RefusedOffer?
}

extension PeerSession {
    /// The outcome if it was not accepted; nil if it was.
    var refusal: RefusedOffer? {
        if self.isAccepted { return nil }
        if self.isDeclined { return .declined }
        return self.reason == nil ? .unanswered : .withdrawn
    }
}

extension Transfers {
    /// Reports a session that transfers no data, or whose offered file was not accepted.
    ///
    /// - Returns: false for all other sessions, and for requests for objects, which programs send without their users.
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
    /// The reason why nothing was transferred, as a sentence.
    ///
    /// - Parameter reason: the reason from the protocol; nil if there is none.
    func sentence(_ reason: String?) -> String {
        let suffix = reason.map { ": \($0)" } ?? ""
        switch self {
        case .declined: return "it was declined\(suffix)"
        case .withdrawn: return "it was withdrawn before it was answered"
        case .unanswered: return "no answer to it was seen"
        }
    }
}
