// Suggestions for mistyped names.

import Query
import Testing

@Suite struct SuggestionTests {
    private static let names = ["relay", "decode", "transcript", "show", "search"]

    @Test(arguments: [
        ("realy", "relay"), ("RELAY", "relay"), ("decod", "decode"), ("tra", "transcript"),
        ("transcribt", "transcript"),
        ("shwo", "show"), ("serach", "search"),
    ])
    func whatWasProbablyMeant(_ mistyped: String, _ meant: String) {
        #expect(Suggestion.likely(for: mistyped, among: Self.names) == meant)
    }

    @Test(arguments: ["", "x", "tr", "who", "nonsense", "replay the whole day", "transcription of"])
    func whatIsTooFarFromEverything(_ mistyped: String) {
        #expect(Suggestion.likely(for: mistyped, among: Self.names) == nil)
    }

    @Test func withoutNames() {
        #expect(Suggestion.nearest(to: "relay", among: []).isEmpty)
        #expect(Suggestion.likely(for: "relay", among: []) == nil)
    }

    @Test func theNearestIsAlwaysOneOfTheNames() {
        #expect(Suggestion.nearest(to: "xyz", among: ["verb"]) == "verb")
        #expect(Suggestion.nearest(to: String(repeating: "relay", count: 100_000), among: Self.names) != "")
    }
}
