// docs/findings.md explains every finding, with its severity, and no other.

import Foundation
import MSNP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct FindingsPageTests {
    private static let parts = ["**What.**", "**Why.**", "**Example.**", "**What to do.**"]

    private static func page() throws -> String {
        try String(contentsOf: Repository.root.appendingPathComponent("docs/findings.md"), encoding: .utf8)
    }

    /// The text under each heading that is a name, by name.
    private static func sections() throws -> [String: String] {
        var sections: [String: String] = [:]
        var name: String?
        for line in try page().components(separatedBy: "\n") {
            if line.hasPrefix("### `"), line.hasSuffix("`") {
                let heading = String(line.dropFirst(5).dropLast())
                let isNew = sections.updateValue("", forKey: heading) == nil
                #expect(isNew, "\(heading) has two headings")
                name = heading
            } else if line.hasPrefix("#") {
                name = nil
            } else if let name {
                sections[name, default: ""] += line + "\n"
            }
        }
        return sections
    }

    @Test func onlyFindingsHaveAHeading() throws {
        let headings = try Set(Self.sections().keys)
        let names = Set(FindingName.allCases.map(\.rawValue))
        #expect(headings == names)
    }

    @Test(arguments: FindingName.allCases)
    func isExplained(_ name: FindingName) throws {
        let sections = try Self.sections()
        let section = try #require(sections[name.rawValue])
        var rest = section
        for part in Self.parts {
            let pieces = rest.components(separatedBy: part)
            #expect(pieces.count == 2, "\(part) is there once, behind the parts before it")
            rest = pieces.last ?? ""
            let text = rest.trimmingCharacters(in: .whitespacesAndNewlines)
            let isMissing = text.isEmpty || text.hasPrefix("**")
            #expect(!isMissing, "\(part) has no text")
        }
        // The example has the finding as the text format prints it.
        let printed = "! \(name.severity.rawValue) \(name.rawValue): "
        #expect(section.contains(printed))
    }

    @Test(arguments: FindingName.allCases)
    func isInTheOverview(_ name: FindingName) throws {
        let start = "| `\(name.rawValue)` | \(name.severity.rawValue) | "
        let lines = try Self.page().components(separatedBy: "\n")
        let rows = lines.filter { $0.hasPrefix(start) }
        #expect(rows.count == 1)
        let row = rows.first ?? ""
        #expect(row.contains("](#\(name.rawValue))"))
    }

    /// Links inside the page lead to a heading.
    @Test func linksLeadToHeadings() throws {
        let names = Set(FindingName.allCases.map(\.rawValue))
        let page = try Self.page()
        for link in page.matches(of: /\]\(#([^)]*)\)/) {
            let target = String(link.output.1)
            #expect(names.contains(target), "#\(target)")
        }
    }
}
