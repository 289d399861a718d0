// What direct links and files' own connections carry was agreed on in conversations: findings that need both.

package import Events
package import MSNP
internal import Payloads

/// Remembers what was agreed on in all conversations of a capture, and checks what other connections make of it.
///
/// Findings on what servers carry are made by each connection's `ConnectionAnalyzer`; these here cannot be made again from one
/// connection's bytes, and are recorded.
package struct CrossConnectionTransfers: Sendable {
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

    /// Takes an event that a `ConnectionAnalyzer` has seen.
    ///
    /// - Returns: what follows from it.
    package mutating func take(_ event: Event) -> [Event.Kind] {
        let isDirect = Self.isDirect(event.role)
        switch event.kind {
        case .frame(let frame, let side):
            guard isDirect || event.annotation?.mayAgree == true else { return [] }
            return transfers.take(event.annotation?.whole ?? frame, at: Place(event, side)).compactMap { found in
                // What its commentary says of a connection with a server is not said again.
                if !isDirect, found.findingName != .p2pSessionUnknown { return nil }
                return TransferFindings.kind(found, side)
            }
        case .noise(let noise, let side):
            guard isDirect else { return [] }
            return transfers.take(noise, at: Place(event, side)).compactMap { TransferFindings.kind($0, side) }
        case .gap(let count, _, let side):
            transfers.lose(count, at: Place(event, side))
            return []
        default: return []
        }
    }

    /// Notes that a connection has ended.
    ///
    /// - Returns: what follows from it.
    package mutating func close(_ connection: Int, _ role: Role) -> [Event.Kind] {
        let events = transfers.close(connection)
        return Self.isDirect(role) ? events.compactMap { TransferFindings.kind($0, nil) } : []
    }

    private static func isDirect(_ role: Role) -> Bool { role == .peerToPeer || role == .fileTransfer }
}

extension TransferEvent {
    fileprivate var findingName: FindingName? { if case .finding(let name, _) = self { name } else { nil } }
}
