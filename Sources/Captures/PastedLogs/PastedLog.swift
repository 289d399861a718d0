// Commands that people pasted into pages and mails, read back (`C:` and `S:`, `>>>` and `<<<`, …). Pure.

internal import Events
internal import MSNP

/// Something that a pasted log says.
struct PastedEntry: Sendable {
    enum Kind: Sendable {
        /// A connection begins, with what the log says of it.
        case opened(number: Int?, role: Role?, client: String?, server: HostPort?)
        case frame(Frame, Side)
        case finding(Finding)
        /// A connection is over; the log may say why.
        case closed(reason: String?)
    }

    /// Counts the connections of a log from 0.
    var connection: Int
    /// Nanoseconds since 1970.
    var time: Int64
    var kind: Kind
}

/// Reads a log.
///
/// **Lines.** What counts is a line marked `C:` or `S:`, `>>>` (client) or `<<<` (server), or `>` or `<` in front of a
/// command that this side is known to say; a time, `msn:` and the name of a connection may stand before, see
/// `LogLine`. A line that starts with `.. ` goes on with the one before. Everything else is payload (`LogPayload`) or
/// prose.
///
/// **Connections.** A log that names them (`NS#3` as this program does, `NS 000` as Pidgin does) is believed. Else a
/// command of the client starts a new connection
/// - after a remark `# == `, and after a line that says that the client or the server disconnects, connects, or opens
///   or closes a connection (`Client disconnects from server`); the subject must be its first word, or the second after
///   `the`, and the verb the next, for pages also say what *should* happen;
/// - when it is `VER` and the connection heard the client before, unless the server just said `XFR t NS 0`; and when it
///   opens a switchboard (`USR t account cookie`, `ANS`).
///
/// A command of the server starts one only where there is none, for the client speaks first. The server's address is
/// the one that such a line or remark names, else the one of the redirect before.
///
/// **Times.** A line without one has that of the last line with one; where none had one so far, as many microseconds
/// after 1970 as lines came before it, those that belong to a command or that the layout put between not counted.
/// Times of day are on 1970-01-01 until a date was seen, beside a time or alone in a line, and go over midnight.
struct PastedLog {
    /// How large a log may be: it is read whole.
    static let mostBytes = 64 << 20
    /// How many connections may be open at once; the oldest is closed first.
    private static let mostOpen = 1_024

    private struct Open {
        var index: Int
        var clientHasSpoken = false
        var isReset = false
        var redirect: HostPort?
    }

    private let text: LogText
    private let emit: (PastedEntry) -> Bool
    private var isWanted = true
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
    /// How many lines end in front of `counted`, for findings.
    private var lineNumber = 0
    private var counted = 0
    /// What was said of lines right in front of the first command, until there is a connection to say it of.
    private var refusedAtStart: [Finding] = []

    /// Reads a log.
    ///
    /// - Parameters:
    ///   - bytes: the text, at most `mostBytes`.
    ///   - emit: takes each entry; false ends the reading.
    static func read(_ bytes: [UInt8], emit: @escaping (PastedEntry) -> Bool) {
        guard bytes.count <= mostBytes else { return }
        var log = PastedLog(text: LogText(bytes), emit: emit)
        log.run()
    }

    /// Whether a text is a log: it holds no zero bytes at its start, and a command whose arguments fit.
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
        while isWanted, let (content, next) = text.line(at: position) {
            position = next
            number += 1
            if Self.isFence(content) {
                isFenced.toggle()
                continue
            }
            let line = LogLine(content)
            if let stated = line.time { set(stated) } else if !hasTime { time = number * 1_000 }
            if let frame = line.command, let side = line.side {
                position = take(frame, side, line, next)
            } else if case .number(let number) = line.key, line.side == nil {
                take(annotation: line.content, number, line.role)
            } else if line.side == nil {
                refusedAtStart = []
                take(prose: line.content)
            } else {
                refuse(line, endingAt: next)
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
            // Half a day back is not a line out of order, but the next day.
            let isNextDay = hasTime && midnight + clock < time - LogTime.day / 2
            if isNextDay, midnight < LogTime.lastMidnight { midnight += LogTime.day }
            time = midnight + clock
        }
        hasTime = true
    }

    /// Says that somebody's line is no command; in this program's own log it tells of findings and noise. In front of
    /// all commands it is prose, unless it looks like one and they follow at once.
    private mutating func refuse(_ line: LogLine, endingAt end: Int) {
        guard let side = line.side, !line.key.isNumber else { return }
        lineNumber += text.lineEnds(from: counted, to: end)
        counted = end
        let start = String(decoding: line.content.prefix(Self.quoted), as: UTF8.self)
        let finding = Finding(
            .lineNotUnderstood,
            "Line \(lineNumber) of the text is no command, though it is marked as one: "
                + "\(start)\(line.content.count > Self.quoted ? "…" : "")", side: side)
        if let connection = open[line.key] ?? order.last.flatMap({ open[$0] }) {
            say(.finding(finding), on: connection.index)
        } else if refusedAtStart.count < Self.mostRefused, Self.isMeant(line.content, side) {
            refusedAtStart.append(finding)
        }
    }

