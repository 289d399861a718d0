// The table of cookies.

import Analysis
import Events
import MSNP
import Testing

@Suite struct CookieRegistryTests {
    private static let cookie = Array("17262740.1050826919.32308".utf8)

    private func promise(_ account: String?, _ port: UInt16 = 1, host: String = "10.1.1.1") -> CookieGrant {
        CookieGrant(
            address: HostPort("10.0.0.6", port), account: account, clientHost: host, dialect: Dialect(9),
            signIn: SignIn(number: Int(port), account: account))
    }

    private func claim(
        _ table: inout CookieRegistry, _ account: String, host: String = "10.1.1.1", cookie: [UInt8] = cookie,
        now: Int64 = 1
    ) -> (UInt16?, String?) {
        switch table.claim(cookie: cookie, account: account, clientHost: host, now: now) {
        case .known(let promise, let finding): (promise.address.port, finding?.name.text)
        case .unknown: (nil, nil)
        }
    }

    @Test func aPromiseIsKept() {
        var table = CookieRegistry()
        table.record(promise("a@b.example", 7), cookie: Self.cookie, now: 0)
        #expect(claim(&table, "a@b.example") == (7, nil))
        #expect(claim(&table, "a@b.example", cookie: Array("other".utf8)) == (nil, nil))
        #expect(table.count == 1)
    }

    @Test func oddUsesAreFindingsAndStillLeadThere() {
        var table = CookieRegistry()
        table.record(promise("a@b.example", 7), cookie: Self.cookie, now: 0)
        #expect(claim(&table, "x@y.example") == (7, "cookie_of_another_client"))
        #expect(claim(&table, "a@b.example", host: "10.9.9.9") == (7, "cookie_of_another_client"))
        #expect(claim(&table, "a@b.example") == (7, "cookie_used_twice"))
        table.record(promise(nil, 8), cookie: Array("5".utf8), now: 0)
        #expect(claim(&table, "who@ever.example", cookie: Array("5".utf8)) == (8, nil))
    }

    @Test func theSameCookieForTwoAccountsLeadsEachToItsOwn() {
        var table = CookieRegistry()
        table.record(promise("a@b.example", 7), cookie: Self.cookie, now: 0)
        table.record(promise("c@d.example", 8), cookie: Self.cookie, now: 0)
        #expect(claim(&table, "a@b.example") == (7, nil))
        #expect(claim(&table, "c@d.example") == (8, nil))
        #expect(claim(&table, "a@b.example") == (7, "cookie_used_twice"))
        table.record(promise("a@b.example", 9), cookie: Self.cookie, now: 0)
        #expect(claim(&table, "a@b.example") == (9, nil))
    }

    @Test func promisesAreForgottenAfterTheirTime() {
        var table = CookieRegistry()
        table.record(promise("a@b.example", 7), cookie: Self.cookie, now: 0)
        table.record(promise("a@b.example", 8), cookie: Array("later".utf8), now: 10)
        #expect(claim(&table, "a@b.example", now: CookieRegistry.lifetime - 1) == (7, nil))
        #expect(claim(&table, "a@b.example", now: CookieRegistry.lifetime) == (nil, nil))
        #expect(claim(&table, "a@b.example", cookie: Array("later".utf8), now: CookieRegistry.lifetime) == (8, nil))
        #expect(table.count == 1)
    }

    @Test func theTableIsBounded() {
        var table = CookieRegistry()
        for number in 0..<(CookieRegistry.mostGrants + 5_000) {
            table.record(promise(nil), cookie: Array("\(number)".utf8), now: 0)
            guard number % 10_000 == 0 else { continue }
            #expect(table.count <= CookieRegistry.mostGrants)
        }
        #expect(table.count == CookieRegistry.mostGrants)
        #expect(claim(&table, "a@b.example", cookie: Array("0".utf8)) == (nil, nil))
        #expect(claim(&table, "a@b.example", cookie: Array("70000".utf8)) == (1, nil))
    }
}
