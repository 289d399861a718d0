// Which connections belong to one sign-in.

import Analysis
import Events
import MSNP
import Testing

@Suite struct SignInRegistryTests {
    private let here = "10.1.1.1"
    private let server = HostPort("10.0.0.5", 1863)

    /// A client that signed in at the dispatch server and was sent on.
    private func sentOn(_ account: String, _ table: inout SignInRegistry, next: UInt32? = 4) -> SignIn {
        let arrived = table.arrive(from: here, at: HostPort("10.0.0.4", 1863), transaction: 1, now: 0)
        let named = table.identify(account, from: here, current: arrived, now: 0)
        table.expect(named, from: here, at: server, nextTransaction: next, now: 0)
        return named
    }

    @Test func aClientThatWasSentOnIsTheSame() {
        var table = SignInRegistry()
        let alice = sentOn("alice@example.com", &table)
        #expect(table.arrive(from: here, at: server, transaction: 4, now: 1) == alice)
        #expect(table.arrive(from: here, at: server, transaction: 4, now: 1) != alice)
    }

    @Test func otherHostsAndOtherServersAreOthers() {
        var table = SignInRegistry()
        let alice = sentOn("alice@example.com", &table)
        #expect(table.arrive(from: "10.1.1.2", at: server, transaction: 4, now: 1) != alice)
        #expect(table.arrive(from: here, at: HostPort("10.0.0.9", 1863), transaction: 4, now: 1) != alice)
        #expect(table.arrive(from: here, at: server, transaction: 4, now: 1) == alice)
    }

    @Test func countingTellsTwoClientsApart() {
        var table = SignInRegistry()
        let alice = sentOn("alice@example.com", &table, next: 4)
        let bob = sentOn("bob@example.com", &table, next: 7)
        #expect(table.arrive(from: here, at: server, transaction: 7, now: 1) == bob)
        #expect(table.arrive(from: here, at: server, transaction: 1, now: 1) == alice)
    }

    @Test func whereNothingTellsTheAccountDoes() {
        var table = SignInRegistry()
        let alice = sentOn("alice@example.com", &table)
        let bob = sentOn("bob@example.com", &table)
        #expect(alice.number != bob.number)
        #expect(table.arrive(from: here, at: server, transaction: 4, now: 1) == nil)
        #expect(table.identify("bob@example.com", from: here, current: nil, now: 1) == bob)
        #expect(table.identify("alice@example.com", from: here, current: nil, now: 1) == alice)
        #expect(
            ![alice.number, bob.number].contains(
                table.identify("x@y.example", from: here, current: nil, now: 1).number))
    }

    @Test func aWrongGuessIsPutRightForBoth() {
        var table = SignInRegistry()
        let alice = sentOn("alice@example.com", &table)
        // Bob connects directly to the notification server and gets the sign-in of Alice, until he sends his account.
        let guess = table.arrive(from: here, at: server, transaction: 1, now: 1)
        let bob = table.identify("bob@example.com", from: here, current: guess, now: 1)
        #expect(bob.number != alice.number && bob.account == "bob@example.com")
        let second = table.arrive(from: here, at: server, transaction: 4, now: 2)
        #expect(table.identify("alice@example.com", from: here, current: second, now: 2) == alice)
    }

    @Test func aWrongGuessIsPutRightWhoeverSpeaksFirst() {
        var table = SignInRegistry()
        let alice = sentOn("alice@example.com", &table)
        let guess = table.arrive(from: here, at: server, transaction: 1, now: 1)
        let second = table.arrive(from: here, at: server, transaction: 4, now: 2)
        #expect(table.identify("alice@example.com", from: here, current: second, now: 2) == alice)
        #expect(table.identify("bob@example.com", from: here, current: guess, now: 3).number != alice.number)
    }

    @Test func patienceEnds() {
        var table = SignInRegistry()
        let alice = sentOn("alice@example.com", &table)
        #expect(table.arrive(from: here, at: server, transaction: 4, now: SignInRegistry.redirectTimeout) != alice)
    }

    @Test func expectationsAreBounded() {
        var table = SignInRegistry()
        let first = SignIn(number: 1, account: "first@example.com")
        table.expect(first, from: here, at: server, nextTransaction: 1, now: 0)
        for number in 0..<SignInRegistry.mostExpected {
            table.expect(
                SignIn(number: number + 2, account: nil), from: "h\(number)", at: server, nextTransaction: 1, now: 0)
        }
        #expect(table.arrive(from: here, at: server, transaction: 1, now: 0) != first)
    }
}
