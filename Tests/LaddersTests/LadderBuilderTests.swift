// Which columns and rows a ladder has.

import Events
import Ladders
import MSNP
import Testing

@Suite struct LadderBuilderTests {
    @Test func columnsAreClientsThenTheRelayThenServersInOrderOfOpening() throws {
        var sample = LadderSample()
        sample.open(1, .dispatch, signIn: SignIn(number: 1, account: "alice@example.com"))
        try sample.client("VER 1 MSNP8", on: 1, .dispatch)
        sample.open(2, .notification, client: "10.0.0.2:1050")
        try sample.client("VER 1 MSNP8", on: 2)
        #expect(sample.ladder.parties.map(\.label) == ["alice@example.com", "10.0.0.2", "DS c1", "NS c2"])
        #expect(sample.ladder.arrows.filter { $0.contains("VER") } == ["0>2 VER 1 MSNP8", "1>3 VER 1 MSNP8"])

        var options = LadderOptions()
        options.hasRelay = true
        var relayed = LadderSample(options)
        relayed.open(1)
        try relayed.server("OUT", on: 1)
        #expect(relayed.ladder.parties.map(\.label) == ["10.0.0.1", "relay", "NS c1"])
        #expect(relayed.ladder.arrows.last == "2>0 OUT")
    }

    @Test func connectionsOfOneSignInHaveOneClient() throws {
        let alice = SignIn(number: 4, account: nil)
        var sample = LadderSample()
        sample.open(1, client: "10.0.0.1:1050", signIn: alice)
        sample.open(2, client: "10.0.0.1:1051", signIn: SignIn(number: 4, account: "alice@example.com"))
        #expect(sample.ladder.parties.map(\.label) == ["alice@example.com", "NS c1", "NS c2"])
    }

    @Test func moreConnectionsThanColumnsShareTheLastOne() throws {
        var sample = LadderSample()
        for connection in 1...40 {
            sample.open(connection, .switchboard)
            try sample.client("OUT", on: connection, .switchboard)
        }
        let ladder = sample.ladder
        #expect(ladder.parties.count == Ladder.mostParties)
        #expect(ladder.parties.last?.kind == .others)
        #expect(ladder.arrows.first == "0>1 10.0.0.1:1050 → 10.0.0.9:1863")
        #expect(ladder.arrows.last == "0>11 OUT")
    }

