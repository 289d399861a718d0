// What the analysis of a connection computes: readers choose only what they use.

/// Parts of the analysis of a connection's frames; each costs time. Some include others that they depend on.
package struct AnalysisOptions: OptionSet, Sendable {
    /// The bit mask.
    package let rawValue: UInt8

    /// Creates the options from a bit mask.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Messages sent in several parts: the complete one as `Annotation.whole`, incomplete ones as messages and
    /// findings.
    package static let multipart = AnalysisOptions(rawValue: 1)
    /// All text messages, decoded.
    package static let messages: AnalysisOptions = [.multipart, AnalysisOptions(rawValue: 2)]
    /// The meaning of commands: named arguments, the request that a reply answers, and the findings of the conformance
    /// checks, some of which need the text messages.
    package static let conformance: AnalysisOptions = [.messages, AnalysisOptions(rawValue: 4)]
    /// The peer-to-peer layer: joined MSNSLP messages, and findings on transfers.
    package static let transfers: AnalysisOptions = [.multipart, AnalysisOptions(rawValue: 8)]
    /// The byte ranges of secrets that depend on earlier bytes.
    package static let secrets = AnalysisOptions(rawValue: 16)
    /// HTTP messages beside MSNP.
    package static let http = AnalysisOptions(rawValue: 32)
    /// All messages and findings, and everything in annotations.
    package static let events: AnalysisOptions = [.conformance, .transfers, .http]
    /// Everything.
    package static let all: AnalysisOptions = [.events, .secrets]
}

/// What a source of events, such as an archive or a capture, computes in addition to what happened.
package struct EventDetail: Sendable {
    /// What is derived from the frames.
    package var analysis: AnalysisOptions
    /// Whether to compute the SHA-256 of each direction, which the `closed` event contains.
    package var hasDigests: Bool

    /// Creates a detail of these parts.
    package init(_ analysis: AnalysisOptions, hasDigests: Bool = false) {
        self.analysis = analysis
        self.hasDigests = hasDigests
    }

    /// Only what happened.
    package static let none = EventDetail([])
    /// Everything.
    package static let all = EventDetail(.all, hasDigests: true)
}
