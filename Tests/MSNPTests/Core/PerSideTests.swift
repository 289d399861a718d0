// Values of which each end of a connection has one.

import MSNP
import Testing

@Suite struct PerSideTests {
    @Test func eachEndHasItsOwn() {
        var words = PerSide(client: ["a"], server: ["b"])
        for side in Side.allCases { words[side].append("\(side)") }
        #expect(words == PerSide(client: ["a", "client"], server: ["b", "server"]))
        words[.server] = []
        #expect(words.client == ["a", "client"] && words[.server].isEmpty)
        #expect(PerSide(both: 7)[.client] == 7 && PerSide(both: 7)[.server] == 7)
    }
}
