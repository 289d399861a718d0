// Parses messages sent over a notification connection: SDG (MSNP18 and later), UUM and UBM (other networks).

package import MSNP
package import Payloads

/// A message sent over a notification connection.
package struct DirectMessage: Sendable {
    /// The sender's account.
    package var from: String
    /// The recipient's account, or the group's.
    package var to: String
    /// The other account of the conversation, or the group.
    package var partner: String
    /// Whether `partner` is a group.
    package var isGroup: Bool
    package var message: MessagePayload

    /// Parses a frame.
    ///
    /// - Parameters:
    ///   - frame: SDG, UUM or UBM.
    ///   - side: the side that sent it.
    ///   - own: the account that signed in; empty if unknown.
    ///   - charsets: decodes text to UTF-8.
    /// - Returns: nil for other commands, and if the message or an account is missing.
    package init?(_ frame: Frame, from side: Side, own: String, charsets: CharsetDecoder) {
        switch (frame.verb, Payload(frame, charsets: charsets)) {
        case ("SDG", .envelope(let envelope)):
            guard let message = envelope.message, let from = envelope.from, let to = envelope.to else { return nil }
            self.message = message
            // A message to a circle names the circle in `via`, or as sender or recipient.
            let way = (from.via ?? to.via).flatMap { via in
                via.hasPrefix("9:") || via.hasPrefix("10:") ? via.drop { $0 != ":" }.dropFirst() : nil
            }
            let group = way.map(String.init) ?? (to.isGroup ? to.account : from.isGroup ? from.account : nil)
            self.from = from.account
            self.to = group ?? to.account
            // The server also delivers messages that the same account sent from another endpoint.
            let isOwn = side == .client || from.account.lowercased() == own.lowercased()
            partner = group ?? (isOwn ? to.account : from.account)
            isGroup = group != nil
        case ("UUM", .message(let message)), ("UBM", .message(let message)):
            switch Command(frame, from: side) {
            case .networkMessage(let recipient):
                from = own
                to = Self.account(recipient)
                partner = to
            case .receivedNetworkMessage(let sender, let recipient):
                from = Self.account(sender)
                to = recipient.map(Self.account) ?? own
                partner = from
            default: return nil
            }
            self.message = message
            isGroup = false
        default: return nil
        }
    }

    /// The account in `bob@example.com` or `32:bob@example.com;via=…` (network identifier 32).
    private static func account(_ token: ByteSlice) -> String {
        let colon = token.firstIndex(of: 0x3A)
        let isNetwork = colon.map { Decimal.value(of: token[..<$0]) != nil } ?? false
        let bare = isNetwork ? colon.map { token[($0 + 1)...] } ?? token : token
        return String(decoding: Account.of(bare), as: UTF8.self)
    }
}
