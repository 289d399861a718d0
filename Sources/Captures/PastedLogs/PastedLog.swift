// Reads MSNP commands from logs pasted into pages and mails (`C:` and `S:`, `>>>` and `<<<`, …). Pure.

internal import Events
internal import MSNP

/// Reads a log.
///
/// **Lines.** A command is a line marked `C:` or `S:`, `>>>` (client) or `<<<` (server), or `>` or `<` in front of a
/// command that this side is known to send; a time, `msn:` and the name of a connection may precede the mark, see
/// `LogLine`. A line that starts with `.. ` continues the one before. All other lines are payload (`LogPayload`) or
/// prose.
///
/// **Connections.** If a log names them (`NS#3` as this program does, `NS 000` as Pidgin does), the names decide.
/// Otherwise a command of the client starts a new connection
/// - after a remark `# == `, and after a line that states that the client or the server disconnects, connects, or opens
///   or closes a connection (`Client disconnects from server`); the subject must be its first word, or the second after
///   `the`, and the verb the next, because pages also state what *should* happen;
/// - when it is `VER` and the client sent a command on the connection before, unless the server just sent `XFR t NS 0`;
///   and when it opens a switchboard connection (`USR t account cookie`, `ANS`).
///
/// A command of the server starts one only if there is none, because the client sends first. The server's address is
/// the one that such a line or remark names, otherwise the one of the redirect before.
///
/// **Times.** A line without a time has that of the last line with one. If no line had one so far, its time is as many
/// microseconds after 1970 as there were lines before it, not counting lines that belong to a command and filler lines.
/// Times of day are on 1970-01-01 until a date occurs, beside a time or alone in a line, and continue past midnight.
struct PastedLog {
    /// The maximum size of a log in bytes: it is read into memory.
    static let mostBytes = 64 << 20
    /// The maximum number of open connections; beyond it the oldest is closed.
    private static let mostOpen = 1_024

    private struct Open {
        var index: Int
        var clientHasSpoken = false
        var isReset = false
        var redirect: HostPort?
    }

    private let text: LogText
    private let emit: (PastedEntry) -> Bool
    private var shouldContinue = true
    private var isFenced = false
    private var open: [LogKey: Open] = [:]
    private var order: [LogKey] = []
    private var lastIndex = -1
    private var time: Int64 = 0
    private var hasTime = false
    private var midnight: Int64 = 0
    private var isBoundary = false
    private var address: HostPort?
    private var switchboard: HostPort?
    /// The number of lines that end before `counted`, for findings.
    private var lineNumber = 0
    private var counted = 0
    /// Findings about lines directly before the first command, held until its connection begins.
    private var unreadableBeforeStart: [Finding] = []

    /// Reads a log.
    ///
    /// - Parameters:
    ///   - bytes: the text, at most `mostBytes`.
    ///   - emit: receives each entry; returns false to stop.
    static func read(_ bytes: [UInt8], emit: @escaping (PastedEntry) -> Bool) {
        guard bytes.count <= mostBytes else { return }
        var log = PastedLog(text: LogText(bytes), emit: emit)
        log.run()
    }

    /// Whether a text is a log: no zero bytes at its start, and a command with valid arguments.
    static func isOne(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= mostBytes, !bytes.prefix(4_096).contains(0) else { return false }
        var isLog = false
        read(bytes) { entry in
            guard case .frame(let frame, let side) = entry.kind, CommandPlausibility.isKnown(frame.verb, from: side)
            else {
                return true
            }
            isLog = CommandReading(frame, from: side, role: .unknown, dialect: nil) != nil
            return !isLog
        }
        return isLog
    }

    private init(text: LogText, emit: @escaping (PastedEntry) -> Bool) {
        self.text = text
        self.emit = emit
    }

    private mutating func run() {
        var position = text.start
        var number: Int64 = 0
        while shouldContinue, let (content, next) = text.line(at: position) {
            position = next
            number += 1
            if Self.isFence(content) {
                isFenced.toggle()
                continue
            }
            let line = LogLine(content)
            if let stated = line.time { set(stated) } else if !hasTime { time = number * 1_000 }
            if let frame = line.command, let side = line.side {
                position = readCommand(frame, side, line, next)
            } else if case .number(let number) = line.key, line.side == nil {
                handle(annotation: line.content, number, line.role)
            } else if line.side == nil {
                unreadableBeforeStart = []
                handle(prose: line.content)
            } else {
                reportUnreadable(line, endingAt: next)
            }
        }
        for key in order { close(key) }
    }

