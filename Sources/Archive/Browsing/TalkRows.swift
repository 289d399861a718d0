// Talks as rows: the list of conversations without reading any connection.

package import Events

/// One conversation in a list: as `talks` joins it, over all its connections.
package struct TalkRow: Sendable {
    /// The identifiers of its parts, `v12` or `c12`, in order; the first one stands for all.
    package internal(set) var ids: [ArchiveID]
    /// The rows of the connections of its parts.
    package internal(set) var connections: [Int64]
    /// The row of its recording.
    package internal(set) var recording: Int64
    /// The times of the first and the last event.
    package internal(set) var first: Timestamp
    package internal(set) var last: Timestamp
    /// The accounts of everybody who took part, the recorded client first.
    package internal(set) var accounts: [String]
    /// The display names of accounts, as far as known.
    package internal(set) var names: [String: String]
    /// The number of text messages; those that two connections show count once.
    package internal(set) var messages: Int64
    /// The number of files and objects that were offered or sent.
    package internal(set) var transfers: Int64
    /// The number of those whose bytes are a picture that can be shown.
    package internal(set) var pictures: Int64
    /// The last message; nil if there is none.
    package internal(set) var lastMessage: LastMessage?
    /// The beginning of the first message; empty if there is none.
    package internal(set) var start: String
    /// Its place in the list.
    package internal(set) var cursor: EventCursor
}

/// Which part of a list that begins with the newest item to read.
package enum ListPlace: Sendable, Hashable {
    /// The newest items.
    case newest
    /// The items further down the list: older ones.
    case after(EventCursor)
    /// The items further up the list: newer ones.
    case before(EventCursor)
}
