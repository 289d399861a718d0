// Answers the requests of the JSON interface: reads on threads of their own, one short transaction each.

import Archive
import ArchiveOutput
import Console
import Events
import MSNP
import NIOConcurrencyHelpers
import Output
import Query

/// The answers with data.
final class DataService: Sendable {
    let options: WebOptions
    let pools = ReadPools()
    let ladders = LadderCache()
    private let preparing = ReadControl()
    let downloads: Downloads
    private let lastTotals = NIOLockedValueBox(CurrentTotals())
    /// How events are shown.
    let presentation: Presentation

    init(_ options: WebOptions) {
        self.options = options
        var presentation = Presentation()
        presentation.maskKey = options.reader.maskKey
        presentation.showsSecrets = options.showsSecrets
        self.presentation = presentation
        downloads = Downloads(options)
    }

    var reader: ArchiveReader { options.reader }

    /// How long a request may search, in milliseconds; then it says how far it came.
    private static let budget = 150

    func stop() async {
        preparing.cancel()
        await downloads.stop()
        await pools.stop()
    }

    /// A number that changes with every commit.
    func commitNumber() async -> Int64? { try? await pools[.quick].run { try self.reader.commitNumber() } }

    /// Reads what the first requests need of the whole archive, before somebody opens the page: connections, names,
    /// sums. What goes wrong here is said when it is asked for.
    func prepare() async {
        try? await pools[.quick].run {
            _ = try self.reader.signIns(limit: 1, self.preparing)
            _ = try self.totals()
        }
    }

    /// The sums and how fast they grow, and whether they were counted now.
    func totals() throws -> (totals: CurrentTotals, isFresh: Bool) {
        let last = lastTotals.withLockedValue { $0 }
        let now = ContinuousClock.now
        // Sums from before the end of an import would contradict its end.
        let areFinal = options.importState()?.isFinished ?? true
        guard last.areFinal != areFinal || last.time.map({ now - $0 > last.lifetime }) ?? true else {
            return (last, false)
        }
        let totals = try reader.lists { try $0.totals() }
        var next = last.followed(by: totals, at: now, cost: ContinuousClock.now - now)
        next.areFinal = areFinal
        lastTotals.withLockedValue { $0 = next }
        return (next, true)
    }

    /// Answers a request.
    ///
    /// - Throws: `RequestError`.
    func answer(_ route: DataRoute, _ query: String, _ presence: ClientPresence) async throws -> Answer {
        let parameters = try Parameters(query, known: route.parameters)
        let control = ReadControl(milliseconds: Self.budget)
        presence.onLeave { control.cancel() }
        switch route {
        case .program: return .json(try await reading { try self.program() })
        case .signIns: return .json(try await signIns(parameters, control))
        case .signIn(let id): return .json(try await reading { try self.signIn(id) })
        case .connection(let number): return .json(try await reading { try self.connection(number) })
        case .filter: return .json(try filter(parameters))
        case .events: return .json(try await events(parameters, control))
        case .event(let address):
            let lane = address.number > Self.mostQuickly ? ReadPools.Lane.whole : .quick
            return .json(try await reading(lane) { try self.event(address, control) })
        case .text: return try await text(parameters, presence)
        case .findings: return .json(try await findings(parameters, control))
        case .findingCounts: return .json(try await findingCounts(parameters, control))
        case .overview: return .json(try await overview(parameters, control))
        case .talks: return .json(try await talks(parameters, control))
        case .talk(let number): return .json(try await reading { try self.talk(number, control) })
        case .entries(let number): return .json(try await entries(of: number, parameters, control))
        case .media: return .json(try await media(parameters, control))
        case .picture(let digest): return try await picture(digest, control)
        case .contacts: return .json(try await contacts(parameters, control))
        case .ladder: return .json(try await ladder(parameters, control))
        case .ladderText: return try await ladderText(parameters, control)
        case .messages: return .json(try await messages(parameters, control))
        case .exportPreview:
            // It reads everything, however long that takes.
            let patient = ReadControl()
            presence.onLeave { patient.cancel() }
            return .json(try await exportPreview(parameters, patient))
        case .downloads: throw RequestError(.wrongMethod)
        case .bytes(let address): return try await bytes(of: address, parameters, control)
        case .state: throw RequestError(.notFound)
        }
    }

    /// The details of an event may need all events before it. To read as many takes less than 200 ms.
    private static let mostQuickly: Int64 = 16_384

    /// Reads on one of the threads. What is wrong with the archive is said in the words of the commands.
    func reading<Result: Sendable>(
        _ lane: ReadPools.Lane = .quick, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        do {
            return try await pools[lane].run(body)
        } catch is ReadControl.Cancelled {
            // Nobody reads this.
            throw RequestError(.gone, text: "The request was given up.")
        } catch let error as ArchiveError {
            options.report(error.description)
            throw RequestError(.archiveUnreadable, text: "The archive cannot be read: the program has printed why.")
        }
    }