    @Test func moreClientsThanColumnsShareOne() {
        var sample = LadderSample()
        for connection in 1...40 { sample.open(connection, client: "10.0.0.\(connection):1050") }
        let ladder = sample.ladder
        #expect(ladder.parties.count == Ladder.mostParties)
        #expect(
            ladder.rows.allSatisfy {
                ladder.parties.indices.contains($0.from) && ladder.parties.indices.contains($0.to)
            })
    }

    @Test func aRedirectLeadsToTheConnectionWithItsCookie() throws {
        var sample = LadderSample()
        sample.open(1)
        try sample.server("XFR 4 SB 10.0.0.7:1863 CKI 17.one", on: 1)
        try sample.server("RNG 11 10.0.0.7:1863 CKI 17.two bob@example.com Bob", on: 1)
        sample.open(2, .switchboard, server: "10.0.0.7:1863")
        try sample.client("ANS 1 alice@example.com 17.two 11", on: 2, .switchboard)
        sample.open(3, .switchboard, server: "10.0.0.7:1863")
        try sample.client("USR 1 alice@example.com 17.one", on: 3, .switchboard)
        let rows = sample.ladder.rows
        #expect(rows.compactMap(\.leadsTo) == [3, 2])
        #expect(rows.compactMap(\.cameFrom).map(\.text) == ["c1.3", "c1.2"])
    }

    @Test func aRedirectWithoutCookieLeadsToItsAddressOrItsSignIn() throws {
        let alice = SignIn(number: 1, account: "alice@example.com")
        var sample = LadderSample()
        sample.open(1, .dispatch)
        try sample.server("XFR 3 NS 10.0.0.8:1863 0", on: 1, .dispatch)
        sample.open(2, server: "10.0.0.5:1863")
        try sample.client("VER 1 MSNP8", on: 2)
        sample.open(3, server: "10.0.0.8:1863")
        try sample.client("VER 4 MSNP8", on: 3)
        #expect(sample.ladder.rows.compactMap(\.leadsTo) == [3])

        var named = LadderSample()
        named.open(1, .dispatch, signIn: alice)
        try named.server("XFR 3 NS messenger.example.org:1863 0", on: 1, .dispatch, signIn: alice)
        named.open(2, server: "10.0.0.8:1863", signIn: alice)
        try named.client("VER 4 MSNP8", on: 2, signIn: alice)
        #expect(named.ladder.rows.compactMap(\.leadsTo) == [2])
    }

    @Test func whatTheRelayChangedStandsAtItsRedirect() throws {
        var sample = LadderSample()
        sample.open(1, .dispatch)
        try sample.server("XFR 3 NS 10.0.0.8:1863 0", on: 1, .dispatch)
        let original = try #require(Frame(Array("XFR 3 NS 10.0.0.8:1863 0\r\n".utf8)))
        let sent = try #require(Frame(Array("XFR 3 NS 127.0.0.1:1864 0\r\n".utf8)))
        sample.take(
            .rewritten(Rewriting(original: original, sent: sent, from: "10.0.0.8:1863", to: "127.0.0.1:1864")), on: 1,
            .dispatch)
        #expect(sample.ladder.rows.map(\.sent) == [nil, "127.0.0.1:1864"])
        #expect(sample.ladder.parties.map(\.label) == ["10.0.0.1", "relay", "DS c1"])
    }

    @Test func frequentCommandsAreFoldedUnlessAskedFor() throws {
        func ladder(_ unfolded: Set<FoldGroup>) throws -> Ladder {
            var options = LadderOptions()
            options.unfolded = unfolded
            var sample = LadderSample(options)
            sample.open(1)
            for name in ["anna", "ben", "carl"] { try sample.server("LST \(name)@example.com \(name) 3", on: 1) }
            try sample.server("ILN 5 NLN anna@example.com anna", on: 1)
            try sample.client("CHG 6 NLN", on: 1)
            try sample.client("PNG", on: 1)
            return sample.ladder
        }
        let folded = try ladder([])
        #expect(folded.rows.map(\.kind) == [.opened, .folded(4), .command, .folded(1)])
        #expect(folded.rows.map(\.label)[1...] == ["LST, ILN", "CHG 6 NLN", "PNG"])
        #expect(
            try ladder([.lists]).rows.map(\.kind) == [
                .opened, .command, .command, .command, .folded(1), .command, .folded(1),
            ])
        #expect(try ladder(Set(FoldGroup.allCases)).rows.count == 7)
    }

    @Test func aMessageIsShownByItsText() throws {
        var sample = LadderSample()
        sample.open(1, .switchboard)
        try sample.message("text/x-msmsgscontrol", "\r\n", on: 1)
        try sample.message("text/plain; charset=UTF-8", "hello\r\nBen", on: 1)
        #expect(sample.ladder.rows.map(\.kind) == [.opened, .folded(1), .text])
        #expect(sample.ladder.rows.last?.label == "hello\r\nBen")
        #expect(sample.ladder.asText.contains(" “hello Ben” "))
    }

    @Test func silenceGapsNoiseAndFindingsHaveTheirPlace() throws {
        var sample = LadderSample()
        sample.open(1)
        sample.wait(190_000_000_000)
        sample.take(.gap(bytes: 85, offset: 4, from: .server), on: 1)
        sample.take(.noise(Noise(bytes: [0, 1, 2], reason: .unsynchronised, offset: 89), from: .server), on: 1)
        sample.take(.finding(Finding(.cookieUsedTwice, "again")), on: 1)
        sample.close(1)
        let ladder = sample.ladder
        #expect(ladder.rows.map(\.kind) == [.opened, .silence(190_001_000_000), .gap(85), .bytes(3), .closed])
        #expect(ladder.rows[3].findings == ["cookie_used_twice"])
        #expect(ladder.asText.contains("⋮ 3 min 10 s of silence"))
        #expect(ladder.asText.contains(" 85 bytes are missing "))
        #expect(ladder.asText.contains("┴ closed by the client"))
        #expect(ladder.asText.contains("▲ cookie_used_twice"))
    }

    @Test func rowsHaveALimitThatIsStated() throws {
        var options = LadderOptions()
        options.mostRows = 3
        var sample = LadderSample(options)
        sample.open(1)
        for number in 1...10 { try sample.client("CHG \(number) NLN", on: 1) }
        #expect(sample.ladder.rows.count == 3)
        #expect(sample.ladder.omittedRows == 8)
        for text in [sample.ladder.asText, sample.ladder.asSVG, sample.ladder.asMermaid] {
            #expect(text.contains("8 more rows are left out"))
        }
    }

    @Test func secretsAreMasked() throws {
        var sample = LadderSample()
        sample.open(1, .switchboard)
        try sample.client("USR 1 alice@example.com 17262740.1050826919.32308", on: 1, .switchboard)
        #expect(sample.ladder.rows.last?.label.contains("‹secret:") == true)
        for text in [sample.ladder.asText, sample.ladder.asSVG, sample.ladder.asMermaid] {
            #expect(!text.contains("1050826919"))
        }
    }
}
