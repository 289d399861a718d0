// Large invented captures with every kind of disorder, against the truth that their maker wrote beside them.

import Captures
import Events
import Foundation
import MSNP
import TestSupport
import Testing

/// One line of a truth file: what one TCP connection really carried.
struct Truth: Decodable {
    struct Text: Decodable {
        var dir: String
        var from: String
        var to: [String]
        var text: String
    }

    var kind: String
    var dialect: String?
    var client: SyntheticCapture.Endpoint
    var server: SyntheticCapture.Endpoint
    var t0: Double
    var bytes: [Int]
    var sha256: [String]
    var commands: [Int]?
    var midstream: Bool
    var missing: [Int]
    var damaged_messages: [Int]?
    var verbs: [[String: Int]]?
    var messages: [Text]?

    var isMSN: Bool { ["DS", "NS", "SB"].contains(kind) }
    var isIntact: Bool { !midstream && missing == [0, 0] }
    func isIntact(_ side: Int) -> Bool { !midstream && missing[side] == 0 }
}

/// What a capture's events are worth against the truth.
struct Score: CustomStringConvertible {
    var flows = 0
    var flowsMissed = 0
    var intactDirections = 0
    var messages = 0
    var intactMessages = 0
    var messagesFound = 0
    var missing = 0
    var declared = 0
    var tails = 0
    var faults: [String] = []

    var description: String {
        """
        \(flows) flows, \(flowsMissed) damaged ones not recognised, \(intactDirections) intact directions, \
        \(messagesFound) of \(intactMessages) intact messages (\(messages) in all), \
        \(declared) of \(missing) missing bytes declared (\(tails) at ends that nobody acknowledged), \
        \(faults.count) faults
        """
    }
}

@Suite(.serialized) struct SyntheticCapturesTests {
    /// Switches of the maker.
    static let switches: [String] = [
        "", "--reorder .05", "--duplicate .05", "--drop .01", "--overlap .05", "--start-midstream .2", "--snaplen 256",
        "--vlan 7", "--ipv6 1", "--linktype raw", "--linktype sll", "--linktype null", "--linktype pppoe", "--pcapng",
        "--gzip", "--coalesce .8", "--non-msn .5",
        "--reorder .05 --duplicate .05 --drop .01 --overlap .05",
        "--coalesce .8 --drop .01 --start-midstream .3 --pcapng",
        "--snaplen 400 --reorder .05 --linktype sll --ipv6 .5 --gzip --pcapng",
    ]

    @Test(arguments: switches) func meetsTheTruth(_ switches: String) throws {
        let megabytes = ProcessInfo.processInfo.environment["BUTTERFLYNET_SYNTHETIC_MB"] ?? "2"
        guard let capture = try Self.capture(switches, megabytes: megabytes) else { return }
        let score = Self.score(DecodedCapture([capture.path]), try capture.truth(Truth.self))
        print("\(switches.isEmpty ? "plain" : switches), \(megabytes) MB: \(score)")
        for fault in score.faults.prefix(10) { Issue.record("\(switches): \(fault)") }
    }

    /// A file that ends in the middle of a packet: what came before is right.
    @Test func aTruncatedCopyTellsNothingWrong() throws {
        guard let capture = try Self.capture("", megabytes: "2") else { return }
        let truth = try capture.truth(Truth.self)
        let whole = try capture.bytes
        let scratch = try Scratch()
        let path = try scratch.write(Array(whole.prefix(whole.count * 3 / 5)), to: "cut")
        let decoded = DecodedCapture([path])
        #expect(decoded.summary.troubles.count == 1)
        #expect(decoded.summary.readable == 1)
        var known: [String: Int] = [:]
        for text in truth.flatMap({ $0.messages ?? [] }) { known["\(text.from): \(text.text)", default: 0] += 1 }
        let messages = decoded.connections.flatMap(\.messages)
        #expect(messages.count > 100)
        for message in messages {
            let key = "\(message.from): \(message.text)"
            #expect((known[key] ?? 0) > 0, "a message that nobody sent")
            known[key, default: 0] -= 1
        }
    }

    private static func capture(_ switches: String, megabytes: String) throws -> SyntheticCapture? {
        try SyntheticCapture(switches, megabytes: megabytes, seed: 42, neededFor: "SyntheticCapturesTests")
    }

