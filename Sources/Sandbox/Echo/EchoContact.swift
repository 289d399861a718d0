// The echo contact: the account that every client of the sandbox has on its list, so that one client alone can chat.

import MSNP
import Payloads

/// The contact that repeats messages. It has no connection; `MessengerService` acts for it.
package enum EchoContact {
    /// Its account. Nobody owns the domain (RFC 2606), and nobody can sign in with this account.
    package static let account = "echo@example.com"
    /// The words that it does not repeat but acts on, in any case.
    package static let words = ["nudge", "picture", "help"]

    static let name = "Echo"
    /// Online, with a display picture. The capability is the client version MSNC4 (MSN Messenger 7.0): clients send
    /// nudges to contacts that claim it, and no chunked messages, which have a bit of their own.
    static let presence = Presence(state: "NLN", capabilities: "1073741824", picture: displayPicture.percentEncoded)
    /// The personal message, the payload of `UBX`.
    static let statusText = Array(
        "<Data><PSM>I repeat what you say. Try: nudge, picture</PSM><CurrentMedia></CurrentMedia></Data>".utf8)

    static let displayPicture = OfferedPicture(
        kind: .picture, creator: account, name: "butterfly.png", data: ButterflyDrawing.png(side: 96))
    /// The picture for the word `picture`; clients shrink emoticons to 50 pixels at most.
    static let emoticon = OfferedPicture(
        kind: .emoticon, creator: account, name: "fly.png", data: ButterflyDrawing.png(side: 48))
    /// The text that clients replace with the emoticon; they allow seven characters.
    static let emoticonShortcut = "(fly)"

    /// The offered picture with this SHA-1; nil if there is none.
    static func picture(withDigest digest: [UInt8]) -> OfferedPicture? {
        [displayPicture, emoticon].first { $0.digest == digest }
    }
}
