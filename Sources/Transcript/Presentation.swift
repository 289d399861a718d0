// How events are shown: the choices that both formats share.

internal import MSNP

/// What a reader asked to see.
public struct Presentation: Sendable, Hashable {
    /// Show secrets instead of their masks.
    public var showsSecrets = false
    /// 0: one line each; 1: payloads too; 2: names and meanings too; 3: payloads whole.
    public var detail = 1
    /// Add every frame's bytes as base64 (`jsonl` only).
    public var includesBytes = false
    /// Show text messages also where the payload above says the same (`text` only): a filter may have left that out.
    public var repeatsMessages = false
    /// Colour by role and direction (`text` only).
    public var colors = false

    /// What is shown when nobody asks.
    public init() {}

    /// Whether the bytes of noise may be shown: those that a client says to a proxy hold its password.
    func shows(_ noise: Noise) -> Bool { showsSecrets || noise.reason != .proxyHandshake }
}

/// Writes events as bytes, a line or more each.
public protocol EventFormat {
    /// Appends one event; nothing for events that this format leaves out.
    mutating func append(_ event: Event, to bytes: inout [UInt8])
    /// Whether `append` would append anything.
    func shows(_ event: Event) -> Bool
}

extension EventFormat {
    /// Most formats show everything.
    public func shows(_ event: Event) -> Bool { true }
}
