// What happens at the edge of a rule of the analysis: one digit or one request further it would be otherwise.

import Events
import MSNP
import Testing

@testable import Analysis

@Suite struct EdgeTests {
    private func verdict(_ answer: [UInt8], to challenge: String, _ dialect: UInt8) -> Annotation.Verdict {
        Challenge.check(
            challenge: challenge.utf8, product: "PROD0090YUAUV{2B".utf8, answer: answer, dialect: Dialect(dialect))
    }

    @Test func bothWaysToFillAChallengeAreRight() {
        let product = Array("PROD0090YUAUV{2B".utf8)
        let key = Array("YMM8C_H7KCQ2S_KL".utf8)
        for challenge in ["155704500118632", "1557045001186321"] {
            for padsFull in [true, false] {
                let answer = Challenge.answerOfMSNP11(
                    Array(challenge.utf8), product: product, key: key, padsFull: padsFull)
                for dialect: UInt8 in [10, 11, 12, 15] { #expect(verdict(answer, to: challenge, dialect) == .right) }
                #expect(verdict(answer, to: challenge, 9) == .wrong)
            }
        }
        #expect(verdict(Array(repeating: 0x30, count: 32), to: "1557045001186321", 11) == .wrong)
    }

    @Test func ofTwoPromisesTheOneThatIsLeftIsTaken() {
        func promise(_ port: UInt16) -> CookieGrant {
            CookieGrant(
                address: HostPort("10.0.0.6", port), account: "a@b.example", clientHost: "10.1.1.1", dialect: nil,
                signIn: nil)
        }
        func claim(_ table: inout CookieRegistry) -> (UInt16?, String?) {
            switch table.claim(cookie: [1, 2], account: "a@b.example", clientHost: "10.1.1.1", now: 1) {
            case .known(let promise, let finding): (promise.address.port, finding?.name.text)
            case .unknown: (nil, nil)
            }
        }
        var table = CookieRegistry()
        table.record(promise(7), cookie: [1, 2], now: 0)
        table.record(promise(8), cookie: [1, 2], now: 0)
        #expect(claim(&table) == (8, nil))
        #expect(claim(&table) == (7, nil))
        var again = CookieRegistry()
        for _ in 0..<3 { again.record(promise(7), cookie: [1, 2], now: 0) }
        #expect(claim(&again) == (7, nil))
        #expect(claim(&again) == (7, "cookie_used_twice"))
    }
}
