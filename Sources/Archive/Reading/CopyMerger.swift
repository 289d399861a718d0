// Merges what two clients' connections recorded of one message or file.

internal import Events

/// A result of a search that another connection may have recorded, too.
protocol RecordedTwice {
    /// The connection that recorded it.
    var connection: ArchiveID { get }
    var time: Timestamp { get }
    /// The conversations that show it on other connections.
    var copies: [ArchiveID] { get set }
    var conversation: ConversationSummary { get }
    /// Its size in memory, in bytes.
    var cost: Int { get }
    /// Whether both have the same content and sender.
    func hasSameContent(as other: Self) -> Bool
}

extension RecordedTwice {
    fileprivate var number: Int64 { if case .connection(let number) = connection { number } else { 0 } }

    /// Whether both may be one event of one conversation: the same switchboard session, or the same people where one
    /// of the numbers is unknown. Transcripts compare only session numbers of one recording; here a second recording
    /// of the same conversation is a copy, too.
    fileprivate func isInSameConversation(as other: Self) -> Bool {
        guard let own = conversation.session, let number = other.conversation.session else {
            return Set(conversation.participants) == Set(other.conversation.participants)
        }
        return own == number
    }
}

/// Takes results in order of time, the latest first, and returns them in this order with their copies merged.
struct CopyMerger<Result: RecordedTwice> {
    private struct Waiting {
        var result: Result
        var time: Timestamp
        var connections: Set<ArchiveID>
    }

    private var waiting: [Waiting] = []
    private var cost = 0

    /// The largest time between two clients' records of one event, in nanoseconds.
    private static var delay: Int64 { 10_000_000_000 }
    /// The largest number of results that wait for copies, and their largest total size in bytes.
    private static var mostWaiting: Int { 500 }
    private static var mostCost: Int { 8 << 20 }

    /// Adds a result.
    ///
    /// - Returns: the results to which no later one can be a copy, in order.
    mutating func add(_ result: Result) -> [Result] {
        let ready = takeReady(before: result)
        let copy = waiting.firstIndex {
            !$0.connections.contains(result.connection) && $0.result.hasSameContent(as: result)
                && $0.result.isInSameConversation(as: result)
        }
        if let copy {
            merge(result, into: &waiting[copy])
        } else {
            cost += result.cost
            waiting.append(Waiting(result: result, time: result.time, connections: [result.connection]))
        }
        return ready
    }

    /// Returns the results that still wait.
    mutating func finish() -> [Result] {
        defer { waiting = [] }
        return waiting.map(\.result)
    }

    /// The connection with the lowest number is the one that is shown.
    private func merge(_ result: Result, into waiting: inout Waiting) {
        waiting.connections.insert(result.connection)
        var (shown, other) = (waiting.result, result)
        if other.number < shown.number { swap(&shown, &other) }
        shown.copies += other.copies + [other.conversation.id]
        other.copies = []
        waiting.result = shown
    }

    private mutating func takeReady(before result: Result) -> [Result] {
        var count = 0
        while count < waiting.count {
            let (gap, isOver) = waiting[count].time.nanoseconds.subtractingReportingOverflow(result.time.nanoseconds)
            guard isOver || gap > Self.delay || waiting.count - count > Self.mostWaiting || cost > Self.mostCost else {
                break
            }
            cost -= waiting[count].result.cost
            count += 1
        }
        defer { waiting.removeFirst(count) }
        return waiting.prefix(count).map(\.result)
    }
}

extension FoundMessage: RecordedTwice {
    var connection: ArchiveID { message.connection }
    var time: Timestamp { message.time }
    var cost: Int { 512 + message.text.utf8.count }

    func hasSameContent(as other: FoundMessage) -> Bool {
        // A connection without its beginning does not show its client's account.
        message.text == other.message.text
            && (message.from == other.message.from || message.from.isEmpty || other.message.from.isEmpty)
    }
}

extension FoundFile: RecordedTwice {
    var cost: Int { 512 + name.utf8.count }

    func hasSameContent(as other: FoundFile) -> Bool {
        name == other.name && kind == other.kind && bytes == other.bytes
            && (from == other.from || from.isEmpty || other.from.isEmpty)
    }
}
