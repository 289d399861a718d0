// Makes the findings on transfers that need two connections: the one that negotiates and the one that carries the data.

package import Events
package import MSNP
internal import Payloads

/// Collects the transfers negotiated on all connections, and checks direct links and file transfers against them.
///
/// `FrameAnalyzer` makes the findings on transfers through servers. The findings of this type cannot be computed
/// again from the bytes of one connection, so archives record them.
package struct CrossConnectionTransfers: Sendable {
    private var transfers = Transfers(
        .checking { RunningSHA1() }, scope: .betweenConnections, sha1: RunningSHA1.digest)

    package init() {}

    /// Registers a new connection.
    ///
    /// - Parameters:
    ///   - address: the address of its server side.
    ///   - isFromStart: whether it is observed from its first byte.
    package mutating func open(_ connection: Int, to address: HostPort, isFromStart: Bool) {
        transfers.open(connection, to: address, isFromStart: isFromStart)
    }

    /// Whether an event can matter to `take`.
    package static func concerns(_ event: Event) -> Bool {
        switch event.kind {
        case .frame: isDirect(event.role) || event.annotation?.mayAgree == true
        case .noise: isDirect(event.role)
        case .gap: true
        default: false
        }
    }

    /// Processes an event after its `FrameAnalyzer`.
    ///
    /// - Returns: the findings that it causes.
    package mutating func take(_ event: Event) -> [Event.Kind] {
        let isDirect = Self.isDirect(event.role)
        switch event.kind {
        case .frame(let frame, let side):
            guard isDirect || event.annotation?.mayAgree == true else { return [] }
            let (whole, envelope) = (event.annotation?.whole, event.annotation?.envelope)
            return transfers.take(whole ?? frame, envelope, at: Place(event, side)).compactMap { transferEvent in
                // The connection's own analyzer makes the other findings on connections with servers.
                if !isDirect, transferEvent.findingName != .p2pSessionUnknown { return nil }
                return TransferFindings.kind(transferEvent, side)
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

    /// Ends a connection.
    ///
    /// - Returns: the findings on its incomplete transfers, if it is a direct link or a file transfer.
    package mutating func close(_ connection: Int, _ role: Role) -> [Event.Kind] {
        let events = transfers.close(connection)
        return Self.isDirect(role) ? events.compactMap { TransferFindings.kind($0, nil) } : []
    }

    private static func isDirect(_ role: Role) -> Bool { role == .peerToPeer || role == .fileTransfer }
}

extension TransferEvent {
    fileprivate var findingName: FindingName? { if case .finding(let name, _) = self { name } else { nil } }
}
