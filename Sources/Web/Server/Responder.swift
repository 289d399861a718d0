// Answers requests: the guard, the session, then the handler.

import Console
import HummingbirdCore
import Logging
import MSNP
import NIOConcurrencyHelpers
import NIOCore
import Output

/// What all requests share.
final class Responder: Sendable {
    private struct State: Sendable {
        /// Nil until the address is known.
        var rules: Guard?
        var cookieName = ""
        var sessions = Sessions()
        var throttle = Throttle()
        var tickets = Tickets()
        /// The refusals that were reported; one of each kind is enough.
        var reported: Set<Refusal> = []
    }

    private let state = NIOLockedValueBox(State())
    private let options: WebOptions
    private let limits: ServerLimits
    let data: DataService
    let streams: NoticeSlots

    init(_ options: WebOptions, _ limits: ServerLimits) {
        self.options = options
        self.limits = limits
        let data = DataService(options)
        self.data = data
        streams = NoticeSlots(
            interval: options.notesCommits ? Self.intervalBesideNotices : Self.interval, followed: options.followed
        ) { await data.commitNumber() }
    }

    /// How often the archive is asked for commits, and how often if this process notes its own: another program may
    /// write to the same archive.
    private static let interval = Duration.milliseconds(100)
    private static let intervalBesideNotices = Duration.seconds(2)

    /// Opens the door: requests before this are refused.
    func listen(port: UInt16) {
        let addresses = options.isLoopback ? [] : Self.addresses(of: options.listen.host)
        state.withLockedValue {
            $0.rules = Guard(port: port, addresses: addresses, extraOrigins: options.origins)
            $0.cookieName = "butterflynet-\(port)"
        }
    }

    /// The addresses by which other machines reach a host: those of all interfaces for an unspecified one. An address of
    /// this machine in `Host` is no name that somebody else could have made to point here.
    private static func addresses(of host: String) -> [String] {
        guard ["0.0.0.0", "::"].contains(host) else { return [host] }
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.compactMap { $0.address?.ipAddress }
    }