    private mutating func set(_ stated: LogTime) {
        switch stated {
        case .date(let date):
            midnight = date - date % LogTime.day
            time = date
        case .clock(let clock):
            // A step back of more than half a day means the next day, not a line out of order.
            let isNextDay = hasTime && midnight + clock < time - LogTime.day / 2
            if isNextDay, midnight < LogTime.lastMidnight { midnight += LogTime.day }
            time = midnight + clock
        }
        hasTime = true
    }

    /// Reports a marked line that is not a command; in a log by this program such lines are findings and noise. Before
    /// the first command it is prose, unless it resembles a command and commands follow directly.
    private mutating func reportUnreadable(_ line: LogLine, endingAt end: Int) {
        guard let side = line.side, !line.key.isNumber else { return }
        lineNumber += text.lineEnds(from: counted, to: end)
        counted = end
        let start = String(decoding: line.content.prefix(Self.quoted), as: UTF8.self)
        let finding = Finding(
            .lineNotUnderstood,
            "Line \(lineNumber) of the text is no command, though it is marked as one: "
                + "\(start)\(line.content.count > Self.quoted ? "…" : "")", side: side)
        if let connection = open[line.key] ?? order.last.flatMap({ open[$0] }) {
            send(.finding(finding), on: connection.index)
        } else if unreadableBeforeStart.count < Self.mostUnreadable, Self.resemblesCommand(line.content, side) {
            unreadableBeforeStart.append(finding)
        }
    }

    /// Whether a marked line before the first command was meant as a command and is not a legend: it starts with
    /// capitals, or with a command's name in small letters.
    private static func resemblesCommand(_ text: ArraySlice<UInt8>, _ side: Side) -> Bool {
        let word = text.prefix { $0 != 0x20 }
        guard word.count > 2 else { return false }
        if word.allSatisfy({ $0 &- 0x41 < 26 || $0 &- 0x30 < 10 }) { return true }
        let capitals = word.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }
        return Frame(capitals + [0x0D, 0x0A]).map { CommandPlausibility.isKnown($0.verb, from: side) } ?? false
    }

    /// The bytes of such a line that a finding quotes: enough to find it, too few for most secrets.
    private static let quoted = 24
    private static let mostUnreadable = 100

    private mutating func send(_ kind: PastedEntry.Kind, on connection: Int) {
        guard shouldContinue else { return }
        shouldContinue = emit(PastedEntry(connection: connection, time: time, kind: kind))
    }
}

// MARK: - Commands

extension PastedLog {
    /// Reads a command with its continuation lines and payload, and emits it.
    ///
    /// - Returns: the position after them in the text.
    private mutating func readCommand(_ first: Frame, _ side: Side, _ line: LogLine, _ start: Int) -> Int {
        var position = start
        var frame = first
        while let (content, next) = text.line(at: position), content.starts(with: ".. ".utf8),
            let longer = LogLine.command(frame.line + content.dropFirst(2)), longer.lineEnd <= DecoderLimits().line
        {
            frame = longer
            position = next
        }
        // The rewritten redirect is printed below the received one; it is not a second command.
        if case .number = line.key, Self.contains(frame.line, "   ← sent to the client: ") { return position }
        var finding: Finding?
        if let claim = CommandPlausibility.announcedPayload(of: frame, from: side), claim.length > 0 {
            var payload = LogPayload(
                text: text, side: side, indent: line.indent, isOwn: line.key.isNumber, isFenced: isFenced)
            payload.read(from: position, claimed: claim.length, isCertain: claim.isCertain)
            position = payload.end
            // This program prints only the beginning of binary payloads, and masks secrets: such a payload is not the
            // original.
            let isAbridged = line.key.isNumber && payload.isDump && payload.bytes.count < claim.length
            if isAbridged { payload.discard() }
            if claim.isCertain, payload.bytes.isEmpty {
                finding = Finding(
                    .payloadLeftOut,
                    "The text leaves the payload of \(frame.verb) out, which has \(claim.length) bytes.", side: side)
            } else if line.key.isNumber, payload.holdsMask {
                finding = nil
            } else if claim.isCertain, payload.bytes.count != claim.length {
                finding = Finding(
                    .lengthMismatch,
                    "\(frame.verb) claims a payload of \(claim.length) bytes; \(payload.bytes.count) stand below it.",
                    side: side)
            }
            frame = Frame(frame.bytes + payload.bytes) ?? frame
        }
        let connection = connection(for: frame, side, line)
        send(.frame(frame, side), on: connection)
        if let finding { send(.finding(finding), on: connection) }
        updateState(frame, side, line.key)
        return position
    }

