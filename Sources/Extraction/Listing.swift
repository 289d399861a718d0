// Formats extracted transfers as lines of text or JSON.

package import Events
internal import MSNP
internal import Output
internal import Payloads

/// Formats extracts, one line each.
package struct Listing: Sendable {
    private let isJSON: Bool
    private let zone: TimeZoneRules

    /// - Parameter zone: the zone of times in text.
    package init(isJSON: Bool, zone: TimeZoneRules = .utc) {
        self.isJSON = isJSON
        self.zone = zone
    }

    /// Appends the line of one extract.
    package func append(_ extract: Extract, to bytes: inout [UInt8]) {
        if isJSON { appendJSON(extract, &bytes) } else { appendText(extract, &bytes) }
    }

    private func appendText(_ extract: Extract, _ bytes: inout [UInt8]) {
        let transfer = extract.transfer
        var line = extract.file ?? "(not written: \(transfer.name ?? transfer.kind))"
        line += "  \(extract.sizes)  \(transfer.kind)"
        let time = Timestamp(nanoseconds: extract.firstTime)
        let offset = time.offsetText(in: zone)
        line += "  \(extract.people)  \(time.date(in: zone))T\(time.clock(in: zone))\(offset.isEmpty ? "Z" : offset)"
        line += "  " + extract.origins.map(\.text).joined(separator: ", ")
        if let verdict = extract.dataDigest { line += "  SHA1D \(verdict.rawValue)" }
        if !extract.isComplete { line += "  \(extract.status)" }
        if !transfer.findings.isEmpty { line += "  ! \(transfer.findings.map(\.rawValue).joined(separator: " "))" }
        bytes.append(visible: line)
        bytes.append(0x0A)
    }

    private func appendJSON(_ extract: Extract, _ bytes: inout [UInt8]) {
        let transfer = extract.transfer
        var object = JSONObject()
        object.add("event", "transfer")
        object.add("time", Timestamp(nanoseconds: extract.firstTime).rfc3339)
        object.add("ns", extract.firstTime)
        object.add("time_last", Timestamp(nanoseconds: transfer.lastTime).rfc3339)
        object.add("file", extract.file)
        object.add("kind", transfer.kind)
        object.add("method", transfer.method.rawValue)
        object.add("name", transfer.name)
        object.add("from", transfer.sender)
        object.add("to", transfer.recipient)
        object.add("media_type", extract.type.mediaType)
        object.add("size", transfer.size)
        object.add("declared_size", transfer.declaredSize)
        object.add("received_bytes", transfer.received.count)
        object.add("complete", extract.isComplete)
        object.add("reason", extract.isComplete ? nil : extract.why)
        object.add("refusal", transfer.refusal?.rawValue)
        object.add("missing", transfer.missing.map { [$0.lowerBound, $0.upperBound - $0.lowerBound] })
        object.add("sha1", extract.sha1.map { Hexadecimal.text($0) })
        object.add("sha256", extract.sha256.map { Hexadecimal.text($0) })
        object.add("sha1d", extract.dataDigest?.rawValue)
        object.add("sha1c", extract.ownDigest?.rawValue)
        object.add("findings", transfer.findings.map(\.rawValue))
        object.add("origins", extract.origins.map(\.json))
        bytes += object.bytes
        bytes.append(0x0A)
    }
}

extension Extract {
    /// `whole`, `incomplete:` or `not accepted:` with the reason.
    var status: String {
        if isComplete { return "whole" }
        return "\(isRefused ? "not accepted" : "incomplete"): \(why)"
    }

    /// The reason why it is incomplete, as a sentence.
    var why: String {
        if let reason = transfer.reason { return reason }
        if transfer.expectedSize == nil { return "its size is unknown" }
        return "\(transfer.missing.reduce(0) { $0 + UInt64($1.upperBound - $1.lowerBound) }) bytes are missing"
    }

    /// `5000 bytes`, or `4000 of 5000 bytes`.
    var sizes: String {
        let received = transfer.received.count
        if isRefused { return transfer.declaredSize.map { "\($0) bytes" } ?? "unknown size" }
        guard let size = transfer.expectedSize, size != received else { return "\(received) bytes" }
        return "\(received) of \(size) bytes"
    }

    /// `5000 bytes`, `39 KB` or `1.4 MB`, for people; `4000 bytes of 39 KB` if it is incomplete.
    var readableSizes: String {
        let received = transfer.received.count
        if isRefused { return transfer.declaredSize.map(Self.readable) ?? "unknown size" }
        guard let size = transfer.expectedSize, size != received else { return Self.readable(received) }
        return "\(Self.readable(received)) of \(Self.readable(size))"
    }

    /// A size in decimal units, rounded down.
    static func readable(_ size: UInt64) -> String {
        switch size {
        case 1: "1 byte"
        case ..<10_000: "\(size) bytes"
        case ..<1_000_000: "\(size / 1_000) KB"
        case ..<1_000_000_000: "\(size / 1_000_000).\(size / 100_000 % 10) MB"
        default: "\(size / 1_000_000_000).\(size / 100_000_000 % 10) GB"
        }
    }

    /// `ann@example.com → bob@example.com`.
    var people: String {
        let (from, to) = (transfer.sender, transfer.recipient)
        return "\(from.isEmpty ? "somebody" : from) → \(to.isEmpty ? "somebody" : to)"
    }
}

extension Extract.Origin {
    private var side: String { place.side == .client ? "c2s" : "s2c" }

    /// `c12 s2c at 4711`.
    var text: String { "c\(place.connection) \(side) at \(place.offset)\(isData ? "" : " (offered)")" }

    fileprivate var json: JSONObject {
        var object = JSONObject()
        object.add("id", "c\(place.connection)")
        object.add("conn", place.connection)
        object.add("role", place.role.rawValue)
        object.add("dir", side)
        object.add("offset", place.offset)
        object.add("data", isData)
        return object
    }
}
