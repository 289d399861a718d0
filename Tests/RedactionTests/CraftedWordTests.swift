// Random words, numbers and addresses in every place that the tables know: none is in a copy.

import EventSamples
import Events
import Foundation
import MSNP
import Testing

@testable import Redaction

@Suite(.serialized) struct CraftedWordTests {
    /// All words in all places take minutes: so many of them are tried in each place, others in the next.
    private static let environment = ProcessInfo.processInfo.environment
    private static let wordsOfAPlace = environment["BUTTERFLYNET_CRAFTED_WORDS"].flatMap(Int.init) ?? 3
    private static let seed = environment["BUTTERFLYNET_CRAFTED_SEED"].flatMap(UInt64.init) ?? 2_009

    private static let crafted = CraftedWords(seed: seed)
    private static let index = Search.Index(needles(crafted.all))

    /// The first eight and twelve letters count as the word: more do not fit into numbers.
    private static func needles(_ words: [String]) -> [String] {
        Array(
            Set(words + words.map { String(decoding: $0.utf8.prefix(8), as: UTF8.self) }.filter { $0.utf8.count >= 7 }))
    }

    private func copy(of said: CraftedPlaces.CraftedCommand) throws -> (bytes: [UInt8], report: RedactionReport) {
        let frame = try #require(Frame(said.bytes))
        let event = Event(
            time: Timestamp(nanoseconds: 0), connection: 1, role: said.role, dialect: said.dialect,
            kind: .frame(frame, from: said.side))
        let copy = RedactedCopy(of: [event])
        guard case .frame(let result, _) = copy.events.first?.kind else { return ([], copy.report) }
        #expect(result.bytes.count == frame.bytes.count)
        return (Array(result.bytes), copy.report)
    }

    @Test func thereAreThreeHundredOfThem() {
        let all = Self.crafted.all
        #expect(all.count == 300 && Set(all).count > 290)
        #expect(CraftedPlaces.all.count > 1_500, "\(CraftedPlaces.all.count) places")
    }

    @Test func noneIsInACopy() throws {
        let all = Self.crafted.all
        var next = 0
        var refused = 0
        var made = 0
        for (number, place) in CraftedPlaces.all.enumerated() {
            for _ in 0..<min(Self.wordsOfAPlace, all.count) {
                let word = all[next % all.count]
                // Not in step with the number of words, so that each word comes to many places.
                next += 7
                for shown in [word, SecretCorpus.percent(word)] {
                    let said = place(shown)
                    let (bytes, report) = try copy(of: said)
                    made += 1
                    refused += report.refusals.isEmpty ? 0 : 1
                    let left = Search.found(Self.index, in: bytes)
                    #expect(
                        left.isEmpty,
                        "place \(number), \(word): \(left) in \(String(decoding: bytes, as: UTF8.self)) of \(String(decoding: said.bytes, as: UTF8.self))"
                    )
                    if shown == word, SecretCorpus.percent(word) == word { break }
                }
            }
        }
        // Most are copied, not refused.
        #expect(refused * 10 < made, "\(refused) of \(made) refused")
    }

    /// The test can fail: a copy with one word put back is caught, in each of the forms.
    @Test func oneWordPutBackIsFound() throws {
        let (bytes, _) = try copy(
            of: CraftedPlaces.CraftedCommand(bytes: Array("JOI a@b.c x\r\n".utf8), role: .switchboard))
        #expect(Search.found(Self.index, in: bytes).isEmpty)
        for word in Self.crafted.all {
            for form in Search.forms(of: word) where form.count >= 4 {
                #expect(Search.found(Self.index, in: bytes + form).contains(word), "\(word)")
            }
        }
        // And the commands of the places contain the words.
        var found = 0
        for place in CraftedPlaces.all {
            let word = Self.crafted.words[1]
            found += Search.found(Self.index, in: place(word).bytes).isEmpty ? 0 : 1
        }
        #expect(found * 100 > CraftedPlaces.all.count * 95, "\(found) of \(CraftedPlaces.all.count)")
    }
}
