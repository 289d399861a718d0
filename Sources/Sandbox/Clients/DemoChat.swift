// The demonstration: two scripted clients and a short chat.

package import MSNP
package import NIOCore

/// A chat between Alice, with a client of 2005, and Bob, with a client of 2002.
package enum DemoChat {
    private enum Step {
        case alice(String)
        case bob(String)
    }

    private static let script: [Step] = [
        .alice("Hi Bob! Guess which protocol this is."),
        .bob("The one with the butterfly? I thought it was gone for good."),
        .alice("Its servers are. But it still flies here: caffè at five? ☕ 🦋"),
        .bob("Gladly – à bientôt!"),
    ]
    private static let farewell = "PS: five is perfect."

    /// Signs both clients in, exchanges the messages, and signs them out; throws after a minute.
    ///
    /// - Parameters:
    ///   - door: the address at which both clients sign in.
    ///   - group: the event loops to use.
    ///   - way: how both clients get to servers.
    /// - Returns: both clients, signed out, with the addresses they connected to.
    @discardableResult
    package static func run(
        door: HostPort, group: any EventLoopGroup, way: @escaping ScriptedClient.Way = { $0 }
    ) async throws -> [ScriptedClient] {
        let deadline = NIODeadline.now() + .seconds(60)
        func client(_ account: String, _ dialect: Dialect) -> ScriptedClient {
            ScriptedClient(account: account, dialect: dialect, server: door, group: group, deadline: deadline, way: way)
        }
        let alice = client("alice@example.com", Dialect(12))
        let bob = client("bob@example.com", Dialect(7))
        var failure: (any Error)?
        do { try await chat(alice, bob) } catch { failure = error }
        await alice.signOut()
        await bob.signOut()
        if let failure { throw failure }
        return [alice, bob]
    }

    private static func chat(_ alice: ScriptedClient, _ bob: ScriptedClient) async throws {
        try await alice.signIn()
        try await bob.signIn()
        try await openConversation(alice, bob)
        var receivedByAlice = alice.received.makeAsyncIterator()
        var receivedByBob = bob.received.makeAsyncIterator()
        for step in script {
            switch step {
            case .alice(let text):
                try await send(text, from: alice)
                try check(await receivedByBob.next(), text)
            case .bob(let text):
                try await send(text, from: bob)
                try check(await receivedByAlice.next(), text)
            }
        }
        try await alice.sendNudge()
        await alice.leave()
        await bob.leave()
        // The other way round, so that both clients receive every kind of redirect: XFR NS, XFR SB and RNG.
        try await openConversation(bob, alice)
        try await send(farewell, from: bob)
        try check(await receivedByAlice.next(), farewell)
        await bob.leave()
    }

    /// One client calls, the other accepts. If one fails, both sign out, so that the other does not wait any longer.
    private static func openConversation(_ caller: ScriptedClient, _ callee: ScriptedClient) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await caller.openConversation(with: callee.account) }
            group.addTask { try await callee.acceptInvitation() }
            do {
                try await group.waitForAll()
            } catch {
                await caller.signOut()
                await callee.signOut()
                throw error
            }
        }
    }

    private static func send(_ text: String, from client: ScriptedClient) async throws {
        try await client.sendTyping()
        try await client.sendText(text)
    }

    private static func check(_ received: String?, _ expected: String) throws {
        guard let received else { throw ScriptError.timedOut(waitingFor: "the text \"\(expected)\"") }
        guard received == expected else {
            throw ScriptError.refused("\"\(received)\" instead of \"\(expected)\"")
        }
    }
}
