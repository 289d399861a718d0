// The places that a search marks are those that the index finds.

import TestSupport
import Testing

@testable import Archive

@Suite struct SearchMatcherTests {
    /// The text with brackets around what matches.
    private static func marked(_ text: String, _ words: String...) -> String {
        var scalars = Array(text.unicodeScalars)
        for place in SearchMatcher(words).places(in: text).reversed() {
            scalars.insert("]", at: place.upperBound)
            scalars.insert("[", at: place.lowerBound)
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    @Test func wordsAndPhrases() {
        #expect(Self.marked("a butterfly, Butterflies", "butter") == "a [butterfly], [Butterflies]")
        #expect(Self.marked("at the cat", "at") == "[at] the cat")
        #expect(Self.marked("we shall meet", "shall meet") == "we [shall meet]")
        #expect(Self.marked("shall we meet", "shall meet") == "shall we meet")
        #expect(Self.marked("shall we meet", "meet", "shall") == "[shall] we [meet]")
        #expect(Self.marked("b bu bun", "bu*") == "b [bu] [bun]")
        #expect(Self.marked("why? :-)", "?", ":-)") == "why[?] [:-)]")
        #expect(Self.marked("word", "other") == "word" && Self.marked("", "word") == "")
    }

    @Test func otherScripts() {
        #expect(Self.marked("at the Café", "cafe") == "at the [Café]")
        #expect(Self.marked("at the cafe\u{301}", "CAFÉ") == "at the [cafe\u{301}]")
        #expect(Self.marked("今天晚上我们去看电影吧", "电影") == "今天晚上我们去看[电影]吧")
        #expect(Self.marked("พรุ่งนี้ไปเที่ยวทะเล", "ทะเล") == "พรุ่งนี้ไปเที่ยว[ทะเล]")
        #expect(Self.marked("I am 7 🦋 today", "🦋", "7") == "I am [7] [🦋] today")
        #expect(Self.marked("Γειά σου Κόσμε", "κοσμε") == "Γειά σου [Κόσμε]")
        #expect(Self.marked("Привет, как дела?", "ПРИВЕТ") == "[Привет], как дела?")
        #expect(Self.marked("مرحبا كيف حالك", "كيف") == "مرحبا [كيف] حالك")
    }

    /// Whatever the index finds has a marked place, and what it does not find has none.
    @Test(arguments: [
        "morning", "MORN", "at", "CAFÉ", "we meet", "电", "ไป", "как", "übung", "straße", "🦋", "नमस्ते", "orning",
    ])
    func asTheIndex(_ word: String) throws {
        let scratch = try Scratch()
        let texts = [
            "Good morning, shall we meet at the café?", "今天晚上我们去看电影吧", "พรุ่งนี้ไปเที่ยวทะเลกันไหม", "Привет, как дела?",
            "Straße und Übung", "I am 7 🦋 today", "नमस्ते दुनिया",
        ]
        let archive = try Archive.importing(sampleCapture(texts), in: scratch)
        let found = try archive.texts(word)
        for text in texts {
            #expect(SearchMatcher([word]).places(in: text).isEmpty == !found.contains(text), "\(text)")
            #expect(SearchMatcher([word]).matches(text) == found.contains(text), "\(text)")
        }
    }

    /// Long texts and long queries end soon, and the number of places is bounded.
    @Test(.timeLimit(.minutes(1))) func largeTexts() {
        let text = String(repeating: "word ", count: 50_000)
        #expect(SearchMatcher(["word"]).places(in: text).count == 1_000)
        #expect(SearchMatcher([String(repeating: "word ", count: 800)]).places(in: text).count <= 1_000)
        #expect(SearchMatcher([":"]).places(in: String(repeating: ":", count: 50_000)) == [0..<1_000])
    }
}
