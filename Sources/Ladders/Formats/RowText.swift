// The texts of a row that all formats of a ladder share.

internal import Events
internal import Output

extension Ladder.Row {
    /// The label of the arrow, on one line; at most this many characters of messages and commands.
    package func caption(most: Int = 240) -> String {
        switch kind {
        case .opened: "open"
        case .command: Self.cut(label, most)
        case .text: "“\(Self.cut(label.replacing("\r\n", with: " ").replacing("\n", with: " "), most))”"
        case .bytes(let count): "\(count) bytes: \(label)"
        case .gap(let count): "\(count) bytes are missing"
        case .folded(let count): "\(count) × \(label)"
        case .finding: ""
        case .silence(let nanoseconds): "\(Self.duration(nanoseconds)) of silence"
        case .closed: label
        }
    }

    /// What stands beside the row: redirects, findings, what the relay changed.
    var notes: [String] {
        var notes: [String] = []
        if let cameFrom { notes.append("from \(cameFrom.text)") }
        if let sent { notes.append("the relay sent \(sent)") }
        if let leadsTo { notes.append("leads to c\(leadsTo)") }
        if case .finding = kind { notes.append("▲ \(label)") }
        notes += findings.map { "▲ \($0)" }
        return notes
    }

    private static func cut(_ text: String, _ most: Int) -> String {
        text.count > most ? "\(text.prefix(most))…" : text
    }

    /// `1.2 s`, `3 min 10 s`, `2 h 5 min`.
    static func duration(_ nanoseconds: Int64) -> String {
        let tenths = nanoseconds / 100_000_000
        let seconds = tenths / 10
        if seconds < 60 { return "\(seconds).\(tenths % 10) s" }
        if seconds < 3_600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
    }
}

extension Ladder {
    /// Whether the line of life of a party is drawn at the time of a row.
    func isAlive(_ party: Int, at row: Row) -> Bool {
        let party = parties[party]
        return party.from.map { $0 <= row.time } ?? true && party.to.map { row.time <= $0 } ?? true
    }

}

extension Timestamp {
    /// The time of day in a zone with milliseconds: `15:28:18.123`.
    func millisecondClock(in zone: TimeZoneRules) -> String {
        String(shifted(to: zone).rfc3339.drop { $0 != "T" }.dropFirst().prefix(12))
    }
}
