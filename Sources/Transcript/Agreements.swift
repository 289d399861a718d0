// What direct links and files' own connections carry was agreed on in conversations: findings that need both.

internal import Crypto
package import MSNP
internal import Messages

/// Remembers what was agreed on in all conversations of a capture, and checks what other connections make of it.
///
/// Findings on what servers carry are made by each connection's `Commentary`; these here cannot be made again from one
/// connection's bytes, and are recorded.
package struct Agreements: Sendable {
    private var transfers = Transfers(
        .checking { RunningSHA1() }, scope: .betweenConnections, sha1: RunningSHA1.digest)

    /// Nothing agreed on.
    package init() {}

    /// Notes that a connection was opened.
    ///
    /// - Parameters:
    ///   - address: where it leads to.
    ///   - isFromStart: whether it was heard from its beginning.
    package mutating func open(_ connection: Int, to address: HostPort, isFromStart: Bool) {
        transfers.open(connection, to: address, isFromStart: isFromStart)
    }

    /// Takes an event that a `Commentary` has seen.
    ///
    /// - Returns: what follows from it.
    package mutating func take(_ event: Event) -> [Event.Kind] {
        let isDirect = Self.isDirect(event.role)
        switch event.kind {
        case .frame(let frame, let side):
            guard isDirect || event.remark?.mayAgree == true else { return [] }
            return transfers.take(event.remark?.whole ?? frame, at: Place(event, side)).compactMap { remark in
                // What its commentary says of a connection with a server is not said again.
                if !isDirect, remark.findingName != FindingName.p2pSessionUnknown.rawValue { return nil }
                return TransferFindings.kind(remark, side)
            }
        case .noise(let noise, let side):
            guard isDirect else { return [] }
            return transfers.take(noise, at: Place(event, side)).compactMap { TransferFindings.kind($0, side) }
        case .gap(let count, _, let side):
            return transfers.lose(count, at: Place(event, side)).compactMap { TransferFindings.kind($0, side) }
        default: return []
        }
    }

    /// Notes that a connection has ended.
    ///
    /// - Returns: what follows from it.
    package mutating func close(_ connection: Int, _ role: Role) -> [Event.Kind] {
        let remarks = transfers.close(connection)
        return Self.isDirect(role) ? remarks.compactMap { TransferFindings.kind($0, nil) } : []
    }

    private static func isDirect(_ role: Role) -> Bool { role == .peerToPeer || role == .fileTransfer }
}

extension TransferRemark {
    fileprivate var findingName: String? { if case .finding(let name, _) = self { name } else { nil } }
}

/// Findings on what is transferred.
enum TransferFindings {
    /// What a remark amounts to; nil where it is no finding.
    static func kind(_ remark: TransferRemark, _ side: Side?) -> Event.Kind? {
        switch remark {
        case .piece, .joined, .invited: return nil
        case .finding(let name, let text):
            return FindingName(rawValue: name).map { .finding(Finding($0, text, side: side)) }
        case .ended(let transfer):
            guard !transfer.isComplete, transfer.refusal == nil else { return nil }
            let size = transfer.expectedSize.map { "\($0)" } ?? "an unknown number of"
            let who = transfer.sender.isEmpty ? "somebody" : transfer.sender
            let text =
                "\(transfer.received.count) of \(size) bytes were seen here of what \(who) sent: \(transfer.kind)."
            return .finding(Finding(.transferIncomplete, text))
        }
    }
}

extension Place {
    /// Where an event happened. The offset is not known here, and nobody asks for it.
    init(_ event: Event, _ side: Side) {
        self.init(
            connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds, offset: 0)
    }
}

/// SHA-1, which objects and hashed nonces have.
struct RunningSHA1: RunningDigest {
    private var hash = Insecure.SHA1()

    mutating func update(_ bytes: ArraySlice<UInt8>) { hash.update(data: Array(bytes)) }
    var value: [UInt8] { Array(hash.finalize()) }

    /// The digest of bytes that are all there.
    static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: bytes)) }
}
