// Writes a ladder as a Mermaid sequence diagram, which many wikis and code hosts draw.

package import Events
internal import Output

/// Writes ladders in the language of Mermaid.
package struct LadderMermaid: Sendable {
    private let zone: TimeZoneRules
    /// Mermaid wraps no lines, so labels are short.
    private static let longestLabel = 80

    /// - Parameter zone: the zone of the times.
    package init(zone: TimeZoneRules = .utc) { self.zone = zone }

    /// Appends the whole diagram.
    package func append(_ ladder: Ladder, to bytes: inout [UInt8]) {
        func line(_ text: String) {
            bytes += "    \(text)\n".utf8
        }
        bytes += "sequenceDiagram\n".utf8
        for (index, party) in ladder.parties.enumerated() {
            line("participant p\(index) as \(Self.escaped(party.label))")
        }
        for row in ladder.rows {
            let caption = Self.escaped(row.caption(most: Self.longestLabel))
            switch row.kind {
            case .silence: line("Note over p\(row.from): \(caption)")
            case .closed: line("Note over p\(row.from): \(row.time.millisecondClock(in: zone)) \(caption)")
            case .finding: break
            case .folded, .gap, .bytes: line("p\(row.from)--)p\(row.to): \(caption)")
            case .opened: line("p\(row.from)-)p\(row.to): \(row.time.millisecondClock(in: zone)) \(caption)")
            case .command, .text: line("p\(row.from)->>p\(row.to): \(caption)")
            }
            if !row.notes.isEmpty {
                line("Note right of p\(max(row.from, row.to)): \(Self.escaped(row.notes.joined(separator: ", ")))")
            }
        }
        if let omission = ladder.omission, !ladder.parties.isEmpty { line("Note over p0: \(omission)") }
    }

    /// The text without characters that have a meaning in Mermaid, which takes `#35;` for the character 35.
    static func escaped(_ text: String) -> String {
        var visible: [UInt8] = []
        visible.append(visible: text.replacing("\t", with: " "))
        var result = ""
        for scalar in String(decoding: visible, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "#", ";", "<", ">", "%", "\"", "&", "`", "{", "}", "\\": result += "#\(scalar.value);"
            default: result.unicodeScalars.append(scalar)
            }
        }
        // The word "end" closes a block wherever it stands.
        return result.split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.lowercased() == "end" ? "#\(Array($0.utf8)[0]);\($0.dropFirst())" : String($0) }
            .joined(separator: " ")
    }
}
