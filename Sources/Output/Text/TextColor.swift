// The colours of the text format.

internal import Events
internal import MSNP

/// A colour or weight of text on a terminal (ECMA-48, select graphic rendition).
struct TextColor {
    private let code: StaticString

    /// Times, headers of payloads, explanations, and the beginning and end of connections.
    static let dim = TextColor(code: "2")
    /// The words of a message.
    static let bright = TextColor(code: "1")
    /// Errors.
    static let problem = TextColor(code: "1;31")
    /// Findings that are no errors.
    static let warning = TextColor(code: "33")
    /// Missing bytes, and bytes that are not commands.
    static let damage = TextColor(code: "31")
    /// Lines that the relay changed.
    static let changed = TextColor(code: "1;33")

    /// The colour of an event's line: commands by role and side, everything else by kind. Colours of notification servers
    /// are cold, those of switchboards warm.
    static func of(_ event: Event) -> TextColor {
        switch event.kind {
        case .noise(let noise, _) where noise.reason == .httpMessage: dim
        case .noise, .gap: damage
        case .finding(let finding):
            switch finding.severity {
            case .error: problem
            case .warning: warning
            case .note: dim
            }
        case .notPrinted: problem
        case .rewritten: changed
        case .message: bright
        case .listening, .opened, .closed, .tunnel: dim
        case .http(let message):
            TextColor(code: message.side == .client ? "36" : (message.status ?? 0) < 400 ? "32" : "1;31")
        case .frame(let frame, let side):
            switch (event.role, side) {
            case (_, .server) where frame.verb.isError: problem
            case (.switchboard, .client): TextColor(code: "35")
            case (.switchboard, .server): TextColor(code: "33")
            case (.dispatch, _): TextColor(code: "34")
            case (_, .client): TextColor(code: "36")
            case (_, .server): TextColor(code: "32")
            }
        }
    }

    /// Appends the sequence that starts this colour.
    func start(_ bytes: inout ByteWriter) {
        bytes.append(plain: "\u{1B}[")
        bytes.append(plain: code)
        bytes.append(plain: "m")
    }

    /// Appends the sequence that ends any colour.
    static func end(_ bytes: inout ByteWriter) { bytes.append(plain: "\u{1B}[0m") }
}
