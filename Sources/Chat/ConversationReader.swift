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
    /// The files that were offered on each connection and are not told yet, the first last.
    private var files: [Int: [SharedFile]]
    private var names: [String: String]
    /// Which strands a connection has, and which connections show what another one shows.
    private let places: [Int: [Int]]
    private let shadows: Set<Int>
    private var boards: [Int: Board] = [:]
    /// Who is known to be there: a new switchboard of the same people is no news.
    private var present: Set<String> = []
    /// What was told of late by a connection whose session others show too.
    private var told: [Told] = []
    private var waiting: [Waiting] = []
    /// How many of `waiting` still wait for an answer.
    private var unanswered = 0

    /// One connection that is being read.
    private struct Board: Sendable {
        var attendance = Attendance()
        /// What the first part of a long message said of its looks, by sender.
        var style: [String: TextStyle] = [:]
        var lastRequest: (transaction: UInt32, asks: Asks)?
        var account: String?
    }

    /// A message that another client's connection may show again.
    private struct Told: Sendable {
        var time: Timestamp
        var sender: String
        var payload: ArraySlice<UInt8>
    }

    private enum Asks: Sendable { case nothing, badNews, everything }

    private struct Waiting: Sendable {
        var entry: ChatEntry
        var connection: Int
        var transaction: UInt32
        var asks = Asks.nothing
    }

    /// How many entries wait for an answer to an earlier one. Servers answer within seconds.
    private static let mostWaiting = 2_000
    private static let mostStyles = 100
    /// How much later than one client another may get the same message, in nanoseconds.
    private static let delay: Int64 = 10_000_000_000
    private static let mostTold = 100

    /// A reader of one conversation.
    ///
    /// - Parameters:
    ///   - names: what people are called, by account, where the conversation does not say.
    ///   - files: what was offered over the peer-to-peer layer on each connection, in order.
    ///   - charsets: turns text into UTF-8.
    ///   - showsTyping: whether entries are made of typing.
    public init(
        _ conversation: ChatConversation, names: [String: String] = [:], files: [Int: [SharedFile]] = [:],
        charsets: CharsetDecoder = .basic, showsTyping: Bool = false
    ) {
        self.conversation = conversation
        self.names = names
        self.charsets = charsets
        self.showsTyping = showsTyping
        self.files = conversation.strands.reduce(into: [:]) { mine, strand in
            mine[strand.connection] = files[strand.connection]?.reversed()
        }
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
        if let index { read(event, strand: index) }
        if case .closed = event.kind {
            settle(connection: event.connection)
            boards[event.connection] = nil
        }
        flush(emit)
    }

    /// Says what still waited.
    public mutating func finish(emit: (ChatEntry) -> Void) {
        for index in waiting.indices { answer(index, nil) }
        flush(emit)
    }

    private mutating func read(_ event: Event, strand index: Int) {
        let strand = conversation.strands[index]
        // What another client's connection shows of the same session is told already, as long as that one lasted.
        if let other = conversation.shadows[index], event.time <= conversation.strands[other].last {
            if case .frame(let frame, let side) = event.kind {
                _ = boards[event.connection, default: Board()].attendance.take(frame, from: side)
            }
            return
        }
        while let file = files[event.connection]?.last, file.time <= event.time {
            files[event.connection]?.removeLast()
            guard strand.first <= file.time else { continue }
            var entry = entry(file.sender, .file(file), event, isOwn: isOwn(file.sender, .server))
            entry.time = file.time
            add(entry, event)
        }
        if let account = event.signIn?.account { boards[event.connection, default: Board()].account = account }
        switch (event.kind, strand.carrier) {
        case (.gap(let bytes, _, _), _):
            add(
                ChatEntry(time: event.time, account: "", name: "", what: .gap(bytes: bytes), isOwn: false),
                event)
        case (.finding(let finding), _) where finding.name == "message_incomplete" || finding.name == "not_recorded":
            add(
                ChatEntry(time: event.time, account: "", name: "", what: .incomplete(finding.text), isOwn: false), event
            )
        case (.frame(let frame, let side), .switchboard): takeBoard(frame, side, event, strand)
        case (.message(let message), .switchboard) where message.parts > 1: takeParts(message, event)
        case (.frame(let frame, let side), .letters(let partner)): takeLetter(frame, side, event, partner)
        default: return
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
            add(entry(account, .left, event, isOwn: false), event)
        default: break
        }
        // Who opens a switchboard is there.
        if side == .client, frame.verb == "USR" || frame.verb == "ANS" { present.insert(board.attendance.own) }
        if frame.verb == "MSG" {
            takeMessage(frame, side, event, strand, board)
        } else if side == .server {
            takeAnswer(frame, event)
        }
    }

    private mutating func enter(_ account: String, _ what: ChatEntry.What, _ event: Event) {
        if present.insert(account).inserted { add(entry(account, what, event, isOwn: false), event) }
    }

    private mutating func takeMessage(_ frame: Frame, _ side: Side, _ event: Event, _ strand: Strand, _ board: Board) {
        let arguments = frame.arguments
        let sender = side == .client ? strand.own : arguments.first.map(Attendance.account) ?? ""
        if !shadows.isEmpty, wasTold(frame.payload, sender, event) { return }
        let message = MessagePayload(frame.payload, charsets: charsets)
        var request: (transaction: UInt32, asks: Asks)?
        if side == .client, arguments.count > 1, let transaction = frame.transaction(from: side, in: event.dialect) {
            request = (transaction, Self.asks(arguments[1]))
        }
        boards[event.connection]?.lastRequest = request
        if let part = message.part {
            guard part.count != nil else { return }
            // The parts of a text come together as one message; the first of them says how it looks.
            if case .text(let text) = message.body, part.count != 1 {
                let count = boards[event.connection]?.style.count ?? 0
                if count < Self.mostStyles { boards[event.connection]?.style[sender] = text.style }
                return
            }
        }
        tell(message.body, sender, event, isOwn: isOwn(sender, side), request)
    }

    /// Whether another connection of the session has just told the same: the last words on the one that ended come a little
    /// later on the others.
    private mutating func wasTold(_ payload: ArraySlice<UInt8>, _ sender: String, _ event: Event) -> Bool {
        told.removeAll { event.time.nanoseconds &- $0.time.nanoseconds > Self.delay }
        if shadows.contains(event.connection),
            let index = told.firstIndex(where: { $0.sender == sender && $0.payload == payload })
        {
            told.remove(at: index)
            return true
        }
        if told.count >= Self.mostTold { told.removeFirst() }
        told.append(Told(time: event.time, sender: sender, payload: payload))
        return false
    }

    private mutating func takeParts(_ message: Transcript.Message, _ event: Event) {
        var text = TextMessage(text: message.text)
        text.style = boards[event.connection]?.style[message.from]
        let request = message.side == .client ? boards[event.connection]?.lastRequest : nil
        tell(.text(text), message.from, event, isOwn: isOwn(message.from, message.side), request)
    }

    private mutating func tell(
        _ body: MessageBody, _ sender: String, _ event: Event, isOwn: Bool,
        _ request: (transaction: UInt32, asks: Asks)?
    ) {
        let what: ChatEntry.What
        switch body {
        case .text(let text): what = .text(text, .notAsked)
        case .typing(_, let isRecording):
            guard showsTyping else { return }
            what = .typing(isRecording: isRecording)
        default:
            guard Remark.isOne(body) else { return }
            what = .remark(body, .notAsked)
        }
        var entry = entry(sender, what, event, isOwn: isOwn)
        if case .text(let text, _) = what, let nickname = text.nickname, !nickname.isEmpty { entry.name = nickname }
        add(entry, event, request)
    }

    // MARK: Notification connections

    private mutating func takeLetter(_ frame: Frame, _ side: Side, _ event: Event, _ partner: String) {
        switch (frame.verb, side) {
        case ("SDG", _), ("UUM", .client), ("UBM", .server):
            let own = boards[event.connection]?.account ?? ""
            guard let letter = Letter(frame, from: side, own: own, charsets: charsets), letter.partner == partner else {
                return
            }
            var request: (transaction: UInt32, asks: Asks)?
            if side == .client, let transaction = frame.transaction(from: side, in: event.dialect) {
                request = (transaction, .badNews)
            }
            tell(letter.message.body, letter.from, event, isOwn: isOwn(letter.from, side), request)
        case ("MSG", .server):
            for message in OfflineNotice.messages(in: frame, charsets) where message.account.lowercased() == partner {
                if !message.name.isEmpty { names[partner] = message.name }
                add(entry(partner, .leftMessage(received: message.received), event, isOwn: false), event)
            }
        case (_, .server): takeAnswer(frame, event)
        default: return
        }
    }

    // MARK: What became of messages

    /// `U` asks for nothing, `N` for NAK, `A` and `D` for both, `S` for ACK (commands.tsv, MSG).
    private static func asks(_ letter: ArraySlice<UInt8>) -> Asks {
        switch letter.first {
        case UInt8(ascii: "A"), UInt8(ascii: "D"): .everything
        case UInt8(ascii: "N"), UInt8(ascii: "S"): .badNews
        default: .nothing
        }
    }

    private mutating func takeAnswer(_ frame: Frame, _ event: Event) {
        let isRefusal = frame.verb == "NAK" || frame.verb.isError
        guard unanswered > 0, isRefusal || frame.verb == "ACK", let token = frame.arguments.first,
            let transaction = Decimal.value(of: token).flatMap(UInt32.init(exactly:)),
            let index = waiting.firstIndex(where: {
                $0.asks != .nothing && $0.connection == event.connection && $0.transaction == transaction
            })
        else { return }
        answer(index, isRefusal ? .refused : .acknowledged)
    }

    /// Nothing more comes on a connection.
    private mutating func settle(connection: Int) {
        for index in waiting.indices where waiting[index].connection == connection { answer(index, nil) }
    }

    private mutating func answer(_ index: Int, _ delivery: ChatEntry.Delivery?) {
        guard waiting[index].asks != .nothing else { return }
        let delivery = delivery ?? (waiting[index].asks == .everything ? .unanswered : .notAsked)
        switch waiting[index].entry.what {
        case .text(let text, _): waiting[index].entry.what = .text(text, delivery)
        case .remark(let body, _): waiting[index].entry.what = .remark(body, delivery)
        default: break
        }
        waiting[index].asks = .nothing
        unanswered -= 1
    }

    private mutating func flush(_ emit: (ChatEntry) -> Void) {
        if waiting.count > Self.mostWaiting {
            for index in 0..<(waiting.count - Self.mostWaiting / 2) { answer(index, nil) }
        }
        let ready = unanswered == 0 ? waiting.count : waiting.firstIndex { $0.asks != .nothing } ?? waiting.count
        guard ready > 0 else { return }
        for item in waiting[..<ready] { emit(item.entry) }
        waiting.removeFirst(ready)
    }

    /// Whether the one whose client was recorded speaks; of two that were, the first.
    private func isOwn(_ account: String, _ side: Side) -> Bool {
        let owner = conversation.strands.first?.own ?? ""
        return owner.isEmpty ? side == .client : account == owner
    }

    private func entry(_ account: String, _ what: ChatEntry.What, _ event: Event, isOwn: Bool) -> ChatEntry {
        // Where the beginning is missing, nobody said who they are.
        let account = account.isEmpty ? conversation.strands.first?.own ?? "" : account
        let unknown = isOwn ? "(this side)" : "(the other side)"
        let name = names[account].flatMap { $0.isEmpty ? nil : $0 } ?? (account.isEmpty ? unknown : account)
        return ChatEntry(time: event.time, account: account, name: name, what: what, isOwn: isOwn)
    }

    private mutating func add(_ entry: ChatEntry, _ event: Event, _ request: (transaction: UInt32, asks: Asks)? = nil) {
        waiting.append(
            Waiting(
                entry: entry, connection: event.connection, transaction: request?.transaction ?? 0,
                asks: request?.asks ?? .nothing))
        if waiting.last?.asks != .nothing { unanswered += 1 }
    }
}
