// Clients that were sent elsewhere, recognized by their first command.

import Analysis
import EventSamples
import Events
import MSNP
import Testing

@Suite struct ConnectionRegistryTests {
    private static let host = "10.1.1.1"
    private static let dispatch = HostPort("10.0.0.4", 1863)
    private static let notification = HostPort("10.0.0.5", 1863)

    /// What a notification connection of a client has shown so far.
    private static func tap(_ lines: String) -> Tap {
        var tap = Tap()
        let bytes = Array(lines.utf8)
        var position = 0
        while tap.next(bytes.span, from: &position, side: .client) != nil {}
        return tap
    }

    private static func redirect(_ line: String) throws -> Redirect {
        let frame = try Sample.frame(Array("\(line)\r\n".utf8))
        guard case .redirect(let redirect) = Command(frame, from: .server) else { throw NoRedirect() }
        return redirect
    }
    private struct NoRedirect: Error {}

    private static func opening(_ line: String) throws -> FirstCommand {
        FirstCommand(try Sample.frame(Array("\(line)\r\n".utf8)))
    }

    /// A registry that knows a client of this account, and its sign-in.
    private static func signedIn(_ account: String, _ registry: inout ConnectionRegistry) throws -> SignIn {
        let opening = try opening("VER 1 MSNP8 CVR0")
        guard case .signIn(let signIn) = registry.arrive(opening, from: host, at: dispatch, now: 0) else {
            throw NoRedirect()
        }
        return registry.identify(account, from: host, current: signIn, now: 0)
    }

    @Test func aSwitchboardBelongsToTheSignInThatWasSentThere() throws {
        var registry = ConnectionRegistry()
        let signIn = try Self.signedIn("alice@example.com", &registry)
        let tap = Self.tap("VER 1 MSNP8 CVR0\r\nUSR 2 TWN I alice@example.com\r\nXFR 3 SB\r\n")
        let client = ConnectionRegistry.RedirectedClient(host: Self.host, signIn: signIn, tap: tap)
        registry.redirect(client, try Self.redirect("XFR 3 SB 10.0.0.6:1864 CKI 17.1"), now: 1)
        let opening = try Self.opening("USR 1 alice@example.com 17.1")
        // The relay has one address for all servers: only the cookie identifies the one that is meant.
        guard
            case .switchboard(let promise, nil) = registry.arrive(opening, from: Self.host, at: Self.dispatch, now: 2)
        else {
            Issue.record("the cookie is not known")
            return
        }
        #expect(promise.address == HostPort("10.0.0.6", 1864) && promise.signIn == signIn)
        guard
            case .switchboard(_, let finding) = registry.arrive(opening, from: Self.host, at: Self.dispatch, now: 3)
        else {
            Issue.record("the cookie is not known any more")
            return
        }
        #expect(finding?.name.text == "cookie_used_twice")
    }

    @Test func aClientThatComesBackIsKnownByItsTransactions() throws {
        var registry = ConnectionRegistry()
        let alice = try Self.signedIn("alice@example.com", &registry)
        let bob = try Self.signedIn("bob@example.com", &registry)
        let redirect = try Self.redirect("XFR 3 NS 10.0.0.5:1863 0")
        for (signIn, last) in [(alice, 3), (bob, 8)] {
            let tap = Self.tap("VER 1 MSNP8 CVR0\r\nINF \(last)\r\n")
            let client = ConnectionRegistry.RedirectedClient(host: Self.host, signIn: signIn, tap: tap)
            registry.redirect(client, redirect, now: 1)
        }
        let arrival = registry.arrive(
            try Self.opening("VER 9 MSNP8 CVR0"), from: Self.host, at: Self.notification, now: 2)
        #expect(arrival == .signIn(bob))
    }

    @Test func aClientComesToWhereTheRelaySendsIt() throws {
        var registry = ConnectionRegistry()
        let alice = try Self.signedIn("alice@example.com", &registry)
        let client = ConnectionRegistry.RedirectedClient(host: Self.host, signIn: alice, tap: Tap())
        let elsewhere = HostPort("10.0.0.99", 1863)
        registry.redirect(client, try Self.redirect("XFR 3 NS 10.0.0.5:1863 0"), to: elsewhere, now: 1)
        let opening = try Self.opening("VER 4 MSNP8 CVR0")
        #expect(registry.arrive(opening, from: Self.host, at: Self.notification, now: 2) != .signIn(alice))
        #expect(registry.arrive(opening, from: Self.host, at: elsewhere, now: 2) == .signIn(alice))
    }

    @Test func cookiesThatAreNotKnown() throws {
        var registry = ConnectionRegistry()
        let opening = try Self.opening("ANS 1 alice@example.com 17.1 11")
        let arrival = registry.arrive(opening, from: Self.host, at: Self.dispatch, now: 0)
        #expect(arrival == .unknownCookie(account: "alice@example.com"))
        let inCapture = ConnectionRegistry.unknownCookie(of: "a@b.example")
        #expect(inCapture.text == "a@b.example used a cookie that no redirect contained in this capture.")
        let inRelay = ConnectionRegistry.unknownCookie(of: "a@b.example", connectedTo: Self.dispatch)
        #expect(
            inRelay.text == "a@b.example used a cookie that no redirect contained; connected to 10.0.0.4:1863.")
        #expect(inRelay.name.text == "cookie_unknown" && inRelay.side == .client)
    }

    @Test func whichRedirectsCanBeRemembered() throws {
        let longest = String(repeating: "1", count: CookieRegistry.longestCookie)
        #expect(ConnectionRegistry.canRemember(try Self.redirect("XFR 3 SB 10.0.0.6 CKI \(longest)")))
        #expect(!ConnectionRegistry.canRemember(try Self.redirect("XFR 3 SB 10.0.0.6 CKI \(longest)1")))
        #expect(ConnectionRegistry.canRemember(try Self.redirect("XFR 3 NS 10.0.0.5:1863 0")))
    }

    @Test func otherConnectionsBelongToNobody() throws {
        var registry = ConnectionRegistry()
        for opening in [FirstCommand.dispatch, .fileTransfer, .otherCommand, .peerToPeer, .http, .foreign] {
            #expect(registry.arrive(opening, from: Self.host, at: Self.dispatch, now: 0) == .other)
        }
    }
}
