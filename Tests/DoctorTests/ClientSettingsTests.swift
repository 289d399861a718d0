// The one table of clients: in the documentation, with this machine's values, and with hints on ports.

import Foundation
import MSNP
import TestSupport
import Testing

@testable import Doctor

@Suite struct ClientSettingsTests {
    /// docs/doors.md shows the program's own table, for its example.
    @Test func theDocumentationHasThisTable() throws {
        let page = Repository.root.appendingPathComponent("docs/doors.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map(String.init)
        let table = ClientSettings.table(HostPort("192.168.1.20", 1863))
        let start = try #require(lines.firstIndex(of: table[0]), "docs/doors.md has no table with the head \(table[0])")
        let shown = lines[start...].prefix { $0.hasPrefix("|") }
        #expect(Array(shown) == table, "replace the table by:\n\(table.joined(separator: "\n"))")
    }

    @Test func everyClientHasEveryWayWithTheValuesOfThisMachine() {
        let relay = HostPort("198.51.100.7", 1870)
        for client in ClientSettings.all {
            for way in ClientWay.allCases {
                let text = client[way]?.text(relay) ?? ""
                #expect(!text.isEmpty && !text.contains("{") && !text.contains("`"), "\(client.name): \(text)")
            }
            // Somewhere each client is told where the relay is.
            #expect(ClientWay.allCases.contains { client[$0]?.text(relay).contains("198.51.100.7") == true })
        }
    }

    @Test func clientsWithAFixedPortSayWhichListenerTheyNeed() throws {
        let client = try #require(ClientSettings.all.first { $0.name.hasPrefix("MSN Messenger 5") })
        let setting = try #require(client[.server])
        #expect(!setting.text(HostPort("10.0.0.1", 1863)).contains("--listen"))
        #expect(setting.text(HostPort("10.0.0.1", 1870)).hasSuffix("add --listen 10.0.0.1:1863)"))
    }
}
