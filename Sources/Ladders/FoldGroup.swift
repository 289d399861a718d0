// Groups of commands that are frequent and rarely of interest, so that a ladder folds them.

package import Events
internal import MSNP

/// A group of commands that is folded unless it is asked for.
package enum FoldGroup: String, Sendable, Hashable, CaseIterable {
    /// States and personal messages of contacts.
    case presence
    /// Entries of the contact list and settings that the server sends at sign-in.
    case lists
    /// Signs of life and challenges.
    case pings
    /// Typing notifications.
    case typing
    /// Peer-to-peer packets, file data and acknowledgements.
    case data

    /// The group of an event; nil if it always has a row of its own.
    package init?(_ event: Event) {
        switch event.kind {
        case .frame(let frame, _):
            switch frame.verb {
            case "NLN", "ILN", "FLN", "UBX", "UUX", "BPR", "NFY": self = .presence
            case "LST", "LSG", "GTC", "BLP", "PRP", "ADL", "FQY", "SBP", "SBS": self = .lists
            case "PNG", "QNG", "CHL", "QRY": self = .pings
            case "ACK", "SDG", "UUN", "UBN": self = .data
            case "MSG":
                guard let type = Headers.value(of: "content-type", in: frame.payload) else { return nil }
                let value = frame.payload[type]
                if value.starts(with: "text/x-msmsgscontrol".utf8) {
                    self = .typing
                } else if value.starts(with: "application/x-msnmsgrp2p".utf8) {
                    self = .data
                } else {
                    return nil
                }
            default: return nil
            }
        case .noise(let noise, _) where noise.reason == .peerData || noise.reason == .fileData: self = .data
        default: return nil
        }
    }

    /// The name of an event of this group in the row that stands for several.
    package func name(of event: Event) -> String {
        switch (self, event.kind) {
        case (.typing, _): "typing"
        case (.data, .frame(let frame, _)) where frame.verb == "MSG": "peer-to-peer data"
        case (_, .frame(let frame, _)): "\(frame.verb)"
        default: "data"
        }
    }
}
