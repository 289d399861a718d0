// Reads MSNP commands from logs of other programs, and from pages and mails. Pure.

internal import Events
internal import MSNP

/// Reads a log.
///
/// **Lines.** A command is a line with one of the prefixes of `LogPrefix.all`, such as `C: ` or `>>> `, which also has
/// its time, sender and connection. A line that starts with `.. ` continues the one before. Some programs write bytes of
/// the stream instead (`LogChunk`). Requests to a gateway and MSNSLP messages need no prefix (`LogMessage`). All other
/// lines are payload (`LogPayload`) or prose.
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
    static let mostOpen = 1_024

    struct Open {
        var index: Int
        var clientHasSpoken = false
        var isReset = false
        var redirect: HostPort?
    }

    let text: LogText
    private let emit: (PastedEntry) -> Bool
    private var shouldContinue = true
    var isFenced = false
    var open: [LogKey: Open] = [:]
    var order: [LogKey] = []
    /// The incomplete commands of connections in logs that show bytes.
    var chunks: [LogKey: PerSide<LogChunk>] = [:]
    var lastIndex = -1
    var time: Int64 = 0
    var hasTime = false
    var midnight: Int64 = 0
    var isBoundary = false
    var address: HostPort?
    var switchboard: HostPort?
    /// Whether a line of BitlBee came before: then `<<< ` without colours is one, too.
    private var isOfBitlBee = false
    /// The sender of the first MSNSLP message, whom the others answer.
    var slpSender: [UInt8]?
    /// The number of lines that end before `counted`, for findings.
    private var lineNumber = 0
    private var counted = 0
    /// Findings about lines directly before the first command, held until its connection begins.
    var unreadableBeforeStart: [Finding] = []

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

    /// Whether a text is a log: no zero bytes at its start, and a command with valid arguments, a request to a gateway, or
    /// an MSNSLP message.
    static func isOne(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= mostBytes, !bytes.prefix(4_096).contains(0) else { return false }
        var isLog = false
        read(bytes) { entry in
            switch entry.kind {
            case .carried, .slp: isLog = true
            case .frame(let frame, let side) where CommandPlausibility.isKnown(frame.verb, from: side):
                isLog = CommandReading(frame, from: side, role: .unknown, dialect: nil) != nil
            default: break
            }
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
            if let end = readMessage(line, next) {
                position = end
            } else if let side = line.side, let program = program(ofChunk: line) {
                position = readChunk(side, line, program, next)
            } else if let frame = line.command, let side = line.side {
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

    /// The program that wrote this line, if it writes bytes of the stream; nil otherwise.
    private mutating func program(ofChunk line: LogLine) -> LogPrefix.Program? {
        guard let prefix = line.prefix else { return nil }
        if prefix.program == .bitlbee { isOfBitlBee = true }
        if line.isChunk { return prefix.program }
        return isOfBitlBee && prefix.program == .people && line.key == .none && line.side == .server ? .bitlbee : nil
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
        let finding = unreadable(line.content, side, endingAt: end)
        if let connection = open[line.key] ?? order.last.flatMap({ open[$0] }) {
            send(.finding(finding), on: connection.index)
        } else if unreadableBeforeStart.count < Self.mostUnreadable, Self.resemblesCommand(line.content, side) {
            unreadableBeforeStart.append(finding)
        }
    }

    /// The finding about a text that is no command, in a line that ends at this position.
    mutating func unreadable(_ content: ArraySlice<UInt8>, _ side: Side, endingAt end: Int) -> Finding {
        lineNumber += text.lineEnds(from: counted, to: end)
        counted = max(counted, end)
        let start = String(decoding: content.prefix(Self.quoted), as: UTF8.self)
        return Finding(
            .lineNotUnderstood,
            "Line \(lineNumber) of the log is marked as a command, but cannot be read as one: "
                + "\(start)\(content.count > Self.quoted ? "…" : "")", side: side)
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

    mutating func send(_ kind: PastedEntry.Kind, on connection: Int) {
        guard shouldContinue else { return }
        shouldContinue = emit(PastedEntry(connection: connection, time: time, kind: kind))
    }
}