    /// Compares what was decoded with what was sent.
    static func score(_ decoded: DecodedCapture, _ truth: [Truth]) -> Score {
        var score = Score()
        if !decoded.summary.troubles.isEmpty { score.faults.append("\(decoded.summary.troubles)") }
        var connections = Dictionary(grouping: decoded.connections) { "\($0.client) \($0.server)" }
        for flow in truth.sorted(by: { $0.t0 < $1.t0 }) {
            let key = "\(flow.client.text) \(flow.server.text)"
            let isThere = connections[key]?.isEmpty == false
            guard flow.isMSN else {
                // A file transfer is MSN's too, but its truth is of another kind.
                if isThere, flow.kind == "MSNFTP" { connections[key]?.removeFirst() }
                if isThere, flow.kind == "NOISE" { score.faults.append("claimed, but other traffic: \(key)") }
                continue
            }
            score.flows += 1
            guard isThere, let connection = connections[key]?.removeFirst() else {
                score.flowsMissed += 1
                let isVisible = zip(flow.bytes, flow.missing).contains { $0 > $1 }
                if flow.isIntact || isVisible {
                    score.faults.append("not found: \(flow.kind) \(key) \(flow.bytes), missing \(flow.missing)")
                }
                continue
            }
            judge(connection, flow, &score)
        }
        for key in connections.filter({ !$0.value.isEmpty }).keys.sorted() {
            score.faults.append("nobody spoke on \(key), or the sides are wrong")
        }
        return score
    }

    private static func judge(_ connection: DecodedConnection, _ flow: Truth, _ score: inout Score) {
        let name = "\(flow.kind) \(connection.client) \(connection.server)"
        if flow.isIntact || connection.role != .unknown {
            // A dispatch server only shows itself by the address that it names.
            let isNear = !flow.isIntact && flow.kind == "DS" && connection.role == .notification
            if connection.role.rawValue != flow.kind, !isNear {
                score.faults.append("\(name): role \(connection.role.rawValue)")
            }
        }
        if let dialect = connection.dialect?.description {
            if dialect != flow.dialect {
                score.faults.append("\(name): dialect \(dialect), not \(flow.dialect ?? "-")")
            }
        } else if flow.kind != "SB", flow.isIntact {
            score.faults.append("\(name): no dialect")
        }
        for (index, side) in [Side.client, .server].enumerated() {
            guard let sums = connection.sums[side] else {
                score.faults.append("\(name): never closed")
                return
            }
            let bytes = Int(sums.bytes)
            if flow.isIntact(index) {
                score.intactDirections += 1
                if connection.sha256(side) != flow.sha256[index] {
                    score.faults.append("\(name) \(side): \(bytes) bytes of \(flow.bytes[index]), another digest")
                }
                if let verbs = flow.verbs?[index], connection.verbs(side) != verbs {
                    score.faults.append("\(name) \(side): other commands")
                }
                if sums.noiseBytes > 0 { score.faults.append("\(name) \(side): \(sums.noiseBytes) bytes of noise") }
            } else if !flow.midstream {
                let gaps = Int(sums.gaps.reduce(0) { $0 + $1.length } + sums.ackedUnseenBytes)
                score.missing += flow.missing[index]
                score.declared += gaps
                let tail = flow.missing[index] - gaps
                if tail < 0 { score.faults.append("\(name) \(side): \(-tail) bytes too many declared missing") }
                score.tails += max(0, tail)
            }
            if bytes != flow.bytes[index] - flow.missing[index] {
                score.faults.append(
                    "\(name) \(side): \(bytes) bytes, but \(flow.bytes[index] - flow.missing[index]) were captured"
                        + " (midstream \(flow.midstream), \(connection.findings))")
            }
        }
        judgeMessages(connection, flow, name, &score)
    }

    private static func judgeMessages(
        _ connection: DecodedConnection, _ flow: Truth, _ name: String, _ score: inout Score
    ) {
        let said = flow.messages ?? []
        let damaged = Set(flow.damaged_messages ?? [])
        score.messages += said.count
        score.intactMessages += said.count - damaged.count
        var shown = connection.messages
        // The same text may have been sent twice, once whole: damaged ones are compared with the rest.
        for (index, text) in said.enumerated().sorted(by: {
            !damaged.contains($0.offset) && damaged.contains($1.offset)
        }) {
            let side: Side = text.dir == "c2s" ? .client : .server
            let place = shown.firstIndex { message in
                guard message.side == side, message.text == text.text else { return false }
                // The account of the client is in the first commands, which may be missing.
                guard flow.isIntact else { return message.from == text.from || message.from.isEmpty }
                // The truth also lists people for whom this connection has no JOI or IRO.
                return message.from == text.from && !Set(text.to).isDisjoint(with: message.to)
            }
            if let place {
                shown.remove(at: place)
                if !damaged.contains(index) { score.messagesFound += 1 }
            } else if !damaged.contains(index) {
                score.faults.append(
                    "\(name): an intact message is not there (\(side), \(index) of \(said.count)): \(text)")
            }
        }
        for message in shown { score.faults.append("\(name): nobody sent \(message)") }
    }
}
