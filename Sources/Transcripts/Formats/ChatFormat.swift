// What all forms of a transcript share.

package import Events

/// A form in which conversations are written, one after the other.
package protocol ChatFormat {
    /// Writes what stands before the first conversation.
    ///
    /// - Parameter count: how many there will be.
    mutating func begin(count: Int, to bytes: inout [UInt8])
    /// Writes what stands before a conversation's first entry.
    mutating func open(_ heading: ChatHeading, to bytes: inout [UInt8])
    /// Writes an entry of the conversation that is open.
    ///
    /// - Parameter spill: is given what was written so far, whenever it has become much.
    mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8], spill: ChatSpill)
    /// Writes what stands behind a conversation's last entry.
    mutating func close(to bytes: inout [UInt8])
    /// Writes what stands behind the last conversation.
    mutating func finish(to bytes: inout [UInt8])
}

extension ChatFormat {
    /// Writes an entry of the conversation that is open.
    package mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8]) {
        append(entry, to: &bytes) { _ in }
    }
}

/// What is known of a conversation before it is told.
package struct ChatHeading: Sendable {
    /// Its place among those that are told, from 1.
    package var number: Int
    /// When it began and ended.
    package var first: Timestamp
    /// See `first`.
    package var last: Timestamp
    /// Accounts and names of everybody, the recorded side first.
    package var people: [Person]
    /// The connections that it was on, as the archive names them.
    package var connections: [Int]

    /// Somebody in a conversation.
    package struct Person: Sendable, Hashable {
        /// The e-mail address.
        package var account: String
        /// What the person was called at last; the account where no name is known.
        package var name: String
    }

    /// The heading of a conversation.
    ///
    /// - Parameter names: what people were called.
    package init(_ conversation: ChatConversation, number: Int, names: NameHistory) {
        self.number = number
        first = conversation.first
        last = conversation.last
        people = conversation.everybody.map { account in
            Person(
                account: account,
                name: names.name(of: account, at: conversation.last) ?? account)
        }
        var seen: Set<Int> = []
        connections = conversation.segments.map(\.connection).filter { seen.insert($0).inserted }
    }
}

/// Our own words in transcripts.
enum ChatWords {
    /// What is said of somebody, behind the name; nil where an entry is about nobody, or is words.
    static func sentence(_ entry: ChatEntry) -> String? {
        switch entry.what {
        case .annotation(let body, _): ChatRemark.sentence(body, isOfferer: entry.isOfferer)
        case .file(let file): ChatRemark.sentence(file)
        case .invitation(let invitation): ChatRemark.sentence(invitation)
        case .typing(let isRecording): isRecording ? "is recording" : "is typing"
        case .joined: "joined"
        case .here: "is here"
        case .left: "left"
        case .leftMessage(let received): "left a message on the server" + (received.isEmpty ? "" : " (\(received))")
        case .text, .gap, .incomplete: nil
        }
    }

    /// What is said where something is missing.
    static func trouble(_ what: ChatEntry.What) -> String? {
        switch what {
        case .gap(let bytes): "\(bytes) \(bytes == 1 ? "byte is" : "bytes are") missing here"
        case .incomplete(let text): text
        default: nil
        }
    }

    /// What became of a message; nil where there is nothing to say.
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

extension Timestamp {
    /// `2005-05-06`.
    var date: String { String(rfc3339.prefix { $0 != "T" }) }
    /// `15:28:18`.
    var clock: String { String(rfc3339.drop { $0 != "T" }.dropFirst().prefix(8)) }
    /// `2005-05-06T15:28:18.123Z`, in milliseconds as MSN's own logs have it.
    var milliseconds: String { String(rfc3339.dropLast(4)) + "Z" }
}