    /// What the program is, and what the archive has in all.
    private func program() throws -> JSONObject {
        // In this order: sums that are counted after the end of an import are those of its end.
        let importState = options.importState()
        let totals = try totals().totals.now
        var object = JSONObject()
        object.add("program", "butterflynet")
        object.add("version", options.version)
        object.add("api", 1)
        var archive = JSONObject()
        archive.add("name", reader.path.split(separator: "/").last.map(String.init) ?? "")
        archive.add("bytes", totals.bytes)
        archive.add("schema", totals.schema)
        object.add("archive", archive)
        object.add("mode", options.mode.rawValue)
        object.add("recording", totals.recording?.description)
        object.add("shows_secrets", options.showsSecrets)
        object.add("listening", options.listening())
        var limits = JSONObject()
        limits.add("rows", PageLimits.mostRows)
        limits.add("full", PageLimits.mostFull)
        limits.add("bytes", PageLimits.mostBytes)
        object.add("limits", limits)
        object.add("totals", JSONObject(totals))
        if let state = importState {
            var progress = JSONObject()
            progress.add("file", state.file)
            progress.add("done_bytes", state.doneBytes)
            progress.add("total_bytes", state.totalBytes)
            progress.add("finished", state.isFinished)
            progress.add("text", state.text)
            object.add("import", progress)
        } else {
            object.add("import", String?.none)
        }
        return object
    }

    /// Whether a filter can be read, for a field in which one types.
    private func filter(_ parameters: Parameters) throws -> JSONObject {
        let expression = try parameters.text("expr") ?? ""
        let scope = try Self.filterScope(parameters)
        var object = JSONObject()
        do {
            _ = try Self.parse(expression, scope)
            object.add("ok", true)
        } catch let error as FilterError {
            object.add("ok", false)
            object.add("text", error.message)
            object.add("column", error.column)
        }
        return object
    }

    private static func filterScope(_ parameters: Parameters) throws -> Filter.Scope {
        guard let name = try parameters.text("scope") else { return .events }
        guard let scope = Filter.Scope(rawValue: name) else {
            throw RequestError.parameter("scope", "This parameter is events, sessions or messages.")
        }
        return scope
    }

    /// Parses a filter as the commands do.
    static func parse(_ expression: String, _ scope: Filter.Scope) throws -> Filter {
        let keys: FilterKeys =
            switch scope {
            case .events: .ofEvents
            case .sessions: .ofSessions
            case .messages: .ofMessages
            }
        return try Filter(expression, for: scope, keys: keys)
    }

    /// The filter of a request.
    static func condition(_ parameters: Parameters, _ scope: Filter.Scope) throws -> Filter? {
        guard let expression = try parameters.text("where"), !expression.isEmpty else { return nil }
        do {
            return try parse(expression, scope)
        } catch let error as FilterError {
            throw RequestError.filter(error.message, parameter: "where", column: error.column)
        }
    }
}

/// The sums over the archive, and how fast they grow.
struct CurrentTotals: Sendable {
    /// How long they are used: counting a large archive takes some time, and must not be most of what is done.
    var lifetime = Duration.zero
    var now = ArchiveTotals.none
    /// Commands a second.
    var rate: Int64 = 0
    var time: ContinuousClock.Instant?
    /// Whether no import was running when they were counted.
    var areFinal = false

    func followed(by totals: ArchiveTotals, at now: ContinuousClock.Instant, cost: Duration) -> CurrentTotals {
        var next = CurrentTotals(lifetime: min(cost * 20, .seconds(2)), now: totals, time: now)
        if let time {
            let milliseconds = max(1, (now - time) / Duration.milliseconds(1))
            next.rate = Int64(Double(max(0, totals.events - self.now.events)) * 1_000 / milliseconds)
        }
        return next
    }
}

/// The limits of one answer.
enum PageLimits {
    static let mostRows = 500
    static let standardRows = 200
    static let mostFull = 50
    static let mostBytes = 65_536
    /// The connections that a sign-in of a list shows.
    static let mostConnections = 50
    /// The connections of a whole recording in one answer.
    static let mostOfRecording = 5_000
}

extension JSONObject {
    init(_ totals: ArchiveTotals) {
        self.init()
        add("sign_ins", totals.signIns)
        add("connections", totals.connections)
        add("open", totals.openConnections)
        add("events", totals.events)
        add("messages", totals.messages)
        add("findings", totals.findings)
        add("talks", totals.talks)
    }
}
