// The events of a conversation's connections, as what a reader is told.

internal import Analysis
package import Events
internal import MSNP
package import Payloads

/// Turns events into entries, in order.
///
/// Messages wait until it is known what became of them; how many may wait is limited.
package struct ConversationReader: Sendable {
    private let conversation: ChatConversation
    private let charsets: CharsetDecoder
    private let showsTyping: Bool
    /// What happened beside messages and is not told yet.
    private var sideEvents: SideEventQueue
    private var names: CurrentNames
    private var offers = InvitationBook()
    private var comings = JoinLeaveFilter()
    /// Everybody, where they are few enough to be told apart by name.
    private let people: [String]
    /// Which strands a connection has, and which connections show what another one shows.
    private let places: [Int: [Int]]
    private let shadows: Set<Int>
    private var boards: [Int: Board] = [:]
    /// Who is known to be there: a new switchboard of the same people is no news.
    private var present: Set<String> = []
    /// What connections of one session showed.
    private var echoes = DuplicateMessageFilter()
    private var deliveries = PendingEntries()

    /// One connection that is being read.
    private struct Board: Sendable {
        /// The session that it shows: the first strand of it.
        var session: Int
        var participants = Participants()
        var names = SwitchboardNames()
        var account: String?
        /// How many messages were told that came only in part, and not yet been found so.
        var fragments = 0
        /// Whether the next finding says of a message what is told already.
        var isTold = false
    }

    private static let mostCompared = 50
    /// As long as names on servers were.
    private static let longestNickname = 387

    /// A reader of one conversation.
    ///
    /// - Parameters:
    ///   - names: what people were called, where the conversation does not say.
    ///   - asides: what happened beside whole messages on each connection, in order.
    ///   - charsets: turns text into UTF-8.
    ///   - showsTyping: whether entries are made of typing.
    package init(
        _ conversation: ChatConversation, names: NameHistory = NameHistory(), sideEvents: [Int: [SideEvent]] = [:],
        charsets: CharsetDecoder = .basic, showsTyping: Bool = false
    ) {
        self.conversation = conversation
        self.names = CurrentNames(names)
        self.charsets = charsets
        self.showsTyping = showsTyping
        self.sideEvents = SideEventQueue(conversation, sideEvents)
        let people = conversation.everybody
        self.people = people.count > Self.mostCompared ? [] : people
        places = Dictionary(grouping: conversation.segments.indices) { conversation.segments[$0].connection }
        shadows = Set(conversation.shadows.keys.map { conversation.segments[$0].connection })
        if let own = conversation.segments.first?.own, !own.isEmpty { present = [own] }
    }

    /// Takes the next event of one of the conversation's connections, in order of time.
    ///
    /// - Parameter emit: takes entries that nothing changes any more.
    package mutating func take(_ event: Event, emit: (ChatEntry) -> Void) {
        let index = places[event.connection]?.first { index in
            let segment = conversation.segments[index]
            return segment.first <= event.time && event.time <= segment.end
        }
        if let index {
            while let item = sideEvents.next(until: event.time) { tell(item) }
            read(event, segment: index)
        }
        if case .closed = event.kind {
            deliveries.settle(connection: event.connection)
            boards[event.connection] = nil
            comings.forget(event.connection)
        }
        deliveries.trust(now: event.time)
        deliveries.flush(emit)
    }

    /// Says what still waited.
    package mutating func finish(emit: (ChatEntry) -> Void) {
        while let item = sideEvents.next() { tell(item) }
        deliveries.finish(emit)
    }

    private mutating func tell(_ item: SideEventQueue.Item) {
        let sideEvent = item.sideEvent
        var doubt: Int?
        if case .text(let text, _) = sideEvent.what {
            open(item.connection)
            boards[item.connection]?.fragments += 1
            if !shadows.isEmpty {
                let part = DuplicateMessageFilter.Parts(
                    time: sideEvent.time, sender: sideEvent.sender, connection: item.connection, text: text.text)
                doubt = echoes.take(part: part)
                guard doubt != nil else { return }
            }
        }
        let own = isOwn(sideEvent.sender, sideEvent.side ?? .server)
        deliveries.add(entry(sideEvent.sender, sideEvent.what, sideEvent.time, isOwn: own), nil, doubt: doubt)
    }

    /// Begins with a connection, where nothing was read of it.
    private mutating func open(_ connection: Int) {
        guard boards[connection] == nil else { return }
        boards[connection] = Board(session: places[connection]?.first.map(conversation.root) ?? 0)
    }

    private mutating func read(_ event: Event, segment index: Int) {
        let segment = conversation.segments[index]
        open(event.connection)
        // What another client's connection shows of the same session, too, that one tells, as long as it lasted; but for
        // words that it lost, who comes and goes, and what became of messages.
        if let other = conversation.shadows[index], isShown(event, by: conversation.segments[other]) {
            if case .frame(let frame, let side) = event.kind { takeBoard(frame, side, event, segment, isShadow: true) }
            return
        }
        if let account = event.signIn?.account { boards[event.connection]?.account = account }
        switch (event.kind, segment.carrier) {
        case (.gap(let bytes, _, _), _):
            deliveries.add(
                ChatEntry(time: event.time, account: "", name: "", what: .gap(bytes: bytes), isOwn: false), nil)
        // What others wrote is told in the conversations with them.
        case (.message(let message), .letters(let partner))
        where message.fragment != nil && message.conversation != partner:
            boards[event.connection]?.isTold = true
        case (.message(let message), _) where message.fragment != nil:
            guard let told = boards[event.connection]?.fragments, told > 0 else { return }
            boards[event.connection]?.fragments = told - 1
            boards[event.connection]?.isTold = true
        case (.finding(let finding), _) where finding.name == "message_incomplete" || finding.name == "not_recorded":
            if boards[event.connection]?.isTold == true {
                boards[event.connection]?.isTold = false
                return
            }
            if case .letters(let partner) = segment.carrier, let other = finding.partner, other != partner { return }
            deliveries.add(
                ChatEntry(time: event.time, account: "", name: "", what: .incomplete(finding.text), isOwn: false), nil)
        case (.frame(let frame, let side), .switchboard): takeBoard(frame, side, event, segment)
        case (.frame(let frame, let side), .letters(let partner)): takeLetter(frame, side, event, partner)
        default: return
        }
    }

    /// Whether what happened on one connection of a session another one shows, too. What is missing is known late: when
    /// all of the connection was seen.
    private func isShown(_ event: Event, by other: ChatSegment) -> Bool {
        switch event.kind {
        case .gap, .finding: event.time <= other.last || event.time.isNear(other.last)
        case .message(let message): (message.fragment?.began ?? event.time) <= other.last
        default: event.time <= other.last
        }
    }

    // MARK: Switchboards

    private mutating func takeBoard(
        _ frame: Frame, _ side: Side, _ event: Event, _ segment: ChatSegment, isShadow: Bool = false
    ) {
        guard var board = boards[event.connection] else { return }
        let command = Command(frame, from: side)
        if let naming = command.flatMap({ board.names.take($0) }) {
            names.note(naming.name, of: naming.account, at: event.time)
        }
        let change = command.flatMap { board.participants.take($0) }
        boards[event.connection] = board
        if !isShadow { takeOwner(change, event, board) }
        switch change {
        case .present(let account): take(account, .here, event, board)
        case .joined(let account): take(account, .joined, event, board)
        // An idle switchboard falls asleep; nobody went away.
        case .left(let account, let isIdle) where !isIdle: take(account, .left, event, board)
        default: break
        }
        if frame.verb == "MSG" {
            takeMessage(frame, command, side, event, segment, isDoubtful: isShadow)
        } else if side == .server {
            takeAnswer(frame, event)
        }
    }

    /// Who opens a switchboard is there once somebody else is: until then it only rings. Of a session that was seen already,
    /// that connection tells who came to it.
    private mutating func takeOwner(_ change: Participants.Change?, _ event: Event, _ board: Board) {
        switch change {
        case .present, .joined: break
        default: return
        }
        let own = board.participants.own
        guard !own.isEmpty, present.insert(own).inserted else { return }
        guard let first = conversation.segments.first?.own, !first.isEmpty, first != own else { return }
        deliveries.add(entry(own, .joined, event.time, isOwn: false), nil)
    }

    /// Somebody came or went, as one connection shows it. Who has left one of two switchboards is there still.
    private mutating func take(_ account: String, _ what: ChatEntry.What, _ event: Event, _ board: Board) {
        let isGone = if case .left = what { true } else { false }
        let others = boards.filter {
            $0.key != event.connection && $0.value.session == board.session && $0.value.participants.own != account
        }
        guard
            comings.take(
                JoinLeaveFilter.Change(account: account, isGone: isGone), on: event.connection, at: event.time,
                others: others.keys.sorted())
        else { return }
        if isGone {
            let isElsewhere = boards.values.contains {
                $0.session != board.session && ($0.participants.own == account || $0.participants.contains(account))
            }
            guard !isElsewhere, present.remove(account) != nil else { return }
        } else {
            guard present.insert(account).inserted else { return }
        }
        deliveries.add(entry(account, what, event.time, isOwn: isOwn(account, .server)), nil)
    }

    private mutating func takeMessage(
        _ frame: Frame, _ command: Command?, _ side: Side, _ event: Event, _ segment: ChatSegment, isDoubtful: Bool
    ) {
        var sender = side == .client ? segment.own : ""
        var name: String?
        let payload = (event.annotation?.whole ?? frame).payload
        let message = MessagePayload(payload, charsets: charsets)
        var request: PendingEntries.Request?
        switch command {
        case .sentMessage(let acknowledgement):
            if let transaction = frame.transaction(from: side, in: event.dialect) {
                request = PendingEntries.Request(transaction, on: event.connection, letter: acknowledgement.first)
            }
        case .message(let from, let token):
            sender = AccountEndpoint(from).account
            // A message that comes from the server bears its sender's name.
            name = token.map(AccountName.name)
        default: break
        }
        // Parts are told when the last of them is there.
        guard message.part == nil else { return }
        guard let told = entry(message.body, sender, event, isOwn: isOwn(sender, side), called: name) else { return }
        guard !shadows.isEmpty else { return deliveries.add(told, request, bytes: payload.count) }
        if event.annotation?.whole != nil, case .text(let text, _) = told.what {
            let whole = DuplicateMessageFilter.Parts(
                time: event.time, sender: sender, connection: event.connection, text: text.text)
            for doubt in echoes.take(whole: whole) { deliveries.drop(doubt: doubt) }
        }
        let session = boards[event.connection]?.session ?? 0
        let words = DuplicateMessageFilter.Words(
            payload: payload, sender: sender, time: event.time, connection: event.connection, session: session)
        switch echoes.take(words) {
        case .new(let number):
            // Its sender's connection may show it, too, and has the answers.
            let hasSender = boards.contains {
                $0.key != event.connection && $0.value.session == session && $0.value.participants.own == sender
            }
            deliveries.add(
                told, request, doubt: isDoubtful || hasSender ? number : nil, bytes: payload.count)
        case .known(let number): deliveries.confirm(doubt: number, request)
        }
    }

    /// What a reader is told of a message; nil for those of which nothing is told.
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
            guard ChatRemark.isOne(body) else { return nil }
            what = .annotation(body, .notAsked)
        }
        var entry = entry(sender, what, event.time, isOwn: isOwn)
        if let name, !name.isEmpty { entry.name = shown(name, of: entry.account, event.time, isOwn: isOwn) }
        if case .text(let text, _) = what, let nickname = text.nickname, !nickname.isEmpty {
            entry.name = String(String.UnicodeScalarView(nickname.unicodeScalars.prefix(Self.longestNickname)))
        }
        if case .invitation(let invitation) = body { entry.isOfferer = offers.take(invitation, from: sender) }
        return entry
    }

    // MARK: Notification connections

    private mutating func takeLetter(_ frame: Frame, _ side: Side, _ event: Event, _ partner: String) {
        switch (frame.verb, side) {
        case ("SDG", _), ("UUM", .client), ("UBM", .server):
            let own = boards[event.connection]?.account ?? ""
            guard
                let letter = DirectMessage(event.annotation?.whole ?? frame, from: side, own: own, charsets: charsets),
                letter.partner == partner, letter.message.part == nil
            else { return }
            var request: PendingEntries.Request?
            if side == .client, let transaction = frame.transaction(from: side, in: event.dialect) {
                request = PendingEntries.Request(transaction, on: event.connection)
            }
            guard let told = entry(letter.message.body, letter.from, event, isOwn: isOwn(letter.from, side)) else {
                return
            }
            deliveries.add(told, request)
        case ("MSG", .server):
            for message in OfflineNotice.messages(in: event.annotation?.whole ?? frame, charsets)
            where message.account.lowercased() == partner {
                names.note(message.name, of: partner, at: event.time)
                let what = ChatEntry.What.leftMessage(received: message.received)
                deliveries.add(entry(partner, what, event.time, isOwn: false), nil)
            }
        case (_, .server): takeAnswer(frame, event)
        default: return
        }
    }

    /// `ACK`, `NAK` or an error in answer to a message.
    private mutating func takeAnswer(_ frame: Frame, _ event: Event) {
        let isRefusal = frame.verb == "NAK" || frame.verb.isError
        guard isRefusal || frame.verb == "ACK", let token = frame.arguments.first,
            let transaction = Decimal.value(of: token).flatMap(UInt32.init(exactly:))
        else { return }
        deliveries.answer(event.connection, transaction, isRefusal: isRefusal)
    }

    /// Whether the one whose client was recorded speaks; of two that were, the first.
    private func isOwn(_ account: String, _ side: Side) -> Bool {
        let owner = conversation.segments.first?.own ?? ""
        return owner.isEmpty ? side == .client : account == owner
    }

    private func entry(_ account: String, _ what: ChatEntry.What, _ time: Timestamp, isOwn: Bool) -> ChatEntry {
        // Where the beginning is missing, nobody said who they are.
        let account = account.isEmpty ? conversation.segments.first?.own ?? "" : account
        let name = shown(names.name(of: account, at: time) ?? "", of: account, time, isOwn: isOwn)
        return ChatEntry(
            time: time, account: account.cut(to: Self.longestAccount), name: name.cut(to: Self.longestName), what: what,
            isOwn: isOwn)
    }

    /// How long accounts and names are in an entry, in bytes: real ones have at most 129 and 387. They stand in every
    /// entry, though the recording may have them once.
    private static let longestAccount = 256
    private static let longestName = 1_024

    /// A name as it stands in a line: two of one name are told apart.
    private func shown(_ name: String, of account: String, _ time: Timestamp, isOwn: Bool) -> String {
        guard !name.isEmpty else { return account.isEmpty ? isOwn ? "(this side)" : "(the other side)" : account }
        let isShared = people.contains { $0 != account && names.name(of: $0, at: time) == name }
        return isShared ? "\(name) <\(account)>" : name
    }
}

extension String {
    /// At most so many bytes, and a mark where something was cut away.
    fileprivate func cut(to most: Int) -> String {
        guard utf8.count > most else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: most)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(unicodeScalars[..<end]) + "…"
    }
}
