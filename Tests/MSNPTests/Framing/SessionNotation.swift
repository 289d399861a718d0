// Reads worked sessions: `C: `/`S: ` lines, `| `, `$ ` and `x ` payload, `# == ` for a new connection.

import MSNP

/// Both directions of one connection, as the frames they are made of.
struct WorkedConnection {
    var name: String
    var dialect: Dialect
    var role: Role
    var client: [Part] = []
    var server: [Part] = []

    func parts(from side: Side) -> [Part] { side == .client ? client : server }

    /// One direction as a sample.
    func sample(_ side: Side, dialect: Dialect?) -> Sample {
        let spoken = dialect?.description ?? "unknown"
        var sample = Sample("\(name), \(side), \(spoken)", side, role: role)
        sample.parts = parts(from: side)
        sample.dialect = dialect
        if dialect == nil { sample.role = .unknown }
        return sample
    }
}

/// The connections in a page of worked sessions: those in fences tagged `msnp N`.
func workedConnections(in page: String) -> [WorkedConnection] {
    var connections: [WorkedConnection] = []
    var dialect: Dialect?
    var side = Side.client
    var heading = ""
    for (number, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        if line.hasPrefix("#"), dialect == nil { heading = String(line.drop { $0 == "#" || $0 == " " }) }
        if line.hasPrefix("```") {
            let words = line.dropFirst(3).split(separator: " ")
            dialect = words.first == "msnp" ? words.last.flatMap { UInt8($0) }.map(Dialect.init) : nil
            continue
        }
        guard let dialect else { continue }
        let content = line.dropFirst(2)
        if line.hasPrefix("# == ") {
            let role = Role(rawValue: String(line.dropFirst(5).prefix(2))) ?? .unknown
            connections.append(WorkedConnection(name: "\(heading), line \(number + 1)", dialect: dialect, role: role))
        } else if line.hasPrefix("C: ") || line.hasPrefix("S: ") {
            side = line.hasPrefix("C") ? .client : .server
            let part = Part.frame(line: Array(line.dropFirst(3).utf8) + raw("\r\n"), payload: [])
            connections.append(part, from: side)
        } else if line.hasPrefix("| ") {
            connections.append(payload: Array(content.utf8) + raw("\r\n"), from: side)
        } else if line.hasPrefix("$ ") {
            connections.append(payload: Array(content.utf8), from: side)
        } else if line.hasPrefix("x ") {
            connections.append(payload: content.split(separator: " ").compactMap { UInt8($0, radix: 16) }, from: side)
        }
    }
    return connections
}

extension [WorkedConnection] {
    fileprivate mutating func append(_ part: Part, from side: Side) {
        guard !isEmpty else { return }
        if side == .client { self[count - 1].client.append(part) } else { self[count - 1].server.append(part) }
    }

    fileprivate mutating func append(payload: [UInt8], from side: Side) {
        guard case .frame(let line, let before)? = last?.parts(from: side).last else { return }
        let part = Part.frame(line: line, payload: before + payload)
        if side == .client {
            self[count - 1].client[self[count - 1].client.count - 1] = part
        } else {
            self[count - 1].server[self[count - 1].server.count - 1] = part
        }
    }
}
