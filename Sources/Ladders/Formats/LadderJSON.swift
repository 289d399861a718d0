// The JSON objects of a ladder.

internal import Events
internal import MSNP
package import Output

extension JSONObject {
    /// A party of a ladder.
    package init(_ party: Ladder.Party, id: Int) {
        self.init()
        add("id", id)
        add("kind", party.kind.rawValue)
        add("label", party.label)
        add("name", party.name)
        if let role = party.role { add("role", role.rawValue) }
        add("conn", party.connection)
        add("from", party.from?.rfc3339)
        add("to", party.to?.rfc3339)
    }

    /// A row of a ladder.
    package init(_ row: Ladder.Row) {
        self.init()
        add("kind", row.kind.name)
        add("at", row.place?.text)
        add("time", row.time.rfc3339)
        add("ns", row.time.nanoseconds)
        add("from", row.from)
        add("to", row.to)
        add("label", row.caption())
        switch row.kind {
        case .folded(let count): add("count", count)
        case .bytes(let count): add("bytes", count)
        case .gap(let count): add("bytes", count)
        case .silence(let nanoseconds): add("silence_ns", nanoseconds)
        case .opened, .command, .text, .finding, .closed: break
        }
        if let sent = row.sent { add("sent", sent) }
        if let leadsTo = row.leadsTo { add("leads_to", "c\(leadsTo)") }
        if let cameFrom = row.cameFrom { add("came_from", cameFrom.text) }
        if !row.findings.isEmpty { add("findings", row.findings) }
    }
}
