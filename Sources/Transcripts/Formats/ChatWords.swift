// The wording of transcript entries that are not text, for all transcript formats.

/// The program's own sentences in transcripts.
enum ChatWords {
    /// The sentence that follows the sender's name; nil for text messages, gaps and incomplete messages.
    static func sentence(_ entry: ChatEntry) -> String? {
        switch entry.what {
        case .annotation(let body, _): MessageSummary.sentence(body, isOfferer: entry.isOfferer)
        case .file(let file): MessageSummary.sentence(file)
        case .invitation(let invitation): MessageSummary.sentence(invitation)
        case .typing(let isRecording): isRecording ? "is recording" : "is typing"
        case .joined: "joined"
        case .here: "is here"
        case .left: "left"
        case .leftMessage(let received): "left a message on the server" + (received.isEmpty ? "" : " (\(received))")
        case .text, .gap, .incomplete: nil
        }
    }

    /// The sentence for missing data; nil for other entries.
    static func trouble(_ what: ChatEntry.What) -> String? {
        switch what {
        case .gap(let bytes): "\(bytes) \(bytes == 1 ? "byte is" : "bytes are") missing here"
        case .incomplete(let text): text
        default: nil
        }
    }

    /// What went wrong with a message, in words for readers; nil if nothing did.
    static func failure(_ what: ChatEntry.What) -> String? {
        switch what {
        case .text(_, .refused), .annotation(_, .refused): "not delivered"
        case .text(_, .unanswered), .annotation(_, .unanswered): "not acknowledged"
        case .text(_, .partial(let count)), .annotation(_, .partial(let count)): "only \(count)"
        default: nil
        }
    }

    /// The outcome of a message's delivery, for programs; nil if none was requested or the entry is not a message.
    static func delivery(_ what: ChatEntry.What) -> String? {
        switch what {
        case .text(_, .acknowledged), .annotation(_, .acknowledged): "acknowledged"
        case .text(_, .refused), .annotation(_, .refused): "refused"
        case .text(_, .unanswered), .annotation(_, .unanswered): "unanswered"
        case .text(_, .partial(let count)), .annotation(_, .partial(let count)): "only \(count)"
        default: nil
        }
    }
}
