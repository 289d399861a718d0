// Turns the events of a conversation's connections into transcript entries.

package import Analysis
package import Events
internal import MSNP
package import Payloads

/// Turns the events of one conversation into entries, in order of time.
///
/// A limited number of entries wait for the acknowledgements of their messages.
package struct ConversationReader: Sendable {
    private let conversation: ChatConversation
    private let charsets: CharsetDecoder
    private let showsTyping: Bool
    /// The side events not emitted yet.
    private var sideEvents: SideEventQueue
    private var names: CurrentNames
    private var invitations = InvitationTracker()
    private var joinLeaveFilter = JoinLeaveFilter()
    /// All accounts, to detect equal display names; empty if there are too many to compare.
    private let people: [String]
    /// The indices of each connection's segments.
    private let segmentsByConnection: [Int: [Int]]
    /// The connections that show the same switchboard session as an earlier one.
    private let duplicates: Set<Int>
    private var connections: [Int: ConnectionState] = [:]
    /// The accounts that take part now: a new switchboard with the same people makes no join entries.
    private var present: Set<String> = []
    private var duplicateFilter = DuplicateMessageFilter()
    private var pending = PendingEntries()
    /// The address of the event that is read, if the caller knows it.
    private var place: (address: EventAddress, cursor: EventCursor)?

    /// The state of one open connection, a switchboard or a notification connection.
    private struct ConnectionState: Sendable {
        /// The index of the first segment that shows the same switchboard session.
        var session: Int
        var participants = Participants()
        var names = SwitchboardNames()
        var account: String?
        /// The number of partial messages that were emitted and whose `message` event has not followed yet.
        var fragments = 0
        /// Whether the next `message_incomplete` or `not_recorded` finding concerns a message that needs no entry.
        var skipsFinding = false
    }

    private static let mostCompared = 50
    /// The longest name on servers, in characters.
    private static let longestNickname = 387

    /// Creates a reader of one conversation.
    ///
    /// - Parameters:
    ///   - names: display names for accounts whose name the conversation does not contain.
    ///   - sideEvents: the side events of each connection, in order of time.
    ///   - charsets: converts text to UTF-8.
    ///   - showsTyping: whether typing notifications make entries.
    package init(
        _ conversation: ChatConversation, names: NameHistory = NameHistory(), sideEvents: [Int: [SideEvent]] = [:],
        charsets: CharsetDecoder = .basic, showsTyping: Bool = false
    ) {
        self.conversation = conversation
        self.names = CurrentNames(names)
        self.charsets = charsets
        self.showsTyping = showsTyping
        self.sideEvents = SideEventQueue(conversation, sideEvents)
        let people = conversation.accounts
        self.people = people.count > Self.mostCompared ? [] : people
        segmentsByConnection = Dictionary(grouping: conversation.segments.indices) {
            conversation.segments[$0].connection
        }
        duplicates = Set(conversation.duplicates.keys.map { conversation.segments[$0].connection })
        if let own = conversation.segments.first?.own, !own.isEmpty { present = [own] }
    }

    /// Processes the next event of one of the conversation's connections, in order of time.
    ///
    /// - Parameter emit: receives the entries that are final.
    package mutating func take(_ event: Event, emit: (ChatEntry) -> Void) { take(event, at: nil, emit: emit) }

    /// Processes the next event, whose address the entries get.
    package mutating func take(_ event: AddressedEvent, emit: (ChatEntry) -> Void) {
        take(event.event, at: (event.address, event.cursor), emit: emit)
    }

    private mutating func take(
        _ event: Event, at place: (address: EventAddress, cursor: EventCursor)?, emit: (ChatEntry) -> Void
    ) {
        self.place = place
        let index = segmentsByConnection[event.connection]?.first { index in
            let segment = conversation.segments[index]
            return segment.first <= event.time && event.time <= segment.end
        }
        if let index {
            while let item = sideEvents.next(until: event.time) { add(item) }
            read(event, segment: index)
        }
        if case .closed = event.kind {
            pending.settle(connection: event.connection)
            connections[event.connection] = nil
            joinLeaveFilter.forget(event.connection)
        }
        pending.confirmExpired(now: event.time)
        pending.flush(emit)
    }

    /// Emits the entries that still wait, after the last event.
    package mutating func finish(emit: (ChatEntry) -> Void) {
        while let item = sideEvents.next() { add(item) }
        pending.finish(emit)
    }

    private mutating func add(_ item: SideEventQueue.Item) {
        let sideEvent = item.sideEvent
        var unconfirmedID: Int?
        if case .text(let text, _) = sideEvent.what {
            open(item.connection)
            connections[item.connection]?.fragments += 1
            if !duplicates.isEmpty {
                let part = DuplicateMessageFilter.MultipartMessage(
                    time: sideEvent.time, sender: sideEvent.sender, connection: item.connection, text: text.text)
                unconfirmedID = duplicateFilter.add(partial: part)
                guard unconfirmedID != nil else { return }
            }
        }
        let own = isOwn(sideEvent.sender, sideEvent.side ?? .server)
        var entry = entry(sideEvent.sender, sideEvent.what, sideEvent.time, isOwn: own)
        if let address = sideEvent.address {
            entry.address = address
            entry.cursor = EventCursor(
                time: sideEvent.time.nanoseconds, connection: address.connection, number: address.number)
        }
        addEntry(entry, nil, unconfirmedID: unconfirmedID)
    }

    private mutating func addEntry(
        _ entry: ChatEntry, _ request: PendingEntries.Request?, unconfirmedID: Int? = nil, bytes: Int = 0
    ) {
        var entry = entry
        if entry.address == nil { (entry.address, entry.cursor) = (place?.address, place?.cursor) }
        pending.add(entry, request, unconfirmedID: unconfirmedID, bytes: bytes)
    }

    /// Creates the state of a connection at its first event.
    private mutating func open(_ connection: Int) {
        guard connections[connection] == nil else { return }
        connections[connection] = ConnectionState(
            session: segmentsByConnection[connection]?.first.map(conversation.root) ?? 0)
    }

    private mutating func read(_ event: Event, segment index: Int) {
        let segment = conversation.segments[index]
        open(event.connection)
        // While another client's connection shows the same session, entries come from that one. From this connection
        // come only messages that the other one lost, joins and leaves, and acknowledgements.
        if let other = conversation.duplicates[index], isShown(event, by: conversation.segments[other]) {
            if case .frame(let frame, let side) = event.kind {
                readSwitchboard(frame, side, event, segment, isDuplicate: true)
            }
            return
        }
        if let account = event.signIn?.account { connections[event.connection]?.account = account }
        switch (event.kind, segment.carrier) {
        case (.gap(let bytes, _, _), _):
            addEntry(
                ChatEntry(time: event.time, account: "", name: "", what: .gap(bytes: bytes), isOwn: false), nil)
        // Messages of other partners belong to their own conversations.
        case (.message(let message), .directMessages(let partner))
        where message.fragment != nil && message.conversation != partner:
            connections[event.connection]?.skipsFinding = true
        case (.message(let message), _) where message.fragment != nil:
            guard let fragments = connections[event.connection]?.fragments, fragments > 0 else { return }
            connections[event.connection]?.fragments = fragments - 1
            connections[event.connection]?.skipsFinding = true
        case (.finding(let finding), _)
        where finding.name == .known(.messageIncomplete) || finding.name == .known(.notRecorded):
            if connections[event.connection]?.skipsFinding == true {
                connections[event.connection]?.skipsFinding = false
                return
            }
            if case .directMessages(let partner) = segment.carrier, let other = finding.partner, other != partner {
                return
            }
            addEntry(
                ChatEntry(time: event.time, account: "", name: "", what: .incomplete(finding.text), isOwn: false), nil)
        case (.frame(let frame, let side), .switchboard): readSwitchboard(frame, side, event, segment)
        case (.frame(let frame, let side), .directMessages(let partner)):
            readNotification(frame, side, event, partner)
        default: return
        }
    }

    /// Whether the other connection of a session shows an event, too. Gaps and findings may have a later time: they are
    /// known only after the whole connection was read.
    private func isShown(_ event: Event, by other: ChatSegment) -> Bool {
        switch event.kind {
        case .gap, .finding: event.time <= other.last || event.time.isNear(other.last)
        case .message(let message): (message.fragment?.began ?? event.time) <= other.last
        default: event.time <= other.last
        }
    }

    // MARK: Switchboards

    private mutating func readSwitchboard(
        _ frame: Frame, _ side: Side, _ event: Event, _ segment: ChatSegment, isDuplicate: Bool = false
    ) {
        guard var state = connections[event.connection] else { return }
        let command = Command(frame, from: side)
        if let naming = command.flatMap({ state.names.note($0) }) {
            names.note(naming.name, of: naming.account, at: event.time)
        }
        let change = command.flatMap { state.participants.take($0) }
        connections[event.connection] = state
        if !isDuplicate { addOwnJoin(change, event, state) }
        switch change {
        case .present(let account): addPresence(account, .here, event, state)
        case .joined(let account): addPresence(account, .joined, event, state)
        // The server closes an idle switchboard; the participant did not leave.
        case .left(let account, let isIdle) where !isIdle: addPresence(account, .left, event, state)
        default: break
        }
        if frame.verb == "MSG" {
            readMessage(frame, command, side, event, segment, isUnconfirmed: isDuplicate)
        } else if side == .server {
            readAnswer(frame, event)
        }
    }

    /// Adds the join of a connection's own client, once another participant is present: until then the client only
    /// calls. Not for the second connection of a session: the first one shows the join.
    private mutating func addOwnJoin(_ change: Participants.Change?, _ event: Event, _ state: ConnectionState) {
        switch change {
        case .present, .joined: break
        default: return
        }
        let own = state.participants.own
        guard !own.isEmpty, present.insert(own).inserted else { return }
        guard let first = conversation.segments.first?.own, !first.isEmpty, first != own else { return }
        addEntry(entry(own, .joined, event.time, isOwn: false), nil)
    }

    /// Adds a join or leave, unless another connection has shown it. An account that leaves one of two switchboards
    /// stays present.
    private mutating func addPresence(
        _ account: String, _ what: ChatEntry.What, _ event: Event, _ state: ConnectionState
    ) {
        let isGone = if case .left = what { true } else { false }
        let others = connections.filter {
            $0.key != event.connection && $0.value.session == state.session && $0.value.participants.own != account
        }
        guard
            joinLeaveFilter.note(
                JoinLeaveFilter.Change(account: account, isGone: isGone), on: event.connection, at: event.time,
                others: others.keys.sorted())
        else { return }
        if isGone {
            let isElsewhere = connections.values.contains {
                $0.session != state.session && ($0.participants.own == account || $0.participants.contains(account))
            }
            guard !isElsewhere, present.remove(account) != nil else { return }
        } else {
            guard present.insert(account).inserted else { return }
        }
        addEntry(entry(account, what, event.time, isOwn: isOwn(account, .server)), nil)
    }

    private mutating func readMessage(
        _ frame: Frame, _ command: Command?, _ side: Side, _ event: Event, _ segment: ChatSegment, isUnconfirmed: Bool
    ) {
        var sender = side == .client ? segment.own : ""
        var name: String?
        // Entries and the filter keep parts of it for longer than the block of the archive that it is in.
        let payload = (event.annotation?.whole ?? frame).payload.detached()
        let message = MessagePayload(payload, charsets: charsets)
        var request: PendingEntries.Request?
        switch command {
        case .sentMessage(let acknowledgement):
            if let transaction = frame.transaction(from: side, in: event.dialect) {
                request = PendingEntries.Request(
                    transaction, on: event.connection, acknowledgement: acknowledgement.first)
            }
        case .message(let from, let token):
            sender = AccountEndpoint(from).account
            // A message from the server carries its sender's name.
            name = token.map(AccountName.name)
        default: break
        }
        // A multipart message is emitted with its last part.
        guard message.part == nil else { return }
        guard let entry = entry(message.body, sender, event, isOwn: isOwn(sender, side), called: name) else { return }
        guard !duplicates.isEmpty else { return addEntry(entry, request, bytes: payload.count) }
        if event.annotation?.whole != nil, case .text(let text, _) = entry.what {
            let whole = DuplicateMessageFilter.MultipartMessage(
                time: event.time, sender: sender, connection: event.connection, text: text.text)
            for id in duplicateFilter.add(complete: whole) { pending.drop(unconfirmedID: id) }
        }
        let session = connections[event.connection]?.session ?? 0
        let candidate = DuplicateMessageFilter.Message(
            payload: payload, sender: sender, time: event.time, connection: event.connection, session: session)
        switch duplicateFilter.add(candidate) {
        case .new(let id):
            // The sender's connection may show it, too, and receives the answers.
            let hasSender = connections.contains {
                $0.key != event.connection && $0.value.session == session && $0.value.participants.own == sender
            }
            addEntry(
                entry, request, unconfirmedID: isUnconfirmed || hasSender ? id : nil, bytes: payload.count)
        case .known(let id): pending.confirm(unconfirmedID: id, request)
        }
    }

    /// The entry for a message; nil if a transcript does not show it.
    private mutating func entry(
        _ body: MessageBody, _ sender: String, _ event: Event, isOwn: Bool, called name: String? = nil
    ) -> ChatEntry? {
        let what: ChatEntry.What
        switch body {
        case .text(let text): what = .text(text, .notAsked)
        case .typing(_, let isRecording):
            guard showsTyping else { return nil }
            what = .typing(isRecording: isRecording)
        default:
            guard MessageSummary.isDisplayed(body) else { return nil }
            what = .annotation(body, .notAsked)
        }
        var entry = entry(sender, what, event.time, isOwn: isOwn)
        if let name, !name.isEmpty { entry.name = shown(name, of: entry.account, event.time, isOwn: isOwn) }
        if case .text(let text, _) = what, let nickname = text.nickname, !nickname.isEmpty {
            entry.name = String(String.UnicodeScalarView(nickname.unicodeScalars.prefix(Self.longestNickname)))
        }
        if case .invitation(let invitation) = body { entry.isOfferer = invitations.note(invitation, from: sender) }
        return entry
    }

    // MARK: Notification connections

    private mutating func readNotification(_ frame: Frame, _ side: Side, _ event: Event, _ partner: String) {
        switch (frame.verb, side) {
        case ("SDG", _), ("UUM", .client), ("UBM", .server):
            let own = connections[event.connection]?.account ?? ""
            guard
                let direct = DirectMessage(event.annotation?.whole ?? frame, from: side, own: own, charsets: charsets),
                direct.partner == partner, direct.message.part == nil
            else { return }
            var request: PendingEntries.Request?
            if side == .client, let transaction = frame.transaction(from: side, in: event.dialect) {
                request = PendingEntries.Request(transaction, on: event.connection)
            }
            guard let entry = entry(direct.message.body, direct.from, event, isOwn: isOwn(direct.from, side)) else {
                return
            }
            addEntry(entry, request)
        case ("MSG", .server):
            for message in OfflineNotice.messages(in: event.annotation?.whole ?? frame, charsets)
            where message.account.lowercased() == partner {
                names.note(message.name, of: partner, at: event.time)
                let what = ChatEntry.What.leftMessage(received: message.received)
                addEntry(entry(partner, what, event.time, isOwn: false), nil)
            }
        case (_, .server): readAnswer(frame, event)
        default: return
        }
    }

    /// Reads `ACK`, `NAK` or an error in answer to a message.
    private mutating func readAnswer(_ frame: Frame, _ event: Event) {
        guard let answer = Command.MessageAnswer(frame) else { return }
        pending.answer(event.connection, answer.transaction, isRefusal: answer.isRefusal)
    }

    /// Whether an account is that of the recorded client; of two recorded clients, the first one.
    private func isOwn(_ account: String, _ side: Side) -> Bool {
        let owner = conversation.segments.first?.own ?? ""
        return owner.isEmpty ? side == .client : account == owner
    }

    private func entry(_ account: String, _ what: ChatEntry.What, _ time: Timestamp, isOwn: Bool) -> ChatEntry {
        // A connection without its beginning does not show the client's account.
        let account = account.isEmpty ? conversation.segments.first?.own ?? "" : account
        let name = shown(names.name(of: account, at: time) ?? "", of: account, time, isOwn: isOwn)
        return ChatEntry(
            time: time, account: account.cut(to: Self.longestAccount), name: name.cut(to: Self.longestName), what: what,
            isOwn: isOwn)
    }

    /// The longest account and name in an entry, in bytes: real ones have at most 129 and 387. Every entry repeats
    /// them, although the recording may contain them once.
    private static let longestAccount = 256
    private static let longestName = 1_024

    /// The name to show: with the account if two participants have the same name.
    private func shown(_ name: String, of account: String, _ time: Timestamp, isOwn: Bool) -> String {
        guard !name.isEmpty else { return account.isEmpty ? isOwn ? "(this side)" : "(the other side)" : account }
        let isShared = people.contains { $0 != account && names.name(of: $0, at: time) == name }
        return isShared ? "\(name) <\(account)>" : name
    }
}
