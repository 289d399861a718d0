// Reads a connection once, and says which talk is on it.

internal import Analysis
package import Events
internal import MSNP
internal import Payloads

/// Finds the strands of one connection, and the names of people.
package struct SegmentFinder: Sendable {
    private let connection: Int
    private let recording: Int
    private var signIn: Int?
    /// The account that signed in, where it is known.
    package private(set) var account: String?
    private var server = ""
    private var participants = Participants()
    private var boardNames = SwitchboardNames()
    private var board: ChatSegment?
    private var letters: [String: ChatSegment] = [:]
    private var finished: [ChatSegment] = []

    /// What people were called, and since when.
    package private(set) var names = NameHistory()
    /// What the notification server said last of each account.
    private var lastNames: [String: String] = [:]
    /// Whether anything was said that may be talk, or part of a transfer.
    private var hasMessages = false

    /// How many people are remembered with whom one connection has talk.
    private static let mostPartners = 5_000
    private static let mostPeople = 1_000
    private static let mostNames = 5_000

    /// A finder for a connection.
    package init(connection: Int, recording: Int) {
        self.connection = connection
        self.recording = recording
    }

    /// Takes the next event of the connection.
    package mutating func take(_ event: Event) {
        if let signIn = event.signIn {
            self.signIn = signIn.number
            if let account = signIn.account { self.account = account }
        }
        switch event.kind {
        case .opened(let ends): server = ends.server
        case .frame(let frame, let side):
            switch event.role {
            case .switchboard, .unknown: takeBoard(frame, side, event)
            case .notification: takeLetter(frame, side, event)
            default: return
            }
        case .message(let message):
            // A message in parts was counted with its first one.
            if let fragment = message.fragment, fragment.expected == nil { board?.remarks += 1 }
        case .gap, .finding, .closed:
            if let last = board?.last { board?.last = max(last, event.time) }
        default: return
        }
    }

    /// The strands of the connection; none where no message was sent at all.
    package var segments: [ChatSegment] {
        guard hasMessages else { return [] }
        var all = finished + letters.values
        if var board {
            board.own = participants.own.isEmpty ? account ?? "" : participants.own
            board.people.remove(board.own)
            board.peopleAtLast.remove(board.own)
            board.carrier = .switchboard(server: server, session: participants.session)
            all.append(board)
        }
        return all.map { segment in
            var segment = segment
            segment.signIn = signIn
            return segment
        }
    }

    // MARK: Switchboards

    private mutating func takeBoard(_ frame: Frame, _ side: Side, _ event: Event) {
        var segment =
            board
            ?? ChatSegment(
                connection: connection, recording: recording, carrier: .switchboard(server: server, session: nil),
                own: "", people: [], peopleAtLast: [], first: event.time, last: event.time, remarks: 0)
        board = nil
        segment.last = max(segment.last, event.time)
        let wasAlone = participants.isEmpty
        let command = Command(frame, from: side)
        if let naming = command.flatMap({ boardNames.take($0) }) {
            names.note(naming.name, of: naming.account, at: event.time)
        }
        switch command.flatMap({ participants.take($0) }) {
        case .present(let account), .joined(let account):
            if wasAlone { segment.peopleAtLast = [] }
            enter(account, &segment)
        case .left(let account, _):
            if !participants.isEmpty { segment.peopleAtLast.remove(account) }
        case nil: break
        }
        if frame.verb == "MSG" {
            hasMessages = true
            // In a capture without the beginning, who speaks was there.
            if case .message(let from, _) = command, from.contains(0x40) {
                enter(AccountEndpoint(from).account, &segment)
            }
            if Self.isRemark(frame) { segment.remarks += 1 }
        }
        board = segment
    }

    private func enter(_ account: String, _ segment: inout ChatSegment) {
        guard segment.people.count < Self.mostPeople || segment.people.contains(account) else { return }
        segment.people.insert(account)
        segment.peopleAtLast.insert(account)
    }

    /// Whether a reader is told of it; a message in parts counts with its first one. The same as `ChatRemark` says of
    /// bodies, without reading them.
    private static func isRemark(_ frame: Frame) -> Bool {
        let kind = Headers.kind(of: frame.payload)
        if kind.messageID != nil, let part = MessagePart(frame.bytes, kind), part.count == nil { return false }
        guard let type = kind.type else { return kind.body < frame.bytes.count }
        return told.contains { equal(frame, type, $0) }
    }

    private static func equal(_ frame: Frame, _ type: Range<Int>, _ name: StaticString) -> Bool {
        Headers.equal(frame.bytes[type].prefix { $0 != 0x3B && $0 != 0x20 }, name)
    }

    private static let told: [StaticString] = [
        "text/plain", "text/x-msnmsgr-datacast", "text/x-mms-emoticon", "text/x-mms-animemoticon", "image/gif",
        "application/x-ms-ink", "text/x-msmsgsinvite",
    ]

    // MARK: Notification connections

    private mutating func takeLetter(_ frame: Frame, _ side: Side, _ event: Event) {
        switch (frame.verb, side) {
        case ("SDG", _), ("UUM", .client), ("UBM", .server):
            hasMessages = true
            guard let letter = DirectMessage(frame, from: side, own: account ?? "", charsets: .basic),
                ChatRemark.isOne(letter.message.body) || letter.message.part?.count != nil
            else { return }
            note(with: letter.partner, event)
        case ("MSG", .server):
            for message in OfflineNotice.messages(in: event.annotation?.whole ?? frame) {
                hasMessages = true
                let partner = message.account.lowercased()
                names.note(message.name, of: partner, at: event.time)
                note(with: partner, event)
            }
        case (_, .server):
            guard let naming = AccountName(notification: frame, own: account),
                lastNames[naming.account] != naming.name,
                lastNames[naming.account] != nil || lastNames.count < Self.mostNames
            else { return }
            // A name that is said again is no change: another connection may have told one since.
            lastNames[naming.account] = naming.name
            names.note(naming.name, of: naming.account, at: event.time)
        default: return
        }
    }

    private mutating func note(with partner: String, _ event: Event) {
        if var segment = letters[partner] {
            if Conversations.isPause(from: segment.last, to: event.time) {
                finished.append(segment)
                segment.first = event.time
                segment.remarks = 0
            }
            segment.last = max(segment.last, event.time)
            segment.remarks += 1
            letters[partner] = segment
        } else if letters.count < Self.mostPartners {
            letters[partner] = ChatSegment(
                connection: connection, recording: recording, carrier: .letters(partner: partner), own: account ?? "",
                people: [partner], peopleAtLast: [partner], first: event.time, last: event.time, remarks: 1)
        }
    }
}
