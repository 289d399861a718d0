// Who invited to what, so that nobody is said to accept an offer of their own.

internal import Payloads

/// The invitations of a conversation, by their cookies.
///
/// Who offers a file says `ACCEPT` as well, once the other side has accepted: with where to connect to, and an
/// `AuthCookie`.
struct InvitationBook: Sendable {
    private var inviters: [String: Set<String>] = [:]

    private static let most = 1_000
    private static let mostOfOne = 50

    /// Takes what somebody says of an invitation.
    ///
    /// - Returns: whether it is the own one of who speaks.
    mutating func take(_ invitation: InviteMessage, from account: String) -> Bool {
        let known = inviters[invitation.cookie]
        if invitation.command == .invite {
            if known.map({ $0.count < Self.mostOfOne }) ?? (inviters.count < Self.most) {
                inviters[invitation.cookie, default: []].insert(account)
            }
            return true
        }
        // Where the invitation was not seen, or two people use the same number, it is told by what only its sender says.
        guard let known, known.count == 1 || !known.contains(account) else { return invitation.authCookie != nil }
        return known.contains(account)
    }
}