    /// Whether what stands in front of all commands was meant as one, and is no legend: it starts with capitals, or with
    /// a command's name in small letters.
    private static func isMeant(_ text: ArraySlice<UInt8>, _ side: Side) -> Bool {
        let word = text.prefix { $0 != 0x20 }
        guard word.count > 2 else { return false }
        if word.allSatisfy({ $0 &- 0x41 < 26 || $0 &- 0x30 < 10 }) { return true }
        let capitals = word.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }
        return Frame(capitals + [0x0D, 0x0A]).map { CommandPlausibility.isKnown($0.verb, from: side) } ?? false
    }

    /// How much of such a line is shown, in bytes: enough to find it, too little for most secrets.
    private static let quoted = 24
    private static let mostRefused = 100

    private mutating func say(_ kind: PastedEntry.Kind, on connection: Int) {
        guard isWanted else { return }
        isWanted = emit(PastedEntry(connection: connection, time: time, kind: kind))
    }
}

// MARK: - Commands

extension PastedLog {
    /// Takes a command with what belongs to it.
    ///
    /// - Returns: where the text goes on.
    private mutating func take(_ first: Frame, _ side: Side, _ line: LogLine, _ start: Int) -> Int {
        var position = start
        var frame = first
        while let (content, next) = text.line(at: position), content.starts(with: ".. ".utf8),
            let longer = LogLine.command(frame.line + content.dropFirst(2)), longer.lineEnd <= DecoderLimits().line
        {
            frame = longer
            position = next
        }
        // What the relay sent instead is printed below what came; it was not said twice.
        if case .number = line.key, Self.contains(frame.line, "   ← sent to the client: ") { return position }
        var finding: Finding?
        if let promise = CommandPlausibility.announcedPayload(of: frame, from: side), promise.length > 0 {
            var payload = LogPayload(
                text: text, side: side, indent: line.indent, isOwn: line.key.isNumber, isFenced: isFenced)
            payload.read(from: position, claimed: promise.length, isCertain: promise.isCertain)
            position = payload.end
            // This program shows the beginning of what is no text, and masks for secrets: that is not what was said.
            let isAbridged = line.key.isNumber && payload.isDump && payload.bytes.count < promise.length
            if isAbridged { payload.leaveOut() }
            if promise.isCertain, payload.bytes.isEmpty {
                finding = Finding(
                    .payloadLeftOut,
                    "The text leaves the payload of \(frame.verb) out, which has \(promise.length) bytes.", side: side)
            } else if line.key.isNumber, payload.holdsMask {
                finding = nil
            } else if promise.isCertain, payload.bytes.count != promise.length {
                finding = Finding(
                    .lengthMismatch,
                    "\(frame.verb) claims a payload of \(promise.length) bytes; \(payload.bytes.count) stand below it.",
                    side: side)
            }
            frame = Frame(frame.bytes + payload.bytes) ?? frame
        }
        let connection = connection(for: frame, side, line)
        say(.frame(frame, side), on: connection)
        if let finding { say(.finding(finding), on: connection) }
        note(frame, side, line.key)
        return position
    }

    /// The connection that a command belongs to, begun if it is a new one's first.
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

    /// Notes what a command says about the connections to come.
    private mutating func note(_ frame: Frame, _ side: Side, _ key: LogKey) {
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
        say(kind, on: lastIndex)
        for finding in refusedAtStart { say(.finding(finding), on: lastIndex) }
        refusedAtStart = []
        return lastIndex
    }

    private mutating func close(_ key: LogKey, reason: String? = nil) {
        guard let closed = open.removeValue(forKey: key) else { return }
        order.removeAll { $0 == key }
        say(.closed(reason: reason), on: closed.index)
    }
}

// MARK: - Prose

extension PastedLog {
    /// A line of this program's own about a connection: `opened A → B`, `closed: …`, and others that follow from the
    /// rest.
    private mutating func take(annotation: ArraySlice<UInt8>, _ number: Int, _ role: Role?) {
        let words = String(decoding: annotation.prefix(512), as: UTF8.self).split(separator: " ")
        switch words.first {
        case "opened":
            guard words.count >= 4, words[2] == "→" else { return }
            close(.number(number))
            _ = begin(
                .number(number),
                .opened(number: number, role: role, client: String(words[1]), server: HostPort(words[3])))
        case "closed:":
            let reason = words.dropFirst().joined(separator: " ").split(separator: ";").first
            close(.number(number), reason: reason.map { String($0) })
        default: return
        }
    }

    /// Looks whether a line says that a connection begins or ends here.
    private mutating func take(prose line: ArraySlice<UInt8>) {
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

    /// The first word that is an address with a dot in it, and a number behind the last one or a port.
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
    /// Whether it is a number that this program gave.
    var isNumber: Bool {
        if case .number = self { return true }
        return false
    }
}