    /// Answers one request.
    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ presence: ClientPresence) async throws {
        let head = RequestHead(request.head)
        let answer = await answer(head, request.body, presence)
        let response = answer.response(isHead: head.method == "HEAD")
        try await writer.write(response: response.head, body: response.body)
        // What is left of the request is not read.
        if answer.closes { throw ConnectionEnd() }
    }

    /// Ends a connection after its answer.
    private struct ConnectionEnd: Error {}

    private func answer(_ head: RequestHead, _ body: RequestBody, _ presence: ClientPresence) async -> Answer {
        let route = Route(head.path)
        guard let rules = state.withLockedValue({ $0.rules }) else { return .error(.busy) }
        if let refusal = rules.refusal(of: head, in: route.area) {
            report(refusal)
            return .error(refusal)
        }
        do {
            switch route {
            case .shell: return PageAssets.shell(ifNoneMatch: head.ifNoneMatch)
            case .asset(let name): return PageAssets.asset(name)
            case .health: return Answer(type: "text/plain; charset=utf-8", body: .bytes(Array("ok\n".utf8)))
            case .session:
                return head.method == "POST" ? try await signIn(head, body) : try signOut(head)
            case .download(let ticket): return try await download(ticket, head, presence)
            case .data(let route):
                guard route.isPosted == (head.method == "POST") else { return .error(.wrongMethod) }
                let session = try session(of: head)
                if route.isPosted { return try await post(route, head, body, session) }
                if route == .state {
                    return try stream(head, presence, session)
                }
                let answer = try await data.answer(route, head.query, presence)
                return answer.tagged(ifNoneMatch: head.ifNoneMatch)
            case .nothing: return .error(.notFound)
            }
        } catch let error as RequestError {
            return .error(error)
        } catch {
            options.report("a request of the page failed: \(error)")
            return .error(.internalError)
        }
    }

    // MARK: Sessions

    private static func now() -> Sessions.Seconds {
        let now = NIODeadline.now().uptimeNanoseconds
        return Double(now) / 1_000_000_000
    }

    /// The session of a request.
    ///
    /// - Throws: `RequestError` without one.
    private func session(of head: RequestHead) throws -> Sessions.ID {
        if head.bearer != nil || !head.authorizations.isEmpty {
            try check(head.bearer ?? "")
            return Sessions.withToken
        }
        let found = state.withLockedValue { state in
            state.sessions.find(cookies: head.values(ofCookie: state.cookieName), keys: head.keys, at: Self.now())
        }
        guard let found else { throw RequestError(.notSignedIn) }
        return found
    }

    /// Compares a token that a client gave.
    private func check(_ given: String) throws {
        let (token, now) = (options.token, Self.now())
        guard token.isFixed else {
            guard token.isEqual(to: given) else { throw RequestError(.notSignedIn) }
            return
        }
        try state.withLockedValue { state in
            guard state.throttle.isOpen(at: now) else { throw RequestError(.tooMany) }
            guard token.isEqual(to: given) else {
                state.throttle.fail(at: now)
                throw RequestError(.notSignedIn)
            }
            state.throttle.succeed()
        }
    }

    private func signIn(_ head: RequestHead, _ body: RequestBody) async throws -> Answer {
        let object = try BodyObject(await read(body, head))
        try check(try object.text("token") ?? "")
        let (session, name) = state.withLockedValue { ($0.sessions.begin(at: Self.now()), $0.cookieName) }
        var answer = JSONObject()
        answer.add("key", session.key)
        answer.add("expires", String?.none)
        var result = Answer.json(answer)
        let isSecure = options.origins.contains { $0.lowercased().hasPrefix("https://") }
        result.fields.append(
            (
                "Set-Cookie",
                "\(name)=\(session.cookie); HttpOnly; SameSite=Strict; Path=/" + (isSecure ? "; Secure" : "")
            ))
        return result
    }

    private func signOut(_ head: RequestHead) throws -> Answer {
        let id = try session(of: head)
        let name = state.withLockedValue { state in
            state.sessions.end(id)
            return state.cookieName
        }
        return Answer(
            status: 204,
            fields: [
                ("Clear-Site-Data", "\"storage\""),
                ("Set-Cookie", "\(name)=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"),
            ])
    }

    /// Reads a body of JSON.
    private func read(_ body: RequestBody, _ head: RequestHead) async throws -> [UInt8] {
        let type = head.contentType?.split(separator: ";").first?.lowercased()
        guard type?.filter({ $0 != " " }) == "application/json" else {
            throw RequestError.parameter(nil, "The body is to be application/json.")
        }
        let limit = Duration.nanoseconds(limits.body.nanoseconds)
        let bytes = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                do {
                    return Array(try await body.collect(upTo: ServerLimits.mostBody).readableBytesView)
                } catch is NIOTooManyBytesError {
                    throw RequestError(.tooLarge)
                }
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let bytes else { throw RequestError(.tooLarge, text: "The body did not arrive in time.") }
        return bytes
    }

    private func report(_ refusal: Refusal) {
        guard refusal == .wrongHost || refusal == .wrongOrigin else { return }
        let isNew = state.withLockedValue { $0.reported.insert(refusal).inserted }
        if isNew { options.report("the page refused a request: \(refusal.text)") }
    }

    // MARK: What is posted, saved and followed

    private func post(
        _ route: DataRoute, _ head: RequestHead, _ body: RequestBody, _ session: Sessions.ID
    ) async throws -> Answer {
        let order = try Downloads.order(BodyObject(await read(body, head)))
        let ticket = state.withLockedValue { $0.tickets.issue(order, for: session, at: Self.now()) }
        var answer = JSONObject()
        answer.add("url", "/download/\(ticket)")
        return .json(answer)
    }

    private func download(_ ticket: String, _ head: RequestHead, _ presence: ClientPresence) async throws -> Answer {
        // A ticket is used up by GET only: browsers and scripts may ask for the head first.
        guard head.method == "GET" else { throw RequestError(.wrongMethod) }
        let isWithToken = !head.authorizations.isEmpty
        if isWithToken { try check(head.bearer ?? "") }
        let order = try state.withLockedValue { state -> DownloadOrder? in
            let cookies = head.values(ofCookie: state.cookieName)
            guard let session = isWithToken ? Sessions.withToken : state.sessions.find(cookies: cookies, at: Self.now())
            else { throw RequestError(.notSignedIn) }
            return state.tickets.take(ticket, of: session, at: Self.now())
        }
        guard let order else { throw RequestError(.gone) }
        return try await data.downloads.answer(order, presence)
    }

    private func stream(_ head: RequestHead, _ presence: ClientPresence, _ session: Sessions.ID) throws -> Answer {
        let watched = try DataService.watched(head.query)
        guard head.method == "GET" else { return Answer(type: "text/event-stream") }
        guard state.withLockedValue({ $0.sessions.openStream(session) }) else { throw RequestError(.tooMany) }
        let (id, slot) = streams.open()
        let streams = streams
        let lease = StreamLease { [state] in
            streams.close(id)
            state.withLockedValue { $0.sessions.closeStream(session) }
        }
        presence.onLeave { streams.close(id) }
        let stream = StateStream(slots: streams, data: data, watched: watched, lease: lease)
        return Answer(type: "text/event-stream", body: .stream { try await stream.write(slot, to: &$0) })
    }
}
