// Finds the chat segments of one connection, and the display names that it shows.

package import Analysis
package import Events
internal import MSNP
internal import Payloads

/// Reads the events of one connection once and collects its chat segments and the display names of accounts.
package struct SegmentFinder: Sendable {
    private let connection: Int
    private let recording: Int
    private var signIn: Int?
    /// The account that signed in; nil if unknown.
    package private(set) var account: String?
    private var server = ""
    private var participants = Participants()
    private var switchboardNames = SwitchboardNames()
    private var switchboard: ChatSegment?
    /// The current segment of each partner on a notification connection.
    private var directMessages: [String: ChatSegment] = [:]
    private var finished: [ChatSegment] = []

    /// The display names of accounts, each with the time from which it holds.
    package private(set) var names = NameHistory()
    /// The last name of each account that the notification server sent.
    private var lastNames: [String: String] = [:]
    /// Whether any message was sent that may be text, or part of a transfer.
    private var hasMessages = false

    /// The analysis that this finder, `Attachments` and `ConversationReader` use.
    package static let analysis = AnalysisOptions.multipart

    /// The largest number of partners with a segment on one notification connection.
    private static let mostPartners = 5_000
    private static let mostPeople = 1_000
    private static let mostNames = 5_000

    /// Creates a finder for one connection of a recording.
    package init(connection: Int, recording: Int) {
        self.connection = connection
        self.recording = recording
    }

    /// Processes the next event of the connection.
    package mutating func take(_ event: Event) {
        if let signIn = event.signIn {
            self.signIn = signIn.number
            if let account = signIn.account { self.account = account }
        }
        switch event.kind {
        case .opened(let ends): server = ends.server
        case .frame(let frame, let side):
            switch event.role {
            case .switchboard, .unknown: readSwitchboard(frame, side, event)
            case .notification: readNotification(frame, side, event)
            default: return
            }
        case .message(let message):
            // A complete multipart message was counted with its first part.
            if let fragment = message.fragment, fragment.expected == nil { switchboard?.entryCount += 1 }
        case .gap, .finding, .closed:
            if let last = switchboard?.last { switchboard?.last = max(last, event.time) }
        default: return
        }
    }

    /// The segments of the connection; empty if no message was sent on it.
    package var segments: [ChatSegment] {
        guard hasMessages else { return [] }
        var all = finished + directMessages.values
        if var switchboard {
            switchboard.own = participants.own.isEmpty ? account ?? "" : participants.own
            switchboard.people.remove(switchboard.own)
            switchboard.peopleAtEnd.remove(switchboard.own)
            switchboard.carrier = .switchboard(server: server, session: participants.session)
            all.append(switchboard)
        }
        return all.map { segment in
            var segment = segment
            segment.signIn = signIn
            return segment
        }
    }

    // MARK: Switchboards

    private mutating func readSwitchboard(_ frame: Frame, _ side: Side, _ event: Event) {
        var segment =
            switchboard
            ?? ChatSegment(
                connection: connection, recording: recording, carrier: .switchboard(server: server, session: nil),
                own: "", people: [], peopleAtEnd: [], first: event.time, last: event.time, entryCount: 0)
        switchboard = nil
        segment.last = max(segment.last, event.time)
        let wasAlone = participants.isEmpty
        let command = Command(frame, from: side)
        if let naming = command.flatMap({ switchboardNames.note($0) }) {
            names.note(naming.name, of: naming.account, at: event.time)
        }
        switch command.flatMap({ participants.take($0) }) {
        case .present(let account), .joined(let account):
            if wasAlone { segment.peopleAtEnd = [] }
            addPerson(account, to: &segment)
        case .left(let account, _):
            if !participants.isEmpty { segment.peopleAtEnd.remove(account) }
        case nil: break
        }
        if frame.verb == "MSG" {
            hasMessages = true
            // If the capture lacks the beginning of the connection, the sender is a participant not yet known.
            if case .message(let from, _) = command, from.contains(0x40) {
                addPerson(AccountEndpoint(from).account, to: &segment)
            }
            if Self.isDisplayed(frame) { segment.entryCount += 1 }
        }
        switchboard = segment
    }

    private func addPerson(_ account: String, to segment: inout ChatSegment) {
        guard segment.people.count < Self.mostPeople || segment.people.contains(account) else { return }
        segment.people.insert(account)
        segment.peopleAtEnd.insert(account)
    }

    /// Whether a transcript shows an entry of this `MSG`; a multipart message counts with its first part. Agrees with
    /// `MessageSummary.isDisplayed` without parsing the body.
    private static func isDisplayed(_ frame: Frame) -> Bool {
        let kind = Headers.kind(of: frame.payload)
        if kind.messageID != nil, let part = MessagePart(frame.bytes, kind), part.count == nil { return false }
        guard let type = kind.type else { return kind.body < frame.bytes.count }
        return displayedTypes.contains { equal(frame, type, $0) }
    }

    private static func equal(_ frame: Frame, _ type: Range<Int>, _ name: StaticString) -> Bool {
        Headers.equal(frame.bytes[type].prefix { $0 != 0x3B && $0 != 0x20 }, name)
    }

    private static let displayedTypes: [StaticString] = [
        "text/plain", "text/x-msnmsgr-datacast", "text/x-mms-emoticon", "text/x-mms-animemoticon", "image/gif",
        "application/x-ms-ink", "text/x-msmsgsinvite",
    ]

    // MARK: Notification connections

    private mutating func readNotification(_ frame: Frame, _ side: Side, _ event: Event) {
        switch (frame.verb, side) {
        case ("SDG", _), ("UUM", .client), ("UBM", .server):
            hasMessages = true
            guard let direct = DirectMessage(frame, from: side, own: account ?? "", charsets: .basic),
                MessageSummary.isDisplayed(direct.message.body) || direct.message.part?.count != nil
            else { return }
            noteMessage(with: direct.partner, event)
        case ("MSG", .server):
            for message in OfflineNotice.messages(in: event.annotation?.whole ?? frame) {
                hasMessages = true
                let partner = message.account.lowercased()
                names.note(message.name, of: partner, at: event.time)
                noteMessage(with: partner, event)
            }
        case (_, .server):
            guard let naming = AccountName(notification: frame, own: account),
                lastNames[naming.account] != naming.name,
                lastNames[naming.account] != nil || lastNames.count < Self.mostNames
            else { return }
            // A repeated name is not a change: another connection may have sent a newer one since.
            lastNames[naming.account] = naming.name
            names.note(naming.name, of: naming.account, at: event.time)
        default: return
        }
    }

    private mutating func noteMessage(with partner: String, _ event: Event) {
        if var segment = directMessages[partner] {
            if Conversations.isPause(from: segment.last, to: event.time) {
                finished.append(segment)
                segment.first = event.time
                segment.entryCount = 0
            }
            segment.last = max(segment.last, event.time)
            segment.entryCount += 1
            directMessages[partner] = segment
        } else if directMessages.count < Self.mostPartners {
            directMessages[partner] = ChatSegment(
                connection: connection, recording: recording, carrier: .directMessages(partner: partner),
                own: account ?? "", people: [partner], peopleAtEnd: [partner], first: event.time, last: event.time,
                entryCount: 1)
        }
    }
}
