// What is counted of a relay's events. Pure: events in, numbers out.

import Doors
import Events
import MSNP

/// The counts of all connections of one relay. Labels have fixed sets of values: nothing in them comes from a peer.
struct EventCounts: Sendable {
    /// How a connection is counted.
    struct Kind: Sendable, Hashable {
        var role: Role
        var door: Door
    }

    /// What a redirect led to.
    enum RedirectKind: String, Sendable, Hashable, CaseIterable {
        case notification = "xfr_ns"
        case switchboard = "xfr_sb"
        case ring = "rng"

        init(_ destination: Redirect.Destination) {
            switch destination {
            case .notification: self = .notification
            case .switchboard: self = .switchboard
            case .ring: self = .ring
            }
        }
    }

    struct FrameKind: Sendable, Hashable {
        var role: Role
        var side: Side
    }

    /// An open connection.
    private struct Connection: Sendable {
        var kind: Kind
        /// The bytes of each side that were counted while it was open.
        var counted = PerSide<UInt64>(both: 0)
    }

    /// The connections that ended, by the role that they had then.
    private(set) var ended: [Kind: UInt64] = [:]
    /// The bytes that came from each side, and those that were sent to it.
    private(set) var received = PerSide<UInt64>(both: 0)
    private(set) var sent = PerSide<UInt64>(both: 0)
    private(set) var frames: [FrameKind: UInt64] = [:]
    private(set) var noise: [Noise.Reason: UInt64] = [:]
    /// Findings that this version knows; all others are counted under `other`.
    private(set) var findings: [FindingName: UInt64] = [:]
    private(set) var otherFindings: UInt64 = 0
    private(set) var redirects: [RedirectKind: UInt64] = [:]
    private(set) var rewritten: [RedirectKind: UInt64] = [:]
    private(set) var replies: [Role: Histogram] = [:]
    private var open: [Int: Connection] = [:]
    /// The doors of connections whose first event has not come yet.
    private var doors: [Int: Door] = [:]

    /// The open connections.
    var openConnections: [Kind: UInt64] {
        var counts: [Kind: UInt64] = [:]
        for connection in open.values { counts[connection.kind, default: 0] += 1 }
        return counts
    }

    /// Notes by which door a connection came, before its events.
    mutating func note(_ connection: Int, by door: Door) { doors[connection] = door }

    /// Counts events.
    mutating func add(_ events: [Event]) {
        for event in events where event.connection > 0 { add(event) }
    }

    private mutating func add(_ event: Event) {
        let number = event.connection
        switch event.kind {
        case .opened:
            let door = doors.removeValue(forKey: number) ?? .msnp
            open[number] = Connection(kind: Kind(role: event.role, door: door))
        case .closed(_, _, let client, let server): close(event, PerSide(client: client.bytes, server: server.bytes))
        case .frame(let frame, let side):
            frames[FrameKind(role: event.role, side: side), default: 0] &+= 1
            count(frame.bytes.count, from: side, event)
            if side == .server { addReply(frame, event) }
        case .noise(let piece, let side):
            noise[piece.reason, default: 0] &+= UInt64(piece.bytes.count)
            count(piece.bytes.count, from: side, event)
        case .rewritten(let rewriting):
            sent.client = sent.client &- UInt64(rewriting.original.bytes.count) &+ UInt64(rewriting.sent.bytes.count)
            if let kind = Self.redirect(rewriting.original) { rewritten[kind, default: 0] &+= 1 }
        case .finding(let finding):
            if case .known(let name) = finding.name { findings[name, default: 0] &+= 1 } else { otherFindings &+= 1 }
        case .listening, .gap, .message, .http, .tunnel, .notPrinted: break
        }
    }

    private mutating func addReply(_ frame: Frame, _ event: Event) {
        if let delay = event.annotation?.delay, delay >= 0 {
            replies[event.role, default: Histogram()].add(seconds: Double(delay) / 1e9)
        }
        if Redirect.mayBe(frame.verb), let kind = Self.redirect(frame) { redirects[kind, default: 0] &+= 1 }
    }

    private static func redirect(_ frame: Frame) -> RedirectKind? {
        guard case .redirect(let redirect) = Command(frame, from: .server) else { return nil }
        return RedirectKind(redirect.destination)
    }

    private mutating func count(_ bytes: Int, from side: Side, _ event: Event) {
        received[side] &+= UInt64(bytes)
        sent[side.other] &+= UInt64(bytes)
        open[event.connection]?.counted[side] &+= UInt64(bytes)
        if event.role != .unknown { open[event.connection]?.kind.role = event.role }
    }

    /// Counts a connection that ended, and the bytes that were in none of its events: those of tunnels.
    private mutating func close(_ event: Event, _ sums: PerSide<UInt64>) {
        doors[event.connection] = nil
        guard let connection = open.removeValue(forKey: event.connection) else { return }
        let role = event.role == .unknown ? connection.kind.role : event.role
        ended[Kind(role: role, door: connection.kind.door), default: 0] &+= 1
        for side in Side.allCases where sums[side] > connection.counted[side] {
            let rest = sums[side] - connection.counted[side]
            received[side] &+= rest
            sent[side.other] &+= rest
        }
    }
}
