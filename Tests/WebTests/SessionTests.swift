// Sessions, the brake on guesses, tickets and cursors: values with a clock as parameter.

import Testing

@testable import Web

@Suite struct SessionTests {
    private func counter() -> () -> String {
        var number = 0
        return {
            number += 1
            return "\(number)"
        }
    }

    private func find(
        _ sessions: inout Sessions, cookies: [String], keys: [String], at now: Double
    ) -> Sessions.ID? { sessions.find(cookies: cookies, keys: keys, at: now) }

    @Test func bothHalvesAreNeeded() throws {
        var sessions = Sessions()
        let session = sessions.begin(at: 0)
        let other = sessions.begin(at: 0)
        #expect(session.cookie != session.key && session.cookie != other.cookie && session.cookie.count == 43)
        #expect(find(&sessions, cookies: [session.cookie], keys: [session.key], at: 1) != nil)
        #expect(find(&sessions, cookies: [session.cookie], keys: [], at: 1) == nil)
        #expect(find(&sessions, cookies: [], keys: [session.key], at: 1) == nil)
        #expect(find(&sessions, cookies: [session.cookie], keys: [other.key], at: 1) == nil)
        #expect(find(&sessions, cookies: [session.key], keys: [session.cookie], at: 1) == nil)
        #expect(find(&sessions, cookies: [session.cookie, other.cookie], keys: [session.key], at: 1) == nil)
        #expect(find(&sessions, cookies: [session.cookie], keys: [session.key, session.key], at: 1) == nil)
    }

    @Test func aSessionEndsAfterADayWithoutUse() throws {
        var sessions = Sessions()
        let session = sessions.begin(at: 0)
        #expect(find(&sessions, cookies: [session.cookie], keys: [session.key], at: Sessions.lifetime - 1) != nil)
        #expect(find(&sessions, cookies: [session.cookie], keys: [session.key], at: 2 * Sessions.lifetime - 2) != nil)
        #expect(find(&sessions, cookies: [session.cookie], keys: [session.key], at: 4 * Sessions.lifetime) == nil)
    }

    @Test func theLeastUsedSessionMakesRoom() throws {
        var sessions = Sessions()
        let random = counter()
        let all = (0..<Sessions.most).map { sessions.begin(at: Double($0), random: random) }
        #expect(find(&sessions, cookies: [all[0].cookie], keys: [all[0].key], at: 100) != nil)
        _ = sessions.begin(at: 101, random: random)
        #expect(sessions.open.count == Sessions.most)
        #expect(find(&sessions, cookies: [all[0].cookie], keys: [all[0].key], at: 102) != nil)
        #expect(find(&sessions, cookies: [all[1].cookie], keys: [all[1].key], at: 102) == nil)
    }

    @Test func streamsAreBounded() {
        var sessions = Sessions()
        let first = (0...Sessions.mostStreams).map { _ in sessions.openStream(1) }
        #expect(first == [true, true, true, true, false])
        let other = sessions.openStream(2)
        sessions.closeStream(1)
        let again = [sessions.openStream(1), sessions.openStream(1)]
        #expect(other && again == [true, false])
        var all = Sessions()
        var opened = 0
        for id in 1...100 where all.openStream(id) { opened += 1 }
        #expect(opened == Sessions.mostStreamsInAll)
    }

    /// A thousand guesses, sixteen a second.
    @Test func guessesAreSlowedDown() {
        var throttle = Throttle()
        var answered = 0
        for index in 0..<1_000 where throttle.isOpen(at: Double(index) * 0.06) {
            answered += 1
            throttle.fail(at: Double(index) * 0.06)
        }
        #expect(answered <= 8)
        #expect(throttle.isOpen(at: 120))
        throttle.succeed()
        #expect(throttle.isOpen(at: 60))
    }

    @Test func aTicketIsGoodOnceForAMinute() {
        var tickets = Tickets()
        let order = DownloadOrder(id: nil, format: .text)
        let first = tickets.issue(order, for: 1, at: 0)
        #expect(tickets.take(first, of: 2, at: 1) == nil)
        #expect(tickets.take(first, of: 1, at: 1) == order)
        #expect(tickets.take(first, of: 1, at: 1) == nil)
        let late = tickets.issue(order, for: 1, at: 0)
        #expect(tickets.take(late, of: 1, at: Tickets.lifetime + 1) == nil)
        let all = (0...Tickets.most).map { tickets.issue(order, for: 1, at: Double($0) / 1_000) }
        #expect(tickets.take(all[0], of: 1, at: 1) == nil && tickets.take(all[1], of: 1, at: 1) == order)
    }

    @Test func tokensAreComparedWhole() {
        #expect(Token.areEqual("abc", "abc") && !Token.areEqual("abc", "abd") && !Token.areEqual("abc", "ab"))
        #expect(!Token.areEqual("", "a") && Token.areEqual("", ""))
        #expect(Token.randomText() != Token.randomText() && Token.randomText().utf8.count == 43)
    }
}

@Suite struct CursorTests {
    @Test(arguments: [[Int64.min, 0, 1], [1_795_225_290_564_928_000, 14, 12], [.max, .max, .max], [-1, -2, -3]])
    func aCursorIsReadBack(_ numbers: [Int64]) throws {
        var writer = CursorWriter(kind: .event)
        for number in numbers { writer.add(number) }
        #expect(writer.text.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") })
        var reader = try #require(CursorReader(writer.text, kind: .event))
        for number in numbers { #expect(reader.next() == number) }
        #expect(reader.isAtEnd && reader.next() == nil)
        #expect(CursorReader(writer.text, kind: .session) == nil)
    }

    @Test func everyFlippedBitIsNoticed() throws {
        var writer = CursorWriter(kind: .event)
        for number in [1_795_225_290_564_928_000, 14, 12] as [Int64] { writer.add(number) }
        let bytes = try #require(Base64URL.bytes(writer.text))
        for bit in 0..<(8 * bytes.count) {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(CursorReader(Base64URL.text(changed), kind: .event) == nil)
        }
        for text in [
            "", "A", writer.text + "A", String(writer.text.dropLast()), "\u{1F98B}", writer.text + "=", "1' OR 1",
        ] {
            #expect(CursorReader(text, kind: .event) == nil)
        }
    }
}
