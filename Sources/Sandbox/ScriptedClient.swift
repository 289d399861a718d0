// A small MSN client that does what a script tells it: for the demonstration, and for tests.

package import MSNP
package import NIOCore
import Synchronization

/// A client of MSNP2 to 12. It connects to the server it is given, and from there only to where servers send it.
package final class ScriptedClient: Sendable {
    /// Who signs in; any account will do for the sandbox.
    package let account: String
    /// What the client speaks.
    package let dialect: Dialect
    /// The texts that others say, in order; ends with `signOut()`.
    package let received: AsyncStream<String>
    /// Every address that the client has connected to, in order.
    package var addresses: [HostPort] { state.withLock { $0.addresses } }

    private struct State {
        var transaction = 0
        var addresses: [HostPort] = []
        var notification: ClientSocket?
        var conversation: ClientSocket?
    }

    private let server: HostPort
    private let group: any EventLoopGroup
    private let deadline: NIODeadline?
    private let state = Mutex(State())
    private let texts: AsyncStream<String>.Continuation

    /// A client that is not connected yet.
    ///
    /// - Parameters:
    ///   - server: the dispatch or notification server.
    ///   - group: whose threads to use.
    package convenience init(account: String, dialect: Dialect, server: HostPort, group: any EventLoopGroup) {
        self.init(account: account, dialect: dialect, server: server, group: group, deadline: nil)
    }

    /// - Parameter deadline: when to give up; nil for ten seconds an answer.
    init(account: String, dialect: Dialect, server: HostPort, group: any EventLoopGroup, deadline: NIODeadline?) {
        self.account = account
        self.dialect = dialect
        self.server = server
        self.group = group
        self.deadline = deadline
        (received, texts) = AsyncStream.makeStream()
        guard let deadline else { return }
        let texts = texts
        group.next().scheduleTask(deadline: deadline) { texts.finish() }
    }

    // MARK: - Signing in and out

    /// Signs in and shows itself online, wherever the dispatch server sends it.
    package func signIn() async throws {
        var address = server
        // A server may send its client on more than once, but not for ever.
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

    /// Tells the server that the client goes, and closes everything.
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

    /// The first commands to any server; the address to which it sends the client on, nil where it lets it in.
    private func identify(on link: ClientSocket) async throws -> HostPort? {
        let phrases = ResponseBuilder(dialect: dialect)
        let package = phrases.package
        let version = try await ask("VER", "\(dialect) CVR0", on: link)
        guard version.arguments.dropFirst().first.flatMap({ Dialect(token: $0) }) == dialect else {
            throw ScriptError.refused(version.text)
        }
        if phrases.asksForClientVersionFirst {
            _ = try await ask("CVR", "0x0409 winnt 5.1 i386 MSNMSGR 6.2.0205 MSMSGS \(account)", on: link)
        } else {
            _ = try await ask("INF", on: link)
        }
        let answer = try await ask("USR", "\(package) I \(account)", or: "XFR", on: link)
        switch Redirect.read(answer) {
        case .redirect(let redirect): return redirect.address
        case .softReset, .notUnderstood: throw ScriptError.refused(answer.text)
        case .other: break
        }
        let proof = phrases.usesTickets ? "t=demonstration&p=demonstration" : "0123456789abcdef0123456789abcdef"
        _ = try await ask("USR", "\(package) S \(proof)", on: link)
        return nil
    }

    // MARK: - Conversations

    /// Asks for a switchboard, calls somebody, and returns when they have come.
    package func openConversation(with other: String) async throws {
        let answer = try await ask("XFR", "SB", on: try notification())
        guard case .redirect(let redirect) = Redirect.read(answer), let cookie = redirect.cookie else {
            throw ScriptError.refused(answer.text)
        }
        let link = try await connect(to: redirect.address)
        state.withLock { $0.conversation = link }
        _ = try await ask("USR", "\(account) \(String(decoding: cookie, as: UTF8.self))", on: link)
        _ = try await ask("CAL", other, on: link)
        _ = try await link.first("\(other) to join", before: patience) { $0.verb == "JOI" }
    }

    /// Waits to be called, and goes there.
    package func acceptInvitation() async throws {
        let ring = try await notification().first("an invitation", before: patience) { $0.verb == "RNG" }
        guard case .redirect(let redirect) = Redirect.read(ring),
            case .ring(let session, let cookie) = redirect.destination
        else { throw ScriptError.refused(ring.text) }
        let link = try await connect(to: redirect.address)
        state.withLock { $0.conversation = link }
        let secrets = "\(String(decoding: cookie, as: UTF8.self)) \(String(decoding: session, as: UTF8.self))"
        _ = try await ask("ANS", "\(account) \(secrets)", on: link)
    }

    /// Says something, and returns when the server has delivered it.
    package func say(_ text: String) async throws {
        let headers = "Content-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=0"
        let answer = try await send("A", headers, text, or: "ACK", on: try conversation())
        guard answer?.verb == "ACK" else { throw ScriptError.refused(answer?.text ?? "") }
    }

    /// Shows the others that this client types.
    package func type() async throws {
        let headers = "Content-Type: text/x-msmsgscontrol\r\nTypingUser: \(account)"
        _ = try await send("U", headers, "\r\n", on: try conversation())
    }

    /// Shakes the others' windows.
    package func nudge() async throws {
        _ = try await send("U", "Content-Type: text/x-msnmsgr-datacast", "ID: 1\r\n\r\n", on: try conversation())
    }

    /// Leaves the conversation.
    package func leave() async {
        let link = state.withLock { state in
            defer { state.conversation = nil }
            return state.conversation
        }
        link?.send("OUT")
        await link?.close()
    }

    // MARK: - Talking to servers

    private var patience: NIODeadline { deadline ?? .now() + .seconds(60) }

    private func notification() throws -> ClientSocket {
        try state.withLock { $0.notification }.orThrow(ScriptError.notReady("\(account) is not signed in"))
    }

    private func conversation() throws -> ClientSocket {
        try state.withLock { $0.conversation }.orThrow(ScriptError.notReady("\(account) is in no conversation"))
    }

    private func connect(to address: HostPort) async throws -> ClientSocket {
        state.withLock { $0.addresses.append(address) }
        return try await ClientSocket.connect(to: address, on: group, before: patience) { [weak self] frame, channel in
            self?.answer(frame, on: channel) ?? false
        }
    }

    private func nextTransaction() -> Int {
        state.withLock { state in
            state.transaction += 1
            return state.transaction
        }
    }

    /// Says a command and waits for its answer, which is the same command, the other one named, or an error.
    private func ask(_ verb: Verb, _ words: String = "", or other: Verb? = nil, on link: ClientSocket) async throws
        -> Frame
    {
        let t = "\(nextTransaction())"
        link.send(words.isEmpty ? "\(verb) \(t)" : "\(verb) \(t) \(words)")
        let answer = try await link.first("the answer to \(verb)", before: patience) { frame in
            frame.arguments.first?.elementsEqual(t.utf8) == true
                && (frame.verb == verb || frame.verb == other || frame.verb.isError)
        }
        guard !answer.verb.isError else { throw ScriptError.refused(answer.text) }
        return answer
    }

    /// Sends a message and, where one is asked for, waits for its acknowledgement.
    private func send(
        _ acknowledgement: String, _ headers: String, _ body: String, or answer: Verb? = nil, on link: ClientSocket
    ) async throws -> Frame? {
        let t = "\(nextTransaction())"
        let payload = Array("MIME-Version: 1.0\r\n\(headers)\r\n\r\n\(body)".utf8)
        link.send("MSG \(t) \(acknowledgement) \(payload.count)", payload: payload)
        guard let answer else { return nil }
        return try await link.first("the answer to MSG", before: patience) { frame in
            frame.arguments.first?.elementsEqual(t.utf8) == true && (frame.verb == answer || frame.verb == "NAK")
        }
    }

    /// What the client answers by itself; whether there was something to do.
    private func answer(_ frame: Frame, on channel: any Channel) -> Bool {
        switch frame.verb {
        case "MSG":
            let type = Headers.value(of: "content-type", in: frame.payload)
            if let type, frame.bytes[type].starts(with: "text/plain".utf8) {
                let body = Headers.bodyStart(in: frame.payload)
                texts.yield(String(decoding: frame.bytes[body...], as: UTF8.self))
            }
        case "CHL":
            let question = frame.arguments.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
            let product = Challenge.product(in: dialect)
            let digest = Challenge.answer(to: question, product: product, in: dialect) ?? ""
            ClientSocket.send(
                "QRY \(nextTransaction()) \(product) \(digest.utf8.count)", payload: Array(digest.utf8), on: channel)
        case "ADD", "ADC":
            // Who adds this client is added in turn.
            let words = frame.arguments.map { String(decoding: $0, as: UTF8.self) }
            guard words.count >= 4, words[0] == "0", words[1] == "RL" else { return false }
            let entry = frame.verb == "ADC" ? "\(words[2]) \(words[3])" : "\(words[3]) \(words[3])"
            ClientSocket.send("\(frame.verb) \(nextTransaction()) FL \(entry)", on: channel)
        default: return false
        }
        return true
    }
}

extension Frame {
    /// The line, for messages to a person.
    fileprivate var text: String { String(decoding: line, as: UTF8.self) }
}

extension Optional {
    fileprivate func orThrow(_ error: any Error) throws -> Wrapped {
        guard let self else { throw error }
        return self
    }
}
