// Formats the sums of `stats`, as text or as one JSON object.

import Archive
internal import Events
internal import Output

/// Writes the sums over an archive.
enum StatisticsFormat {
    /// Names in one list of the text; the rarest are only counted.
    private static let mostNames = 12

    /// Findings in the text; the program has fewer names.
    private static let mostFindings = 100

    /// Lines of a heading and its numbers.
    ///
    /// - Parameter width: the number of columns at which lines are cut; nil to keep them whole.
    static func text(_ sums: ArchiveStatistics, width: Int?) -> [UInt8] {
        var bytes: [UInt8] = []
        var table = TextTable([.left, .left], width: width)
        func line(_ heading: String, _ parts: [String?]) {
            table.append([heading, parts.compactMap(\.self).joined(separator: ", ")], to: &bytes)
        }
        line("recordings", [inWords(sums.recordings)])
        line(
            "time",
            [sums.first.flatMap { first in sums.last.map { "\(ListTime(zone: .utc).span(first, $0)) UTC" } } ?? "–"])
        if sums.files > 0 { line("files", [sums.files.grouped("capture"), sums.fileBytes.grouped("byte")]) }
        line("sign-ins", [inWords(sums.dialects)])
        if !sums.programs.isEmpty { line("clients", [inWords(sums.programs)]) }
        line("connections", [inWords(sums.roles)])
        line(
            "content",
            [
                sums.commands.grouped("command"), sums.bytes.grouped("byte"),
                sums.missingBytes > 0 ? "\(sums.missingBytes.grouped) missing" : nil,
            ])
        line(
            "talks",
            [
                sums.messages.grouped("message"), sums.conversations.grouped("switchboard"),
                sums.transfers.map { $0.grouped("transfer") }, sums.accounts.grouped("account"),
            ])
        line("findings", [ArchiveStatistics.sum(sums.findings).grouped])
        let digits = sums.findings.first?.count.grouped.count ?? 0
        for finding in sums.findings.prefix(mostFindings) {
            let count = finding.count.grouped
            line("", [String(repeating: " ", count: max(0, digits - count.count)) + count + " " + (finding.name ?? "")])
        }
        line("archive", [sums.archiveBytes.grouped("byte")])
        table.finish(&bytes)
        return bytes
    }

    /// `306: MSNP12 200, MSNP8 106`.
    private static func inWords(_ counts: [ArchiveStatistics.Count]) -> String {
        let total = ArchiveStatistics.sum(counts)
        guard total > 0 else { return "0" }
        let rest = ArchiveStatistics.sum(Array(counts.dropFirst(mostNames)))
        let named = counts.prefix(mostNames).map { "\($0.name ?? "unknown") \($0.count.grouped)" }
        return "\(total.grouped): " + (named + (rest > 0 ? ["others \(rest.grouped)"] : [])).joined(separator: ", ")
    }

    /// One JSON object, with a line end.
    static func json(_ sums: ArchiveStatistics) -> [UInt8] {
        var object = JSONObject()
        object.add("event", "stats")
        object.add("recordings", ArchiveStatistics.sum(sums.recordings))
        object.add("recordings_by_kind", list(sums.recordings, "kind"))
        object.add("time_first", sums.first?.rfc3339)
        object.add("time_last", sums.last?.rfc3339)
        object.add("files", sums.files)
        object.add("file_bytes", sums.fileBytes)
        object.add("sign_ins", ArchiveStatistics.sum(sums.dialects))
        object.add("sign_ins_by_dialect", list(sums.dialects, "dialect"))
        object.add("sign_ins_by_client", list(sums.programs, "client_program"))
        object.add("connections", ArchiveStatistics.sum(sums.roles))
        object.add("connections_by_role", list(sums.roles, "role"))
        object.add("frames", sums.commands)
        object.add("bytes", sums.bytes)
        object.add("missing_bytes", sums.missingBytes)
        object.add("conversations", sums.conversations)
        object.add("messages", sums.messages)
        object.add("accounts", sums.accounts)
        object.add("transfers", sums.transfers)
        object.add("findings", ArchiveStatistics.sum(sums.findings))
        object.add("findings_by_name", list(sums.findings, "name"))
        object.add("archive_bytes", sums.archiveBytes)
        return object.bytes + [0x0A]
    }

    private static func list(_ counts: [ArchiveStatistics.Count], _ key: StaticString) -> [JSONObject] {
        counts.map { count in
            var object = JSONObject()
            object.add(key, count.name)
            object.add("count", count.count)
            return object
        }
    }
}
