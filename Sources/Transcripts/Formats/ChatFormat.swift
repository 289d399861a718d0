// The interface of all transcript formats.

internal import Events

/// A format that writes conversations one after the other.
package protocol ChatFormat {
    /// Writes the beginning of the transcript.
    ///
    /// - Parameter count: the number of conversations that follow.
    mutating func begin(count: Int, to bytes: inout [UInt8])
    /// Writes the beginning of a conversation.
    mutating func open(_ heading: ChatHeading, to bytes: inout [UInt8])
    /// Writes an entry of the open conversation.
    ///
    /// - Parameter spill: is called with the bytes whenever `ChatPiece.mostWaiting` or more wait, and may remove them.
    mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8], spill: ChatSpill)
    /// Writes the end of a conversation.
    mutating func close(to bytes: inout [UInt8])
    /// Writes the end of the transcript.
    mutating func finish(to bytes: inout [UInt8])
}

extension ChatFormat {
    /// Writes an entry of the open conversation, all of it into `bytes`.
    package mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8]) {
        append(entry, to: &bytes) { _ in }
    }
}

extension Timestamp {
    /// `2005-05-06T15:28:18.123Z`, with milliseconds, as in Messenger's own logs.
    var milliseconds: String { String(rfc3339.dropLast(4)) + "Z" }
}
