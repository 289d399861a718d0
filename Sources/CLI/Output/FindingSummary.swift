// Counts findings by name, for the end of `decode --findings`.

internal import Analysis
internal import Events
import MSNP

/// How often each finding occurred.
struct FindingSummary {
    private var counts: [Finding.Name: Int] = [:]

    private var gaps = 0
    private var missingBytes: UInt64 = 0

    mutating func count(_ finding: Finding) { counts[finding.name, default: 0] += 1 }

    /// Counts missing bytes, which are no finding.
    mutating func countGap(of bytes: UInt64) {
        gaps += 1
        missingBytes &+= bytes
    }

    /// Adds the counts of another summary.
    mutating func add(_ other: FindingSummary) {
        counts.merge(other.counts, uniquingKeysWith: +)
        gaps += other.gaps
        missingBytes &+= other.missingBytes
    }

    /// A table with a line for each name: errors first, then by number. `no findings` if there are none.
    var lines: [String] {
        let missing = "\(gaps.counting("gap")) in the captured data (\(missingBytes.counting("byte")) missing)"
        guard !counts.isEmpty else { return [gaps > 0 ? "no findings; \(missing)" : "no findings"] }
        let rows = counts.map { (severity: Self.severity(of: $0.key), name: $0.key.text, count: $0.value) }
            .sorted { ($1.severity, $1.count, $0.name) < ($0.severity, $0.count, $1.name) }
        let total = rows.reduce(0) { $0 + $1.count }
        let width = String(rows.map(\.count).max() ?? 0).count
        return ["\(total.counting("finding")) (docs/findings.md explains each name):"]
            + rows.map { row in
                let number = String(row.count)
                let severity = row.severity.rawValue
                return "  \(String(repeating: " ", count: width - number.count))\(number)  \(severity)"
                    + "\(String(repeating: " ", count: 9 - severity.count))\(row.name)"
            } + (gaps > 0 ? ["and \(missing)"] : [])
    }

    private static func severity(of name: Finding.Name) -> FindingSeverity {
        if case .known(let name) = name { name.severity } else { .warning }
    }
}
