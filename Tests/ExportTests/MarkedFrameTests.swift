// No telling word survives in any place where clients and servers put such words, however it is written there.

import Foundation
import MSNP
import Testing
import Transcript

@testable import Export

@Suite(.serialized) struct MarkedFrameTests {
    private static let dialects: [Dialect?] = [nil] + [2, 6, 8, 9, 10, 12, 14, 16, 18, 21].map { Dialect($0) }
    private static let telling = Search.Index(Marked.words + ["0123456789abcdef"])
    private static let roles: [Role] = [.unknown, .notification, .switchboard]

    @Test(arguments: Marked.lines.indices) func noWordOfALineIsLeft(index: Int) throws {
        let (side, line) = Marked.lines[index]
        try isClean(Array("\(line)\r\n".utf8), side)
    }

    @Test(arguments: Marked.payloads.indices) func noWordOfAPayloadIsLeft(index: Int) throws {
        let (side, bytes) = Marked.payloads[index]
        try isClean(bytes, side)
    }

    /// In every role and dialect, for lines look differently in them and a copy must not depend on what is known.
    private func isClean(_ bytes: [UInt8], _ side: Side) throws {
        let frame = try #require(Frame(bytes))
        let shown = String(decoding: bytes.prefix(60), as: UTF8.self)
        let isTelling = !Search.found(Self.telling, in: bytes).isEmpty
        #expect(isTelling, "nothing to find in \(shown)")
        for dialect in Self.dialects {
            for role in Self.roles {
                let event = Event(
                    time: Timestamp(nanoseconds: 0), connection: 1, role: role, dialect: dialect,
                    kind: .frame(frame, from: side))
                let copy = Copy(of: [event])
                #expect(copy.report.doubts.isEmpty, "\(shown)")
                guard case .frame(let result, _) = copy.events.first?.kind else {
                    Issue.record("no copy of \(shown)")
                    return
                }
                let left = Search.found(Self.telling, in: result.bytes)
                #expect(
                    left.isEmpty,
                    "\(dialect?.description ?? "-") \(role): \(String(decoding: result.bytes, as: UTF8.self))")
                #expect(result.argumentRanges == frame.argumentRanges)
                #expect(result.bytes.count == frame.bytes.count && result.payloadStart == frame.payloadStart)
                if !left.isEmpty { return }
            }
        }
    }
}
