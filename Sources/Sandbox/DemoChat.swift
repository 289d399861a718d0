// Two scripted clients and a short chat: the demonstration.

package import MSNP
package import NIOCore

/// A chat between Alice, whose client is of 2005, and Bob, whose client is of 2002.
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

    /// Signs both in, lets them chat, and signs them out; throws if that is not done within a minute.
    ///
    /// - Parameters:
    ///   - door: where both clients sign in.
    ///   - group: whose threads to use.
    /// - Returns: both clients, signed out, with the addresses they connected to.
    @discardableResult
    package static func run(door: HostPort, group: any EventLoopGroup) async throws -> [ScriptedClient] {
        let deadline = NIODeadline.now() + .seconds(60)
        func client(_ account: String, _ dialect: Dialect) -> ScriptedClient {
            ScriptedClient(account: account, dialect: dialect, server: door, group: group, deadline: deadline)
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
        try await meet(alice, bob)
        var heardByAlice = alice.received.makeAsyncIterator()
        var heardByBob = bob.received.makeAsyncIterator()
        for step in script {
            switch step {
            case .alice(let text):
                try await say(text, alice)
                try check(await heardByBob.next(), text)
            case .bob(let text):
                try await say(text, bob)
                try check(await heardByAlice.next(), text)
            }
        }
        try await alice.nudge()
        await alice.leave()
        await bob.leave()
        // Now the other way round, so that both see every kind of redirect: XFR NS, XFR SB and RNG.
        try await meet(bob, alice)
        try await say(farewell, bob)
        try check(await heardByAlice.next(), farewell)
        await bob.leave()
    }

    /// One calls, the other comes; when one of them fails, the other need not wait any longer.
    private static func meet(_ caller: ScriptedClient, _ callee: ScriptedClient) async throws {
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

    private static func say(_ text: String, _ client: ScriptedClient) async throws {
        try await client.type()
        try await client.say(text)
    }

    private static func check(_ heard: String?, _ said: String) throws {
        guard let heard else { throw ScriptError.timedOut(waitingFor: "the text \"\(said)\"") }
        guard heard == said else { throw ScriptError.refused("\"\(heard)\" instead of \"\(said)\"") }
    }
}
