// The bytes of an event as they may be shown: secrets are overwritten, so that all places stay right.

package import Events
internal import MSNP

/// The bytes of events under one presentation.
package struct EventBytes: Sendable {
    private let presentation: Presentation
    private let masking: Masking

    /// The line of a frame with masks for its secrets; nil for other events.
    package func maskedLine(of event: Event) -> [UInt8]? {
        guard case .frame(let frame, let side) = event.kind else { return nil }
        var masking = masking
        return masking.masked(frame.bytes, 0..<frame.lineEnd, masking.secrets(in: frame, from: side, of: event))
    }

    /// The names of the masks that stand for secrets of an event, each once.
    package func maskNames(of event: Event) -> [String] {
        switch event.kind {
        case .frame(let frame, let side):
            return masking.names(of: masking.secrets(in: frame, from: side, of: event), in: frame.bytes)
        case .noise(let noise, let side):
            return masking.names(of: masking.secrets(in: noise, from: side, of: event), in: noise.bytes)
        case .rewritten(let rewriting): return masking.names(in: rewriting)
        default: return []
        }
    }

    package init(_ presentation: Presentation) {
        self.presentation = presentation
        masking = Masking(presentation)
    }

    /// The number of bytes of an event; 0 for one without.
    package static func count(of event: Event) -> Int {
        switch event.kind {
        case .frame(let frame, _): frame.bytes.count
        case .noise(let noise, _): noise.bytes.count
        default: 0
        }
    }

    /// The bytes of a frame or of noise, with asterisks for secrets; empty for other events.
    package func bytes(of event: Event) -> [UInt8] {
        switch event.kind {
        case .frame(let frame, let side):
            return Array(Masking.blank(frame.bytes, masking.secrets(in: frame, from: side, of: event)))
        case .noise(let noise, let side):
            guard presentation.shows(noise) else { return [UInt8](repeating: 0x2A, count: noise.bytes.count) }
            return Array(Masking.blank(noise.bytes, masking.secrets(in: noise, from: side, of: event)))
        default: return []
        }
    }
}
