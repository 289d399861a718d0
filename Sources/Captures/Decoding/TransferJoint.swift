// What connections contribute to transfers that need two of them, in the order of the capture.

internal import Analysis
internal import Events
internal import MSNP

/// A contribution of one connection to `CrossConnectionTransfers`. The findings that it causes follow it in the output.
enum TransferJoint: Sendable {
    case opened(Int, to: HostPort, isFromStart: Bool)
    case event(Event)
    /// The `closed` event, which follows the findings.
    case ended(Event)

    /// The event whose time and connection the findings have.
    var cause: Event? {
        switch self {
        case .opened: nil
        case .event(let event), .ended(let event): event
        }
    }
}

extension CrossConnectionTransfers {
    /// Processes a contribution.
    ///
    /// - Returns: the findings that it causes.
    mutating func take(_ joint: TransferJoint) -> [Event.Kind] {
        switch joint {
        case .opened(let connection, let server, let isFromStart):
            open(connection, to: server, isFromStart: isFromStart)
            return []
        case .event(let event): return take(event)
        case .ended(let event): return close(event.connection, event.role)
        }
    }
}
