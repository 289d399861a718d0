// Reads a connection once, and says which talk is on it.

internal import MSNP
internal import Messages
public import Transcript

/// Finds the strands of one connection, and the names of people.
public struct StrandFinder: Sendable {
    private let connection: Int
    private let recording: Int
    private var signIn: Int?
    /// The account that signed in, where it is known.
    public private(set) var account: String?
    private var server = ""
    private var participants = Participants()
    private var boardNames = SwitchboardNames()
    private var board: Strand?
    private var letters: [String: Strand] = [:]
    private var finished: [Strand] = []

    /// What people were called, and since when.
    public private(set) var names = NameBook()
    /// What the notification server said last of each account.
    private var lastNames: [String: String] = [:]
    /// Whether anything was said that may be talk, or part of a transfer.
    private var hasMessages = false

    /// How many people are remembered with whom one connection has talk.
    private static let mostPartners = 5_000
    private static let mostPeople = 1_000
    private static let mostNames = 5_000

    /// A finder for a connection.
    public init(connection: Int, recording: Int) {
        self.connection = connection
        self.recording = recording
    }

    /// Takes the next event of the connection.
    public mutating func take(_ event: Event) {
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
    public var strands: [Strand] {
        guard hasMessages else { return [] }
        var all = finished + letters.values
        if var board {
            board.own = participants.own.isEmpty ? account ?? "" : participants.own
            board.people.remove(board.own)
            board.peopleAtLast.remove(board.own)
            board.carrier = .switchboard(server: server, session: participants.session)
            all.append(board)
        }
        return all.map { strand in
            var strand = strand
            strand.signIn = signIn
            return strand
        }
    }

    // MARK: Switchboards

    private mutating func takeBoard(_ frame: Frame, _ side: Side, _ event: Event) {
        var strand =
            board
            ?? Strand(
                connection: connection, recording: recording, carrier: .switchboard(server: server, session: nil),
                own: "", people: [], peopleAtLast: [], first: event.time, last: event.time, remarks: 0)
        board = nil
        strand.last = max(strand.last, event.time)
        let wasAlone = participants.isEmpty
        let command = Command(frame, from: side)
        if let naming = command.flatMap({ boardNames.take($0) }) {
            names.note(naming.name, of: naming.account, at: event.time)
        }
        switch command.flatMap({ participants.take($0) }) {
        case .present(let account), .joined(let account):
            if wasAlone { strand.peopleAtLast = [] }
            enter(account, &strand)
        case .left(let account, _):
            if !participants.isEmpty { strand.peopleAtLast.remove(account) }
        case nil: break
        }
        if frame.verb == "MSG" {
            hasMessages = true
            // In a capture without the beginning, who speaks was there.
            if case .message(let from, _) = command, from.contains(0x40) {
                enter(AccountEndpoint(from).account, &strand)
            }
            if Self.isRemark(frame) { strand.remarks += 1 }
        }
        board = strand
    }

    private func enter(_ account: String, _ strand: inout Strand) {
        guard strand.people.count < Self.mostPeople || strand.people.contains(account) else { return }
        strand.people.insert(account)
        strand.peopleAtLast.insert(account)
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
            guard let letter = Letter(frame, from: side, own: account ?? "", charsets: .basic),
                ChatRemark.isOne(letter.message.body) || letter.message.part?.count != nil
            else { return }
            note(with: letter.partner, event)
        case ("MSG", .server):
            for message in OfflineNotice.messages(in: event.remark?.whole ?? frame) {
                hasMessages = true
                let partner = message.account.lowercased()
                names.note(message.name, of: partner, at: event.time)
                note(with: partner, event)
            }
        case (_, .server):
            guard let naming = Naming(notification: frame, own: account),
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
        if var strand = letters[partner] {
            if Conversations.isPause(from: strand.last, to: event.time) {
                finished.append(strand)
                strand.first = event.time
                strand.remarks = 0
            }
            strand.last = max(strand.last, event.time)
            strand.remarks += 1
            letters[partner] = strand
        } else if letters.count < Self.mostPartners {
            letters[partner] = Strand(
                connection: connection, recording: recording, carrier: .letters(partner: partner), own: account ?? "",
                people: [partner], peopleAtLast: [partner], first: event.time, last: event.time, remarks: 1)
        }
    }
}
