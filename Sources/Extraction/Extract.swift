// One transfer of an extraction: its file, digests and the connections that carried it.

internal import Crypto
internal import MSNP
package import Payloads

/// A transfer with the file written for it and the comparison of its digests.
package struct Extract: Sendable {
    /// The result of comparing a digest in an MSN object with the data.
    package enum Verdict: String, Sendable {
        /// The digests are equal.
        case holds
        /// The digests differ.
        case differs
    }

    /// A connection that carried it.
    package struct Origin: Sendable, Hashable {
        /// The connection, and the position on it.
        package var place: Place
        /// Whether the connection carried data; otherwise only the invitation.
        package var isData: Bool
    }

    /// The transfer: its content, sender and recorded ranges.
    package var transfer: Transfer
    /// The name of its file in the folder; nil if none was written.
    package var file: String?
    /// The file type, by its first bytes.
    package var type = FileType.other
    /// The SHA-1 digest of its data; nil if it is incomplete.
    package var sha1: [UInt8]?
    /// The SHA-256 digest of its data; nil if it is incomplete.
    package var sha256: [UInt8]?
    /// The connections that show it: more than one if both clients' connections were recorded.
    package var origins: [Origin]

    init(_ transfer: Transfer) {
        self.transfer = transfer
        origins = transfer.places.enumerated().map { index, place in
            let carries = index == 0 || place.role == .peerToPeer || place.role == .fileTransfer
            return Origin(place: place, isData: transfer.received.count > 0 && carries)
        }
    }

    /// Whether all of it was recorded and written.
    package var isComplete: Bool { transfer.isComplete && file != nil }
    /// Whether the offer was not accepted: then no data is missing.
    package var isRefused: Bool { transfer.refusal != nil }
    /// The time of its first event, in nanoseconds since 1970.
    package var firstTime: Int64 { transfer.places.first?.time ?? 0 }

    /// Compares the data with `SHA1D` of its MSN object; nil if one of them is missing.
    package var dataDigest: Verdict? {
        guard let declared = transfer.object?.dataDigest, let sha1 else { return nil }
        return declared == sha1 ? .holds : .differs
    }

    /// Compares the MSN object with its own digest `SHA1C`; nil if it has none.
    package var ownDigest: Verdict? {
        guard let object = transfer.object, let declared = object.ownDigest else { return nil }
        return Array(Insecure.SHA1.hash(data: object.signedText)) == declared ? .holds : .differs
    }

    /// Whether both record the same transfer: the same bytes, name, accounts, and nearly the same time.
    func isSame(as other: Extract) -> Bool {
        isComplete && other.isComplete && sha256 == other.sha256 && transfer.kind == other.transfer.kind
            && transfer.name == other.transfer.name && transfer.sender == other.transfer.sender
            && transfer.recipient == other.transfer.recipient
            && firstTime.subtractingReportingOverflow(other.firstTime).partialValue.magnitude
                < Self.largestTimeDifference
    }

    /// The largest time between two recordings of one transfer, in nanoseconds: both clients receive it within seconds.
    private static let largestTimeDifference: UInt64 = 60_000_000_000

    /// The preferred name of its file: the sender's name for it, made safe, or one made of its kind and sender.
    var preferredName: String {
        let known = transfer.name.map { SafeName.of($0, or: "") } ?? ""
        if transfer.kind == "file" { return known.isEmpty ? "file" : known }
        let suffix = transfer.sender.isEmpty ? "" : "-\(transfer.sender)"
        let stem = known.isEmpty ? SafeName.of("\(transfer.kind)\(suffix)", or: "object") : known
        return SafeName.of("\(stem.prefix(120)).\(type.rawValue)")
    }
}

extension [Extract] {
    /// `4 whole, 1 incomplete, 2 not accepted`.
    package var summary: String {
        let whole = count { $0.isComplete }
        let refused = count { $0.isRefused }
        let rest = refused > 0 ? ", \(refused) not accepted" : ""
        return "\(whole) whole, \(count - whole - refused) incomplete\(rest)"
    }

    /// Whether an accepted transfer is incomplete.
    package var lacksSomething: Bool { contains { !$0.isComplete && !$0.isRefused } }
}