    /// The connection of a command; begins a new one if the command starts it.
    private mutating func connection(for frame: Frame, _ side: Side, _ line: LogLine) -> Int {
        let key = line.key
        if let current = open[key], !isNew(frame, side, current, key) { return current.index }
        let opening = FirstCommand(frame)
        var server = address ?? open[key]?.redirect
        if side == .client, opening.role == .switchboard { server = switchboard ?? server }
        close(key)
        address = nil
        isBoundary = false
        var number: Int?
        if case .number(let stated) = key { number = stated }
        return begin(key, .opened(number: number, role: line.role, client: nil, server: server))
    }

    private func isNew(_ frame: Frame, _ side: Side, _ current: Open, _ key: LogKey) -> Bool {
        guard side == .client, !key.isNumber else { return false }
        if isBoundary, key == .none { return true }
        switch FirstCommand(frame) {
        case .notification, .fileTransfer: return current.clientHasSpoken && !current.isReset
        case .switchboardCaller, .switchboardCallee: return true
        default: return false
        }
    }

    /// Notes what a command implies for later connections: redirects and restarts.
    private mutating func updateState(_ frame: Frame, _ side: Side, _ key: LogKey) {
        if side == .client {
            open[key]?.clientHasSpoken = true
            open[key]?.isReset = false
            return
        }
        switch Command(frame, from: side) {
        case .redirect(let redirect) where redirect.cookie == nil: open[key]?.redirect = redirect.address
        case .redirect(let redirect): switchboard = redirect.address
        case .restart: open[key]?.isReset = true
        default: break
        }
    }

    private mutating func begin(_ key: LogKey, _ kind: PastedEntry.Kind) -> Int {
        if order.count >= Self.mostOpen, let oldest = order.first { close(oldest) }
        lastIndex += 1
        open[key] = Open(index: lastIndex)
        order.append(key)
        send(kind, on: lastIndex)
        for finding in unreadableBeforeStart { send(.finding(finding), on: lastIndex) }
        unreadableBeforeStart = []
        return lastIndex
    }

    private mutating func close(_ key: LogKey, reason: String? = nil) {
        guard let closed = open.removeValue(forKey: key) else { return }
        order.removeAll { $0 == key }
        send(.closed(reason: reason), on: closed.index)
    }
}

// MARK: - Prose

extension PastedLog {
    /// Handles a line by this program about a connection: `opened A → B`, `closed …`; others are derived and ignored.
    private mutating func handle(annotation: ArraySlice<UInt8>, _ number: Int, _ role: Role?) {
        let words = String(decoding: annotation.prefix(512), as: UTF8.self).split(separator: " ")
        switch words.first {
        case "opened":
            guard words.count >= 4, words[2] == "→" else { return }
            close(.number(number))
            _ = begin(
                .number(number),
                .opened(number: number, role: role, client: String(words[1]), server: HostPort(words[3])))
        case "closed:", "closed;", "closed":
            // `closed: REASON; …`; reasons that start with this word stand alone.
            let reason = (words[0] == "closed:" ? words.dropFirst() : words[...]).joined(separator: " ")
            close(.number(number), reason: reason.split(separator: ";").first.map { String($0) })
        default: return
        }
    }

    /// Handles a line of prose: a date, or a statement that a connection begins or ends here.
    private mutating func handle(prose line: ArraySlice<UInt8>) {
        let text = String(decoding: line.prefix(512), as: UTF8.self)
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        if words.count == 1 || words.count == 2 && words[1] == "UTC", let date = words.first.flatMap(LogTime.date) {
            midnight = date
            time = date
            hasTime = true
            return
        }
        if text.hasPrefix("# == ") {
            isBoundary = true
            address = Self.address(in: words.dropFirst(2))
            return
        }
        guard LogPayload.isBoundary(line) else { return }
        isBoundary = true
        if let named = Self.address(in: words) { address = named }
    }

    /// The first word that is an address: with a dot, and a digit at its end.
    private static func address(in words: ArraySlice<Substring>) -> HostPort? {
        for word in words {
            var word = word
            while let last = word.last, last == "." || last == "," || last == ")" { word.removeLast() }
            if word.contains("."), word.last?.isNumber == true, let address = HostPort(word) { return address }
        }
        return nil
    }

    private static func address(in words: [Substring]) -> HostPort? { address(in: words[...]) }

    static func isFence(_ line: ArraySlice<UInt8>) -> Bool { line.drop { $0 == 0x20 }.starts(with: "```".utf8) }

    private static func contains(_ line: ArraySlice<UInt8>, _ part: String) -> Bool {
        let part = Array(part.utf8)
        return line.indices.contains { line[$0...].starts(with: part) }
    }
}

extension LogKey {
    /// Whether it is in the form of this program.
    var isNumber: Bool {
        if case .number = self { return true }
        return false
    }
}
