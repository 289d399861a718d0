// One thing that was taken out of the archive, or could not be.

internal import Crypto
internal import MSNP
package import Payloads

/// A transfer, what was written of it, and what its digests say.
package struct Extract: Sendable {
    /// What a digest that somebody told says of the data.
    package enum Verdict: String, Sendable {
        /// The data has it.
        case holds
        /// The data has another.
        case differs
    }

    /// A connection that carried it.
    package struct Origin: Sendable, Hashable {
        /// The connection, and the place on it.
        package var place: Place
        /// Whether its bytes were on this connection; else only the invitation.
        package var isData: Bool
    }

    /// What was sent, by whom, and how much of it is there.
    package var transfer: Transfer
    /// Its file's name in the folder; nil where none was written.
    package var file: String?
    /// What its first bytes say it is.
    package var type = FileType.other
    /// The digests of its data, where it is whole.
    package var sha1: [UInt8]?
    /// See `sha1`.
    package var sha256: [UInt8]?
    /// Where it was seen: more than one, where both clients' connections were recorded.
    package var origins: [Origin]

    init(_ transfer: Transfer) {
        self.transfer = transfer
        origins = transfer.places.enumerated().map { index, place in
            let carries = index == 0 || place.role == .peerToPeer || place.role == .fileTransfer
            return Origin(place: place, isData: transfer.received.count > 0 && carries)
        }
    }

    /// Whether all of it is there, and was written.
    package var isComplete: Bool { transfer.isComplete && file != nil }
    /// Whether it was only offered, and nobody accepted it: nothing is missing then.
    package var isRefused: Bool { transfer.refusal != nil }
    /// When the first of it was seen, in nanoseconds since 1970.
    package var firstTime: Int64 { transfer.places.first?.time ?? 0 }

    /// Whether the data has the digest that its description tells.
    package var dataDigest: Verdict? {
        guard let told = transfer.object?.dataDigest, let sha1 else { return nil }
        return told == sha1 ? .holds : .differs
    }

    /// Whether the description has the digest that it tells of itself.
    package var ownDigest: Verdict? {
        guard let object = transfer.object, let told = object.ownDigest else { return nil }
        return Array(Insecure.SHA1.hash(data: object.signedText)) == told ? .holds : .differs
    }

    /// Whether this is another sight of the same thing: the same bytes, name, people, and time.
    func isSame(as other: Extract) -> Bool {
        isComplete && other.isComplete && sha256 == other.sha256 && transfer.kind == other.transfer.kind
            && transfer.name == other.transfer.name && transfer.sender == other.transfer.sender
            && transfer.recipient == other.transfer.recipient
            && firstTime.subtractingReportingOverflow(other.firstTime).partialValue.magnitude < Self.sameTime
    }

    /// How far apart two sights of one thing may be: the ends of a conversation hear it within seconds.
    private static let sameTime: UInt64 = 60_000_000_000

    /// The name that its file is to have.
    var wishedName: String {
        let known = transfer.name.map { SafeName.of($0, or: "") } ?? ""
        if transfer.kind == "file" { return known.isEmpty ? "file" : known }
        let who = transfer.sender.isEmpty ? "" : "-\(transfer.sender)"
        let stem = known.isEmpty ? SafeName.of("\(transfer.kind)\(who)", or: "object") : known
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

    /// Whether something that somebody sent is not whole.
    package var lacksSomething: Bool { contains { !$0.isComplete && !$0.isRefused } }
}
