// The questions in SQL of docs/archive.md get answers.

import Foundation
import GRDB
import TestSupport
import Testing

@testable import Archive

@Suite struct DocumentedQueriesTests {
    @Test func everyQueryRuns() throws {
        let text = try String(
            contentsOf: Repository.root.appending(path: "docs/archive.md"), encoding: .utf8)
        let block = try #require(text.firstMatch(of: /```sql\n([\s\S]*?)```/))
        let queries = block.output.1.split(separator: ";").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
        #expect(queries.count >= 7)
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([Repository.capture("demo.pcap"), Repository.capture("transfers.pcap")])
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            for query in queries {
                // A function of the sqlite3 shell; the column is read without it.
                let plain = query.replacing("sqlar_uncompress(server_bytes, server_length)", with: "server_bytes")
                let rows = try Row.fetchAll(db, sql: plain)
                // Nobody in these captures speaks of a holiday, and there is no connection 12.
                #expect(!rows.isEmpty || query.contains("holiday") || query.contains("= 12"), "\(query)")
            }
        }
    }
}
