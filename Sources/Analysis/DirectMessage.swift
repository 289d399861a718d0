// A message that goes over the notification connection: SDG (MSNP18 and later), UUM and UBM (other networks).

package import MSNP
package import Payloads

/// Who wrote to whom, and what.
package struct DirectMessage: Sendable {
    /// The writer's account.
    package var from: String
    /// The reader's account, or the group's.
    package var to: String
    /// The one with whom this is a conversation: the other person, or the group.
    package var partner: String
    /// Whether that is a group.
    package var isGroup: Bool
    /// What was written.
    package var message: MessagePayload

    /// Reads a letter out of a command.
    ///
    /// - Parameters:
    ///   - frame: SDG, UUM or UBM.
    ///   - side: who said it.
    ///   - own: the account that signed in, empty where it is not known.
    ///   - charsets: turns text into UTF-8.
    /// - Returns: nil for other commands, and where nothing is written or nobody named.
    package init?(_ frame: Frame, from side: Side, own: String, charsets: CharsetDecoder) {
        switch (frame.verb, Payload(frame, charsets: charsets)) {
        case ("SDG", .envelope(let envelope)):
            guard let message = envelope.message, let from = envelope.from, let to = envelope.to else { return nil }
            self.message = message
            // What goes over a circle names it as the way, or as one of the ends.
            let way = (from.via ?? to.via).flatMap { via in
                via.hasPrefix("9:") || via.hasPrefix("10:") ? via.drop { $0 != ":" }.dropFirst() : nil
            }
            let group = way.map(String.init) ?? (to.isGroup ? to.account : from.isGroup ? from.account : nil)
            self.from = from.account
            self.to = group ?? to.account
            // What the account wrote at another of its places, its server sends here.
            let isOwn = side == .client || from.account.lowercased() == own.lowercased()
            partner = group ?? (isOwn ? to.account : from.account)
            isGroup = group != nil
        case ("UUM", .message(let message)), ("UBM", .message(let message)):
            let people = frame.arguments.filter { $0.contains(0x40) || $0.starts(with: "tel:".utf8) }.map(Self.account)
            guard let first = people.first else { return nil }
            self.message = message
            from = frame.verb == "UUM" ? own : first
            to = frame.verb == "UUM" ? first : people.dropFirst().first ?? own
            partner = first
            isGroup = false
        default: return nil
        }
    }

    /// The account in `bob@example.com` or `32:bob@example.com;via=…`.
    private static func account(_ token: ArraySlice<UInt8>) -> String {
        let colon = token.firstIndex(of: 0x3A)
        let isNetwork = colon.map { Decimal.value(of: token[..<$0]) != nil } ?? false
        let bare = isNetwork ? colon.map { token[($0 + 1)...] } ?? token : token
        return String(decoding: Account.of(bare), as: UTF8.self)
    }
}
