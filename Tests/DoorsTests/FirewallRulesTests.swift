// The firewall rules of the documentation are those that the program prints.

import Doors
import Foundation
import TestSupport
import Testing

@Suite struct FirewallRulesTests {
    @Test func theDocumentationHasThem() throws {
        let text = try String(contentsOf: Repository.root.appending(path: "docs/doors.md"), encoding: .utf8)
        for rules in FirewallRules.all(FirewallRules.Names(relayPort: 1863)) {
            let block = rules.commands.map { "    \($0)\n" }.joined()
            #expect(text.contains("\n\n\(block)\n"), "docs/doors.md lacks:\n\(block)")
        }
        #expect(text.contains("`\(FirewallRules.removal)`"))
    }
}
