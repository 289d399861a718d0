// Tracks invitation senders, so that a transcript does not show them accepting their own invitation.

internal import Payloads

/// The senders of a conversation's invitations, by cookie.
///
/// The sender of a file also sends `ACCEPT`, after the other side has accepted, with the address to connect to and an
/// `AuthCookie`.
struct InvitationTracker: Sendable {
    private var inviters: [String: Set<String>] = [:]

    private static let most = 1_000
    private static let mostOfOne = 50

    /// Notes an invitation, or looks up the one that is answered.
    ///
    /// - Returns: whether `account` sent the invitation itself.
    mutating func note(_ invitation: InviteMessage, from account: String) -> Bool {
        let known = inviters[invitation.cookie]
        if invitation.command == .invite {
            if known.map({ $0.count < Self.mostOfOne }) ?? (inviters.count < Self.most) {
                inviters[invitation.cookie, default: []].insert(account)
            }
            return true
        }
        // If the invitation was not recorded, or two accounts use the same cookie, only the inviter's answers carry an
        // `AuthCookie`.
        guard let known, known.count == 1 || !known.contains(account) else { return invitation.authCookie != nil }
        return known.contains(account)
    }
}
