// How events are shown: the choices that both formats share.

package import Events
internal import MSNP

/// What a reader asked to see.
package struct Presentation: Sendable, Hashable {
    /// Show secrets instead of their masks.
    package var showsSecrets = false
    /// What masks are made with.
    package var maskKey = MaskKey.ofThisRun
    /// 0: one line each; 1: payloads too; 2: names and meanings too; 3: payloads whole.
    package var detail = 1
    /// Add every frame's bytes as base64 (`jsonl` only).
    package var includesBytes = false
    /// Show text messages also where the payload above says the same (`text` only): a filter may have left that out.
    package var repeatsMessages = false
    /// Colour by role and direction (`text` only).
    package var colors = false

    /// What is shown when nobody asks.
    package init() {}

    /// Whether the bytes of noise may be shown: those that a client says to a proxy hold its password.
    func shows(_ noise: Noise) -> Bool { showsSecrets || noise.reason != .proxyHandshake }
}

/// Writes events as bytes, a line or more each.
package protocol EventFormat {
    /// Appends one event; nothing for events that this format leaves out.
    mutating func append(_ event: Event, to bytes: inout [UInt8])
    /// Whether `append` would append anything.
    func shows(_ event: Event) -> Bool
    /// Makes masks with this key from now on.
    mutating func mask(with key: MaskKey)
}

extension EventFormat {
    /// Most formats show everything.
    package func shows(_ event: Event) -> Bool { true }
    /// Formats without secrets need no key.
    package mutating func mask(with key: MaskKey) {}
}
