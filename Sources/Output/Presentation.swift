// Output options, and the protocol of output formats.

package import Events
internal import MSNP

/// The user's output options.
package struct Presentation: Sendable, Hashable {
    /// Show secrets instead of their masks.
    package var showsSecrets = false
    /// The key for masks.
    package var maskKey = MaskKey.ofThisRun
    /// 0: one line per event; 1: also payloads; 2: also names and meanings of arguments; 3: payloads in full.
    package var detail = 1
    /// Add the raw bytes of frames and noise as base64 (`jsonl` only).
    package var includesBytes = false
    /// Show text messages even if a preceding payload contains the same text, which a filter may have omitted (`text`
    /// only).
    package var repeatsMessages = false
    /// Omit `listening`, because the startup message on the same terminal contains it (`text` only).
    package var omitsListening = false
    /// Show with each connection the file that it came from (`text` only).
    package var namesFiles = false
    /// The zone of times (`text` only; JSON has UTC).
    package var zone = TimeZoneRules.utc
    /// Colour by role and direction (`text` only).
    package var colors = false

    package init() {}

    /// Whether the bytes of noise may be shown: a client's handshake with a proxy contains a password.
    func shows(_ noise: Noise) -> Bool { showsSecrets || noise.reason != .proxyHandshake }
}

/// Formats events as bytes, one or more lines each. All functions are `mutating`, also those that change nothing:
/// generic callers would copy the format for others.
package protocol EventFormat {
    /// Appends one event; nothing if this format omits it.
    mutating func append(_ event: Event, to bytes: inout [UInt8])
    /// Appends a line with the date of the next event if it differs from that of the last one. Formats whose lines have
    /// the date append nothing.
    mutating func appendDate(of time: Timestamp, to bytes: inout [UInt8])
    /// The day of the line that `appendDate` appends, counted from 1970; nil if it appends nothing.
    mutating func dateDay(of time: Timestamp) -> Int64?
    /// Whether `append` would append anything.
    mutating func shows(_ event: Event) -> Bool
    /// Sets the key for masks from now on.
    mutating func mask(with key: MaskKey)
    /// Makes caches smaller, because this number of copies of the format are used, each for some of the connections.
    mutating func divideCaches(by copies: Int)
}

extension EventFormat {
    /// Most formats show everything.
    package func shows(_ event: Event) -> Bool { true }
    /// Most formats have the date in each line.
    package mutating func appendDate(of time: Timestamp, to bytes: inout [UInt8]) {}
    /// Most formats have the date in each line.
    package func dateDay(of time: Timestamp) -> Int64? { nil }
    /// Formats without secrets need no key.
    package mutating func mask(with key: MaskKey) {}
    /// Most formats have no caches.
    package mutating func divideCaches(by copies: Int) {}
}
