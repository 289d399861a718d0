// The events of a conversation's connections, as what a reader is told.

internal import MSNP
public import Messages
public import Transcript

/// Turns events into entries, in order.
///
/// Messages wait until it is known what became of them; how many may wait is limited.
public struct ConversationReader: Sendable {
    private let conversation: ChatConversation
    private let charsets: CharsetDecoder
    private let showsTyping: Bool
    /// What happened beside messages and is not told yet.
    private var asides: AsideQueue
    private var names: [String: String]
    /// Everybody, where they are few enough to be told apart by name.
    private let people: [String]
    /// Which strands a connection has, and which connections show what another one shows.
    private let places: [Int: [Int]]
    private let shadows: Set<Int>
    private var boards: [Int: Board] = [:]
    /// Who is known to be there: a new switchboard of the same people is no news.
    private var present: Set<String> = []
    /// What connections of one session showed.
    private var echoes = Echoes()
    private var deliveries = Deliveries()

    /// One connection that is being read.
    private struct Board: Sendable {
        var attendance = Attendance()
        var account: String?
        /// How many messages were told that came only in part, and not yet been found so.
        var fragments = 0
        /// Whether the next finding says of a message what is told already.
        var isTold = false
    }

    private static let mostCompared = 50

    /// A reader of one conversation.
    ///
    /// - Parameters:
    ///   - names: what people are called, by account, where the conversation does not say.
    ///   - asides: what happened beside whole messages on each connection, in order.
    ///   - charsets: turns text into UTF-8.
    ///   - showsTyping: whether entries are made of typing.
    public init(
        _ conversation: ChatConversation, names: [String: String] = [:], asides: [Int: [Aside]] = [:],
        charsets: CharsetDecoder = .basic, showsTyping: Bool = false
    ) {
        self.conversation = conversation
        self.names = names
        self.charsets = charsets
        self.showsTyping = showsTyping
        self.asides = AsideQueue(conversation, asides)
        let people = conversation.everybody
        self.people = people.count > Self.mostCompared ? [] : people
        places = Dictionary(grouping: conversation.strands.indices) { conversation.strands[$0].connection }
        shadows = Set(conversation.shadows.keys.map { conversation.strands[$0].connection })
        if let own = conversation.strands.first?.own, !own.isEmpty { present = [own] }
    }

    /// Takes the next event of one of the conversation's connections, in order of time.
    ///
    /// - Parameter emit: takes entries that nothing changes any more.
    public mutating func take(_ event: Event, emit: (ChatEntry) -> Void) {
        let index = places[event.connection]?.first { index in
            let strand = conversation.strands[index]
            return strand.first <= event.time && event.time <= strand.end
        }
        if let index {
            while let item = asides.next(until: event.time) { tell(item) }
            read(event, strand: index)
        }
        if case .closed = event.kind {
            deliveries.settle(connection: event.connection)
            boards[event.connection] = nil
        }
        deliveries.trust(now: event.time)
        deliveries.flush(emit)
    }

    /// Says what still waited.
    public mutating func finish(emit: (ChatEntry) -> Void) {
        while let item = asides.next() { tell(item) }
        deliveries.finish(emit)
    }

    private mutating func tell(_ item: AsideQueue.Item) {
        let aside = item.aside
        var doubt: Int?
        if case .text(let text, _) = aside.what {
            boards[item.connection, default: Board()].fragments += 1
            if !shadows.isEmpty {
                let part = Echoes.Parts(
                    time: aside.time, sender: aside.sender, connection: item.connection, text: text.text)
                doubt = echoes.take(part: part)
                guard doubt != nil else { return }
            }
        }
        let own = isOwn(aside.sender, aside.side ?? .server)
        deliveries.add(entry(aside.sender, aside.what, aside.time, isOwn: own), item.connection, nil, doubt: doubt)
    }

