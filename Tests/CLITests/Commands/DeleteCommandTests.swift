// delete as people and scripts run it.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct DeleteCommandTests {
    private static func sessions(_ archived: ExportCommandTests.Archived) async throws -> Int {
        try await archived.run("sessions", "--format", "jsonl").lines.count
    }

    @Test func aScriptSaysYes() async throws {
        let archived = try await ExportCommandTests.Archived("demo.pcap")
        let before = try await Self.sessions(archived)
        let asked = try await archived.run("delete", "s1")
        #expect(asked.code == 2 && asked.errors.contains("no terminal to ask on"))
        let planned = try await archived.run("delete", "--dry-run", "s1")
        #expect(planned.code == 0 && planned.errors.contains("would delete 1 sign-in, "))
        #expect(try await Self.sessions(archived) == before)
        let deleted = try await archived.run("delete", "--yes", "s1")
        #expect(deleted.code == 0 && deleted.errors.contains("deleted 1 sign-in, "), "\(deleted.errors)")
        #expect(try await Self.sessions(archived) == before - 1)
        let again = try await archived.run("delete", "--yes", "s1")
        #expect(again.code == 1 && again.errors.contains("there is no s1 in"))
        #expect(!FileManager.default.fileExists(atPath: archived.archive + "-wal"))
    }

    @Test func everythingBeforeADay() async throws {
        let archived = try await ExportCommandTests.Archived("demo.pcap")
        let none = try await archived.run("delete", "--yes", "--before", "1999-01-01")
        #expect(none.code == 0 && none.errors.contains("nothing to delete"))
        let all = try await archived.run("delete", "--yes", "--before", "2200-01-01")
        #expect(all.code == 0 && all.errors.contains("deleted 1 recording, "), "\(all.errors)")
        #expect(try await archived.run("sessions").errors.contains("nothing to list"))
    }
}
