// Answers to challenges, and digests of passwords.

import Events
import MSNP
import Testing

@testable import Analysis

@Suite struct ChallengeTests {
    /// auth.md section 5.
    @Test(arguments: [
        ("15570131571988941333", "PROD0090YUAUV{2B", "YMM8C_H7KCQ2S_KL", "d8d8cb2c2043a603d8286a3343143ee1"),
        ("13038318816579321232", "PROD0038W!61ZTF9", "VT6PX?UQTM4WM%YR", "8ea161ab1346e670716081a975886046"),
    ]) func newAnswers(_ challenge: String, _ product: String, _ key: String, _ answer: String) {
        let right = Challenge.answerOfMSNP11(
            Array(challenge.utf8), product: Array(product.utf8), key: Array(key.utf8), padsFull: true)
        #expect(String(decoding: right, as: UTF8.self) == answer)
        for dialect in [Dialect(11), Dialect(21), nil] {
            let verdict = Challenge.check(
                challenge: challenge.utf8, product: product.utf8, answer: answer.utf8, dialect: dialect)
            #expect(verdict == .right)
        }
        let old = Challenge.check(
            challenge: challenge.utf8, product: product.utf8, answer: answer.utf8, dialect: Dialect(8))
        #expect(old == .wrong)
    }

    @Test func productsWithoutAPublicKeyAreNotJudged() {
        let verdict = Challenge.check(
            challenge: "1".utf8, product: "PROD0000".utf8, answer: "x".utf8, dialect: Dialect(8))
        #expect(verdict == .unknown)
    }

    @Test(arguments: ["", "1", "1234567", "12345678", String(repeating: "9", count: 10_000)])
    func hostileChallenges(_ challenge: String) {
        for padsFull in [true, false] {
            let answer = Challenge.answerOfMSNP11(
                Array(challenge.utf8), product: [], key: [], padsFull: padsFull)
            #expect(answer.count == 32)
        }
    }

    @Test func digestOfPasswords() {
        let digest = Challenge.digest(salt: "1056561624.17795".utf8, password: "abcdefg1234567")
        #expect(String(decoding: digest, as: UTF8.self) == "483eee01d6a1de1b668cac9a0ac75d91")
    }
}