    private mutating func read(_ event: Event, strand index: Int) {
        let strand = conversation.strands[index]
        // What another client's connection shows of the same session, too, that one tells, as long as it lasted; but for
        // words that it lost.
        if let other = conversation.shadows[index], isShown(event, by: conversation.strands[other]) {
            guard case .frame(let frame, let side) = event.kind else { return }
            _ = boards[event.connection, default: Board()].attendance.take(frame, from: side)
            if frame.verb == "MSG" {
                takeMessage(frame, side, event, strand, isDoubtful: true)
            } else if side == .server {
                takeAnswer(frame, event)
            }
            return
        }
        if let account = event.signIn?.account { boards[event.connection, default: Board()].account = account }
        switch (event.kind, strand.carrier) {
        case (.gap(let bytes, _, _), _):
            add(
                ChatEntry(time: event.time, account: "", name: "", what: .gap(bytes: bytes), isOwn: false),
                event)
        // What others wrote is told in the conversations with them.
        case (.message(let message), .letters(let partner))
        where message.fragment != nil && message.conversation != partner:
            boards[event.connection, default: Board()].isTold = true
        case (.message(let message), _) where message.fragment != nil:
            guard let told = boards[event.connection]?.fragments, told > 0 else { return }
            boards[event.connection]?.fragments = told - 1
            boards[event.connection]?.isTold = true
        case (.finding(let finding), _) where finding.name == "message_incomplete" || finding.name == "not_recorded":
            if boards[event.connection]?.isTold == true {
                boards[event.connection]?.isTold = false
                return
            }
            if case .letters(let partner) = strand.carrier, let other = finding.partner, other != partner { return }
            add(
                ChatEntry(time: event.time, account: "", name: "", what: .incomplete(finding.text), isOwn: false), event
            )
        case (.frame(let frame, let side), .switchboard): takeBoard(frame, side, event, strand)
        case (.frame(let frame, let side), .letters(let partner)): takeLetter(frame, side, event, partner)
        default: return
        }
    }

    /// Whether what happened on one connection of a session another one shows, too. What is missing is known late: when
    /// all of the connection was seen.
    private func isShown(_ event: Event, by other: Strand) -> Bool {
        switch event.kind {
        case .gap, .finding: event.time <= other.last || event.time.isNear(other.last)
        case .message(let message): (message.fragment?.began ?? event.time) <= other.last
        default: event.time <= other.last
        }
    }

    // MARK: Switchboards

    private mutating func takeBoard(_ frame: Frame, _ side: Side, _ event: Event, _ strand: Strand) {
        var board = boards[event.connection] ?? Board()
        let change = board.attendance.take(frame, from: side)
        if let account = board.attendance.lastNamed { names[account] = board.attendance.names[account] }
        boards[event.connection] = board
        switch change {
        case .here(let account): enter(account, .here, event)
        case .joined(let account): enter(account, .joined, event)
        // An idle switchboard falls asleep; nobody went away.
        case .left(let account, let isIdle) where !isIdle && present.remove(account) != nil:
            add(entry(account, .left, event.time, isOwn: false), event)
        default: break
        }
        // Who opens a switchboard is there.
        if side == .client, frame.verb == "USR" || frame.verb == "ANS" { present.insert(board.attendance.own) }
        if frame.verb == "MSG" {
            takeMessage(frame, side, event, strand)
        } else if side == .server {
            takeAnswer(frame, event)
        }
    }

    private mutating func enter(_ account: String, _ what: ChatEntry.What, _ event: Event) {
        if present.insert(account).inserted { add(entry(account, what, event.time, isOwn: false), event) }
    }

