// Which facts about transfers become findings, and for whom: everything that depends on how much was captured is here.

internal import MSNP

/// What must be true of the capture before a fact counts as a finding: a client is not blamed for what the capture lost.
enum CaptureAssumption: Sendable {
    /// The capture would show the invitation to this data; the version is that of the packet in a conversation, if any.
    case invitationCaptured(PeerPacket.Version?)
    /// The capture would show the invitation to a file that this account fetches.
    case fileOfferCaptured(recipient: String)
    /// No earlier part of the message came over a connection that is not read here.
    case noEarlierPartElsewhere
    /// No bytes of a connection are missing.
    case noGaps(on: Int)
}

/// Decides what a reader of transfers reports of what it sees.
struct FindingPolicy: Sendable {
    let scope: Transfers.Scope
    var coverage: CaptureCoverage
    private var limiter: FindingLimiter

    init(_ scope: Transfers.Scope, _ limits: TransferLimits) {
        self.scope = scope
        coverage = CaptureCoverage(limits)
        limiter = FindingLimiter(limits)
    }

    /// Whether data is put together here; elsewhere only its session matters.
    func followsData(on role: Role) -> Bool { scope != .betweenConnections || role == .peerToPeer }

    /// Whether offers without data, and the previews inside of offers, are reported.
    var reportsOffers: Bool { scope == .everything }

    /// Whether a transfer is reported that its connection's end leaves as it is.
    func reportsEnd(of transfer: Transfer, closing connection: Int) -> Bool {
        scope != .betweenConnections || !transfer.mayHaveBegunElsewhere(isBroken: coverage.hasGaps(connection))
    }

    /// Whether a transfer is reported that the end of the recording leaves as it is.
    func reportsEnd(of transfer: Transfer, session: PeerSession?) -> Bool {
        scope != .oneConnection
            || !transfer.mayGoOnElsewhere(session, isBroken: coverage.hasGaps(transfer.lastConnection))
    }

    /// Whether an assumption holds.
    func holds(_ assumption: CaptureAssumption, at place: Place) -> Bool {
        switch assumption {
        case .invitationCaptured(let version):
            guard scope != .oneConnection else { return false }
            guard place.role != .peerToPeer else { return coverage.hasInvitations(to: nil) }
            return version.map { coverage.hasInvitations(on: place.connection, $0) } ?? false
        case .fileOfferCaptured(let recipient): return coverage.hasInvitations(to: recipient)
        case .noEarlierPartElsewhere:
            // A file over MSNFTP comes over one connection.
            return scope == .everything || place.role == .fileTransfer || coverage.hasGaps(place.connection)
        case .noGaps(let connection): return !coverage.hasGaps(connection)
        }
    }

    /// The finding, or that there are more than are reported; nil for further ones.
    mutating func limited(
        _ name: FindingName, _ text: String, _ transfer: TransferTable.Key?, on connection: Int
    ) -> TransferEvent? {
        limiter.next(name, text, transfer, on: connection)
    }
}

extension Transfer {
    /// Whether what is missing may have come over a connection that is not read here: nothing came behind its hole, no
    /// bytes of the connection are missing, and its session was not closed.
    fileprivate func mayGoOnElsewhere(_ session: PeerSession?, isBroken: Bool) -> Bool {
        guard !hasWhatWasTold, received.ranges.count < 2 else { return false }
        return session?.isWayAgreed == true || session?.isOver != true && !isBroken
    }

    /// Whether only its beginning is missing, which may have come through a server before there was a direct link.
    fileprivate func mayHaveBegunElsewhere(isBroken: Bool) -> Bool {
        guard !isBroken, let size, let first = received.ranges.first, received.ranges.count == 1 else { return false }
        return first.lowerBound > 0 && first.upperBound == size
    }
}
