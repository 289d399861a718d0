// Decides which observations of transfers become findings, depending on scope and on how much was captured.

internal import MSNP

/// A condition on the capture under which an observation is a finding: clients are not blamed for gaps in the capture.
enum CaptureAssumption: Sendable {
    /// The capture would contain the invitation to this data. The version is that of a packet on a switchboard, if
    /// known.
    case invitationCaptured(PeerPacket.Version?)
    /// The capture would contain the invitation to a file that this account receives.
    case fileOfferCaptured(recipient: String)
    /// No earlier part of the message was sent on a connection that is not read here.
    case noEarlierPartElsewhere
    /// The connection has no gaps.
    case noGaps(on: Int)
}

/// Decides what is reported, for one scope and one capture.
struct FindingPolicy: Sendable {
    let scope: Transfers.Scope
    var coverage: CaptureCoverage
    private var limiter: FindingLimiter

    init(_ scope: Transfers.Scope, _ limits: TransferLimits) {
        self.scope = scope
        coverage = CaptureCoverage(limits)
        limiter = FindingLimiter(limits)
    }

    /// Whether data is reassembled for connections of this role; otherwise only its session is checked.
    func followsData(on role: Role) -> Bool { scope != .betweenConnections || role == .peerToPeer }

    /// Whether offers without data, and the previews in offers, are reported.
    var reportsOffers: Bool { scope == .everything }

    /// Whether to report a transfer that is incomplete when its connection closes.
    func reportsEnd(of transfer: Transfer, closing connection: Int) -> Bool {
        scope != .betweenConnections || !transfer.mayHaveBegunElsewhere(isBroken: coverage.hasGaps(connection))
    }

    /// Whether to report a transfer that is incomplete at the end of the recording.
    func reportsEnd(of transfer: Transfer, session: PeerSession?) -> Bool {
        scope != .oneConnection
            || !transfer.mayGoOnElsewhere(session, isBroken: coverage.hasGaps(transfer.lastConnection))
    }

    /// Whether an assumption is true.
    func holds(_ assumption: CaptureAssumption, at place: Place) -> Bool {
        switch assumption {
        case .invitationCaptured(let version):
            guard scope != .oneConnection else { return false }
            guard place.role != .peerToPeer else { return coverage.hasInvitations(to: nil) }
            return version.map { coverage.hasInvitations(on: place.connection, $0) } ?? false
        case .fileOfferCaptured(let recipient): return coverage.hasInvitations(to: recipient)
        case .noEarlierPartElsewhere:
            // A file over MSNFTP uses one connection only.
            return scope == .everything || place.role == .fileTransfer || coverage.hasGaps(place.connection)
        case .noGaps(let connection): return !coverage.hasGaps(connection)
        }
    }

    /// The finding; once a limit is exceeded, a finding that reports this; then nil.
    mutating func limited(
        _ name: FindingName, _ text: String, _ transfer: TransferTable.Key?, on connection: Int
    ) -> TransferEvent? {
        limiter.next(name, text, transfer, on: connection)
    }
}

extension Transfer {
    /// Whether the missing bytes may follow on a connection that is not read here: no bytes after the missing ones were
    /// received, the connection has no gaps, and the session was not closed.
    fileprivate func mayGoOnElsewhere(_ session: PeerSession?, isBroken: Bool) -> Bool {
        guard !isReceivedInFull, received.ranges.count < 2 else { return false }
        return session?.hasDirectLink == true || session?.isOver != true && !isBroken
    }

    /// Whether only the beginning is missing, which a server may have carried before the direct link existed.
    fileprivate func mayHaveBegunElsewhere(isBroken: Bool) -> Bool {
        guard !isBroken, let size, let first = received.ranges.first, received.ranges.count == 1 else { return false }
        return first.lowerBound > 0 && first.upperBound == size
    }
}
