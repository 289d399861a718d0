// An archive is an SQLite file that other programs read, where they are there to be asked.

import Foundation
import TestSupport
import Testing

@Suite struct OtherProgramsTests {
    /// Every table and view, in sqlite-utils, Datasette and DuckDB.
    @Test func otherProgramsReadEveryTableAndView() async throws {
        let python = Repository.root.appending(path: ".build/python/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            print("SKIPPED: OtherProgramsTests: run tools/other-programs-setup")
            return
        }
        let scratch = try Scratch()
        let archive = scratch.path("demo.sqlite")
        let imported = try await Program.run("import", "--archive", archive, Repository.capture("demo.pcap"))
        try #require(imported.code == 0, "\(imported.errors)")
        let tool = Repository.root.appending(path: "tools/other-programs").path
        let (lines, code) = try runProgram([python, tool, archive])
        #expect(code == 0, "\(lines)")
        #expect(lines.split(separator: "\n").count == 3, "\(lines)")
    }
}
