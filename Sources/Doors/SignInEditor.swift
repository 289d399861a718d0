// Leads a client's sign-in over plain HTTP through the relay: the login server's address becomes the relay's. Pure.

package import MSNP

/// Replaces the host of `DALogin` in the header `PassportURLs` of answers; every other byte passes.
///
/// The scheme stays as it is, also none. An address with `https://` is left: the relay speaks no TLS.
package struct SignInEditor: Sendable {
    /// What was done with a header line.
    package enum Change: Sendable, Hashable {
        /// The line, without its end, and what was sent instead; the host before and after.
        case rewritten(line: [UInt8], sent: [UInt8], from: String, to: String)
        /// The address was left, and why.
        case left(address: String, why: String)
    }

    private let address: HostPort
    private var stream = HTTPStream(isRequest: false, isStart: true)
    /// The beginning of a head.
    private var held: [UInt8] = []
    private var isInBody = false
    /// Whether the bytes are no HTTP: then nothing is changed any more.
    private var isLost = false

    /// - Parameter address: the relay, as the client reaches it.
    package init(address: HostPort) { self.address = address }

    /// Processes the server's next bytes.
    ///
    /// - Returns: the bytes to send, and what was done.
    package mutating func edit(_ bytes: Span<UInt8>) -> (bytes: [UInt8], changes: [Change]) {
        var sent: [UInt8] = []
        var changes: [Change] = []
        var position = 0
        while !isLost {
            let start = position
            let piece = stream.next(bytes, from: &position)
            held.append(copying: bytes, from: start, count: position - start)
            switch piece {
            case .head?:
                sent += edit(head: finish(), &changes)
                isInBody = true
            case .end?:
                sent += finish()
                isInBody = false
            case .body?, .bodyGap?: sent += finish()
            case .lost?: isLost = true
            case nil:
                if isInBody { sent += finish() }
                return (sent, changes)
            }
        }
        sent += finish() + [UInt8](copying: bytes, from: position)
        return (sent, changes)
    }

    /// Ends the direction: returns what is still held.
    package mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }

    private func edit(head: [UInt8], _ changes: inout [Change]) -> [UInt8] {
        let lines = head.split(separator: 0x0A, omittingEmptySubsequences: false).map { whole -> [UInt8] in
            let end: [UInt8] = whole.last == 0x0D ? [0x0D] : []
            let line = Array(whole.dropLast(end.count))
            guard let login = Self.login(in: line) else { return Array(whole) }
            let from = String(decoding: line[login.host], as: UTF8.self)
            if let why = login.why {
                changes.append(.left(address: from, why: why))
                return Array(whole)
            }
            let to = address.port == 80 ? address.host : address.description
            if from == to { return Array(whole) }
            let sent = Array(line[..<login.host.lowerBound]) + Array(to.utf8) + Array(line[login.host.upperBound...])
            changes.append(.rewritten(line: line, sent: sent, from: from, to: to))
            return sent + end
        }
        return Array(lines.joined(separator: [0x0A]))
    }

    /// Where the host of `DALogin` is in a header line, and why it is left; nil in other lines.
    private static func login(in line: [UInt8]) -> (host: Range<Int>, why: String?)? {
        guard starts(line[...], with: "passporturls:"),
            let start = line.indices.first(where: { index in
                let isFirst = [0x3A, 0x2C, 0x20, 0x09].contains(line[max(0, index - 1)])
                return isFirst && starts(line[index...], with: name)
            })
        else { return nil }
        let isSecure = starts(line[(start + name.utf8.count)...], with: "https://")
        let value = line[(start + name.utf8.count)...].prefix { $0 != 0x2C && $0 > 0x20 }
        let scheme = ["https://", "http://"].first { starts(value, with: $0) }?.utf8.count ?? 0
        let host = value.dropFirst(scheme).prefix { $0 != 0x2F && $0 != 0x3F }
        guard !host.isEmpty else { return nil }
        var why: String?
        if isSecure {
            why = "the relay speaks no TLS"
        } else if SignInRequest.path(in: value[host.endIndex...]).isEmpty {
            why = "the relay passes no requests for its path on"
        }
        return (host.indices, why)
    }

    private static let name = "dalogin="

    private static func starts(_ bytes: ArraySlice<UInt8>, with text: String) -> Bool {
        bytes.count >= text.utf8.count
            && zip(bytes, text.utf8).allSatisfy { ($0 &- 0x41 < 26 ? $0 | 0x20 : $0) == $1 }
    }
}
