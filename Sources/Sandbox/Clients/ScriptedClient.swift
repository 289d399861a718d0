// A small MSN client controlled by a script, for the demonstration and tests.

package import MSNP
package import NIOCore
import Synchronization

/// A client of MSNP2 to MSNP12. It connects to one server, and then only to the addresses of redirects.
package final class ScriptedClient: Sendable {
    /// The account that signs in; the sandbox accepts any.
    package let account: String
    /// The dialect that the client requests.
    package let dialect: Dialect
    /// The text messages received, in order; ends with `signOut()`.
    package let received: AsyncStream<String>
    /// The addresses that the client has connected to, in order.
    package var addresses: [HostPort] { state.withLock { $0.addresses } }

    private struct State {
        var transaction = 0
        var addresses: [HostPort] = []
        var notification: ClientSocket?
        var conversation: ClientSocket?
    }

    /// Finds the address to connect to in order to reach a server: that of the server itself, or of something between.
    package typealias Way = @Sendable (HostPort) async throws -> HostPort

    private let server: HostPort
    private let way: Way
    private let group: any EventLoopGroup
    private let deadline: NIODeadline?
    private let state = Mutex(State())
    private let texts: AsyncStream<String>.Continuation

    /// Creates a client without connecting it.
    ///
    /// - Parameters:
    ///   - server: the dispatch or notification server.
    ///   - group: the event loops to use.
    package convenience init(account: String, dialect: Dialect, server: HostPort, group: any EventLoopGroup) {
        self.init(account: account, dialect: dialect, server: server, group: group, deadline: nil)
    }

    /// - Parameters:
    ///   - deadline: the time at which every wait fails; nil for 60 seconds per answer.
    ///   - way: how it gets to servers.
    init(
        account: String, dialect: Dialect, server: HostPort, group: any EventLoopGroup, deadline: NIODeadline?,
        way: @escaping Way = { $0 }
    ) {
        self.account = account
        self.dialect = dialect
        self.server = server
        self.way = way
        self.group = group
        self.deadline = deadline
        (received, texts) = AsyncStream.makeStream()
        guard let deadline else { return }
        let texts = texts
        group.next().scheduleTask(deadline: deadline) { texts.finish() }
    }

    // MARK: - Signing in and out

    /// Signs in, following redirects, and sets the state to online.
    package func signIn() async throws {
        var address = server
        // Tries up to four servers, so that a redirect loop ends.
        for _ in 0..<4 {
            let link = try await connect(to: address)
            guard let next = try await identify(on: link) else {
                state.withLock { $0.notification = link }
                _ = try await ask(
                    "SYN", ResponseBuilder(dialect: dialect).keysContactsByIdentifier ? "0 0" : "0", on: link)
                _ = try await ask("CHG", ResponseBuilder(dialect: dialect).usesTickets ? "NLN 0" : "NLN", on: link)
                return
            }
            await link.close()
            address = next
        }
        throw ScriptError.refused("too many redirects")
    }

    /// Sends `OUT` and closes all connections.
    package func signOut() async {
        await leave()
        let link = state.withLock { state in
            defer { state.notification = nil }
            return state.notification
        }
        link?.send("OUT")
        await link?.close()
        texts.finish()
    }

    /// Sends the sign-in commands.
    ///
    /// - Returns: the address of a redirect; nil if the server has signed the client in.
    private func identify(on link: ClientSocket) async throws -> HostPort? {
        let responses = ResponseBuilder(dialect: dialect)
        let package = responses.package
        let version = try await ask("VER", "\(dialect) CVR0", on: link)
        guard case .version(let named) = Command(version, from: .server), named.first == dialect else {
            throw ScriptError.refused(version.text)
        }
        if responses.asksForClientVersionFirst {
            _ = try await ask("CVR", "0x0409 winnt 5.1 i386 MSNMSGR 6.2.0205 MSMSGS \(account)", on: link)
        } else {
            _ = try await ask("INF", on: link)
        }
        let answer = try await ask("USR", "\(package) I \(account)", or: "XFR", on: link)
        switch Command(answer, from: .server) {
        case .redirect(let redirect): return redirect.address
        case .restart, .unknownRedirect: throw ScriptError.refused(answer.text)
        default: break
        }
        let proof = responses.usesTickets ? "t=demonstration&p=demonstration" : "0123456789abcdef0123456789abcdef"
        _ = try await ask("USR", "\(package) S \(proof)", on: link)
        return nil
    }

    // MARK: - Conversations

    /// Requests a switchboard, calls another account, and returns when it has joined.
    package func openConversation(with other: String) async throws {
        let answer = try await ask("XFR", "SB", on: try notification())
        guard case .redirect(let redirect) = Command(answer, from: .server), let cookie = redirect.cookie else {
            throw ScriptError.refused(answer.text)
        }
        let link = try await connect(to: redirect.address)
        state.withLock { $0.conversation = link }
        _ = try await ask("USR", "\(account) \(String(decoding: cookie, as: UTF8.self))", on: link)
        _ = try await ask("CAL", other, on: link)
        _ = try await link.first("\(other) to join", before: nextDeadline) { $0.verb == "JOI" }
    }

    /// Waits for an invitation to a switchboard, and joins it.
    package func acceptInvitation() async throws {
        let ring = try await notification().first("an invitation", before: nextDeadline) { $0.verb == "RNG" }
        guard case .redirect(let redirect) = Command(ring, from: .server),
            case .ring(let session, let cookie) = redirect.destination
        else { throw ScriptError.refused(ring.text) }
        let link = try await connect(to: redirect.address)
        state.withLock { $0.conversation = link }
        let secrets = "\(String(decoding: cookie, as: UTF8.self)) \(String(decoding: session, as: UTF8.self))"
        _ = try await ask("ANS", "\(account) \(secrets)", on: link)
    }

    /// Sends a text message, and returns when the server has acknowledged it.
    package func sendText(_ text: String) async throws {
        let headers = "Content-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0"
        let answer = try await send("A", headers, text, or: "ACK", on: try conversation())
        guard answer?.verb == "ACK" else { throw ScriptError.refused(answer?.text ?? "") }
    }

    /// Sends a typing notification.
    package func sendTyping() async throws {
        let headers = "Content-Type: text/x-msmsgscontrol\r\nTypingUser: \(account)"
        _ = try await send("U", headers, "\r\n", on: try conversation())
    }

    /// Sends a nudge.
    package func sendNudge() async throws {
        _ = try await send("U", "Content-Type: text/x-msnmsgr-datacast", "ID: 1\r\n\r\n", on: try conversation())
    }

    /// Leaves the switchboard.
    package func leave() async {
        let link = state.withLock { state in
            defer { state.conversation = nil }
            return state.conversation
        }
        link?.send("OUT")
        await link?.close()
    }

    // MARK: - Commands and answers

    private var nextDeadline: NIODeadline { deadline ?? .now() + .seconds(60) }

    private func notification() throws -> ClientSocket {
        try state.withLock { $0.notification }.orThrow(ScriptError.notReady("\(account) is not signed in"))
    }

    private func conversation() throws -> ClientSocket {
        try state.withLock { $0.conversation }.orThrow(ScriptError.notReady("\(account) is in no conversation"))
    }

    private func connect(to address: HostPort) async throws -> ClientSocket {
        state.withLock { $0.addresses.append(address) }
        return try await ClientSocket.connect(to: try await way(address), on: group, before: nextDeadline) {
            [weak self] frame, channel in
            self?.handle(frame, on: channel) ?? false
        }
    }

    private func nextTransaction() -> Int {
        state.withLock { state in
            state.transaction += 1
            return state.transaction
        }
    }

    /// Sends a command and waits for its answer: the same command, the alternative, or an error, which is thrown.
    private func ask(_ verb: Verb, _ arguments: String = "", or other: Verb? = nil, on link: ClientSocket) async throws
        -> Frame
    {
        let trID = "\(nextTransaction())"
        link.send(arguments.isEmpty ? "\(verb) \(trID)" : "\(verb) \(trID) \(arguments)")
        let answer = try await link.first("the answer to \(verb)", before: nextDeadline) { frame in
            frame.arguments.first?.elementsEqual(trID.utf8) == true
                && (frame.verb == verb || frame.verb == other || frame.verb.isError)
        }
        guard !answer.verb.isError else { throw ScriptError.refused(answer.text) }
        return answer
    }

    /// Sends a message and, if an acknowledgement is requested, waits for it.
    ///
    /// - Returns: the acknowledgement; nil if none is requested.
    private func send(
        _ acknowledgement: String, _ headers: String, _ body: String, or answer: Verb? = nil, on link: ClientSocket
    ) async throws -> Frame? {
        let trID = "\(nextTransaction())"
        let payload = Array("MIME-Version: 1.0\r\n\(headers)\r\n\r\n\(body)".utf8)
        link.send("MSG \(trID) \(acknowledgement) \(payload.count)", payload: payload)
        guard let answer else { return nil }
        return try await link.first("the answer to MSG", before: nextDeadline) { frame in
            frame.arguments.first?.elementsEqual(trID.utf8) == true && (frame.verb == answer || frame.verb == "NAK")
        }
    }

    /// Handles messages, challenges and additions to a contact list without the script.
    ///
    /// - Returns: whether the command was handled.
    private func handle(_ frame: Frame, on channel: any Channel) -> Bool {
        switch frame.verb {
        case "MSG":
            let type = Headers.value(of: "content-type", in: frame.payload)
            if let type, frame.bytes[type].starts(with: "text/plain".utf8) {
                let body = Headers.bodyStart(in: frame.payload)
                texts.yield(String(decoding: frame.bytes[body...], as: UTF8.self))
            }
        case "CHL":
            guard case .challenge(let token) = Command(frame, from: .server) else { return false }
            let question = String(decoding: token, as: UTF8.self)
            let product = Challenge.product(in: dialect)
            let digest = Challenge.answer(to: question, product: product, in: dialect) ?? ""
            ClientSocket.send(
                "QRY \(nextTransaction()) \(product) \(digest.utf8.count)", payload: Array(digest.utf8), on: channel)
        case "ADD", "ADC":
            // Adds every account that adds this one.
            let arguments = frame.arguments.map { String(decoding: $0, as: UTF8.self) }
            guard arguments.count >= 4, arguments[0] == "0", arguments[1] == "RL" else { return false }
            let entry = frame.verb == "ADC" ? "\(arguments[2]) \(arguments[3])" : "\(arguments[3]) \(arguments[3])"
            ClientSocket.send("\(frame.verb) \(nextTransaction()) FL \(entry)", on: channel)
        default: return false
        }
        return true
    }
}

extension Frame {
    /// The command line as text, for error messages.
    fileprivate var text: String { String(decoding: line, as: UTF8.self) }
}

extension Optional {
    fileprivate func orThrow(_ error: any Error) throws -> Wrapped {
        guard let self else { throw error }
        return self
    }
}