    private mutating func takeMessage(
        _ frame: Frame, _ side: Side, _ event: Event, _ strand: Strand, isDoubtful: Bool = false
    ) {
        let arguments = frame.arguments
        let sender = side == .client ? strand.own : arguments.first.map(Attendance.account) ?? ""
        let payload = (event.remark?.whole ?? frame).payload
        let message = MessagePayload(payload, charsets: charsets)
        var request: Deliveries.Request?
        if side == .client, arguments.count > 1, let transaction = frame.transaction(from: side, in: event.dialect) {
            request = Deliveries.Request(transaction, letter: arguments[1].first)
        }
        // Parts are told when the last of them is there.
        guard message.part == nil else { return }
        guard let told = entry(message.body, sender, event, isOwn: isOwn(sender, side)) else { return }
        guard !shadows.isEmpty else { return add(told, event, request) }
        if event.remark?.whole != nil, case .text(let text, _) = told.what {
            let whole = Echoes.Parts(time: event.time, sender: sender, connection: event.connection, text: text.text)
            for doubt in echoes.take(whole: whole) { deliveries.drop(doubt: doubt) }
        }
        switch echoes.take(payload, from: sender, at: event.time, on: event.connection, isDoubtful: isDoubtful) {
        case .new(let doubt): deliveries.add(told, event.connection, request, doubt: doubt)
        case .confirms(let doubt): deliveries.replace(doubt: doubt, by: told, event.connection, request)
        case .known: return
        }
    }

    /// What a reader is told of a message; nil for those of which nothing is told.
    private func entry(_ body: MessageBody, _ sender: String, _ event: Event, isOwn: Bool) -> ChatEntry? {
        let what: ChatEntry.What
        switch body {
        case .text(let text): what = .text(text, .notAsked)
        case .typing(_, let isRecording):
            guard showsTyping else { return nil }
            what = .typing(isRecording: isRecording)
        default:
            guard ChatRemark.isOne(body) else { return nil }
            what = .remark(body, .notAsked)
        }
        var entry = entry(sender, what, event.time, isOwn: isOwn)
        if case .text(let text, _) = what, let nickname = text.nickname, !nickname.isEmpty { entry.name = nickname }
        return entry
    }

    // MARK: Notification connections

    private mutating func takeLetter(_ frame: Frame, _ side: Side, _ event: Event, _ partner: String) {
        switch (frame.verb, side) {
        case ("SDG", _), ("UUM", .client), ("UBM", .server):
            let own = boards[event.connection]?.account ?? ""
            guard let letter = Letter(event.remark?.whole ?? frame, from: side, own: own, charsets: charsets),
                letter.partner == partner, letter.message.part == nil
            else { return }
            var request: Deliveries.Request?
            if side == .client, let transaction = frame.transaction(from: side, in: event.dialect) {
                request = Deliveries.Request(transaction)
            }
            guard let told = entry(letter.message.body, letter.from, event, isOwn: isOwn(letter.from, side)) else {
                return
            }
            add(told, event, request)
        case ("MSG", .server):
            for message in OfflineNotice.messages(in: event.remark?.whole ?? frame, charsets)
            where message.account.lowercased() == partner {
                if !message.name.isEmpty { names[partner] = message.name }
                add(entry(partner, .leftMessage(received: message.received), event.time, isOwn: false), event)
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
        let owner = conversation.strands.first?.own ?? ""
        return owner.isEmpty ? side == .client : account == owner
    }

    private func entry(_ account: String, _ what: ChatEntry.What, _ time: Timestamp, isOwn: Bool) -> ChatEntry {
        // Where the beginning is missing, nobody said who they are.
        let account = account.isEmpty ? conversation.strands.first?.own ?? "" : account
        let unknown = isOwn ? "(this side)" : "(the other side)"
        var name = names[account].flatMap { $0.isEmpty ? nil : $0 } ?? (account.isEmpty ? unknown : account)
        // Two of one name are told apart.
        if people.contains(where: { $0 != account && names[$0] == name }) { name += " <\(account)>" }
        return ChatEntry(time: time, account: account, name: name, what: what, isOwn: isOwn)
    }

    private mutating func add(_ entry: ChatEntry, _ event: Event, _ request: Deliveries.Request? = nil) {
        deliveries.add(entry, event.connection, request)
    }
}
