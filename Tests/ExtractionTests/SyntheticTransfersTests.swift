// Large invented captures, also with disorder, against the truth that their maker wrote beside them.

import Captures
import Events
import Foundation
import MSNP
import Payloads
import TestSupport
import Testing

@testable import Extraction

/// One line of a truth file: what was transferred on one TCP connection.
private struct Truth: Decodable {
    struct Object: Decodable {
        var size: UInt64
        var sha256: String
    }
    struct File: Decodable {
        var name: String
        var size: UInt64
        var sha256: String
    }
    struct Text: Decodable {
        var chunks: Int?
        var text: String
    }

    var client: SyntheticCapture.Endpoint
    var server: SyntheticCapture.Endpoint
    var missing: [Int]
    var midstream: Bool
    var objects: [Object]?
    var file: File?
    var messages: [Text]?
    var damaged_messages: [Int]?

    var isIntact: Bool { !midstream && missing == [0, 0] }
    /// What it carried, by digest.
    var digests: [String] { (objects ?? []).map(\.sha256) + (file.map { [$0.sha256] } ?? []) }
}

@Suite(.serialized) struct SyntheticTransfersTests {
    @Test(arguments: [
        "", "--reorder .05 --duplicate .05 --overlap .05", "--drop .01", "--reorder .05 --drop .005 --coalesce .8",
    ])
    func meetsTheTruth(_ switches: String) async throws {
        // On a thread of its own: it takes seconds, and other tests wait for their turn.
        let faults = try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try Self.faults(switches) }) }.start()
        }
        for fault in faults.prefix(10) { Issue.record("\(fault)") }
    }

    /// What is wrong with what comes out of captures made with these switches.
    private static func faults(_ switches: String) throws -> [String] {
        var faults: [String] = []
        for seed in [7, 42] {
            let capture = try SyntheticCapture(
                "--profile \(seed == 7 ? "bulk" : "mixed") \(switches)", megabytes: "3", seed: seed,
                neededFor: "SyntheticTransfersTests")
            guard let capture else { return [] }
            faults += try Self.faults(capture).map { "\(switches), seed \(seed): \($0)" }
        }
        return faults
    }

    private static func faults(_ capture: SyntheticCapture) throws -> [String] {
        let truth = try capture.truth(Truth.self)
        let scratch = try Scratch()
        var extractor = Extractor(into: try OutputFolder(scratch.path("out")))
        var names: [Int: String] = [:]
        var longTexts: [String] = []
        var failure: (any Error)?
        _ = Captures.decode([capture.path]) { event in
            if case .opened(let ends) = event.kind { names[event.connection] = "\(ends.client) \(ends.server)" }
            if case .message(let message) = event.kind, message.parts > 1 { longTexts.append(message.text) }
            do { try extractor.take(event) } catch { failure = error }
            return failure == nil
        }
        if let failure { throw failure }
        try extractor.endOfRecording()

        var faults: [String] = []
        // Whatever is written as whole is what was sent, under its name.
        let known = Set(truth.flatMap(\.digests))
        var found: [String: Set<String>] = [:]
        let whole = extractor.extracts.filter(\.isComplete)
        for extract in whole {
            let digest = Hexadecimal.text(extract.sha256 ?? [])
            if !known.contains(digest) { faults.append("something whole that nobody sent") }
            for origin in extract.origins where origin.isData {
                found[names[origin.place.connection] ?? "", default: []].insert(digest)
            }
        }
        if try scratch.names(in: "out") != whole.compactMap(\.file).sorted() { faults.append("other files than told") }
        // What lies intact in the capture comes out, with its digest; what does not is whole or declared incomplete.
        var intact = 0
        for flow in truth where !flow.digests.isEmpty {
            let key = "\(flow.client.text) \(flow.server.text)"
            let isThere = found[key, default: []].isSuperset(of: flow.digests)
            if flow.isIntact {
                intact += 1
                if !isThere { faults.append("\(key) lacks something that is intact") }
            } else if !isThere, !flow.midstream, names.values.contains(key) {
                // Where the beginning of a connection is missing, invitation and first chunks may be too.
                let isDeclared = extractor.extracts.contains { extract in
                    !extract.isComplete && extract.origins.contains { names[$0.place.connection] == key }
                }
                if !isDeclared { faults.append("\(key) lacks something, and nothing says so") }
            }
        }
        if intact == 0 { faults.append("nothing is intact") }
        for text in truth.filter(\.isIntact).flatMap({ $0.messages ?? [] }) where (text.chunks ?? 1) > 1 {
            if !longTexts.contains(text.text) { faults.append("a long text is missing") }
        }
        let declared = extractor.extracts.count - whole.count
        print("\(intact) intact flows, \(whole.count) whole, \(declared) declared incomplete")
        return faults
    }
}
