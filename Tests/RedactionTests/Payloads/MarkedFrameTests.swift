// No identifying word is left in any place where clients and servers put such words, in any encoding.

import EventSamples
import Events
import Foundation
import MSNP
import Testing

@testable import Redaction

@Suite(.serialized) struct MarkedFrameTests {
    private static let dialects: [Dialect?] = [nil] + [2, 6, 8, 9, 10, 12, 14, 16, 18, 21].map { Dialect($0) }
    private static let secrets = Search.Index(SecretCorpus.words + ["0123456789abcdef"])
    private static let roles: [Role] = [.unknown, .notification, .switchboard]

    @Test(arguments: SecretCorpus.lines.indices) func noWordOfALineIsLeft(index: Int) throws {
        let (side, line) = SecretCorpus.lines[index]
        try isClean(Array("\(line)\r\n".utf8), side)
    }

    @Test(arguments: SecretCorpus.payloads.indices) func noWordOfAPayloadIsLeft(index: Int) throws {
        let (side, bytes) = SecretCorpus.payloads[index]
        try isClean(bytes, side)
    }

    /// What identifies nobody stays, so that a copy is decoded as its original is.
    @Test(arguments: [
        (
            "SDG 0",
            "Routing: 1.0\r\nTo: 1:a@b.c\r\nFrom: 1:d@e.f\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\n"
                + "Message-Type: Text\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi",
            ["Routing: 1.0\r\n", "Reliability: 1.0\r\n", "Messaging: 2.0\r\nMessage-Type: Text\r\n"]
        ),
        (
            "NFY PUT",
            "Routing: 1.0\r\n\r\nReliability: 1.0\r\n\r\nNotification: 1.0\r\nUri: /user\r\nContent-Length: 0\r\n\r\n",
            ["Notification: 1.0\r\nUri: /user\r\n"]
        ),
        (
            "UBM a@b.c 32 d@e.f 1 3",
            "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n",
            ["MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1"]
        ),
        (
            "ADL 0", "<ml><d n=\"b.c\"><c n=\"a\" l=\"8\" t=\"1\" f=\"Ed%20X\"/></d></ml>",
            [" l=\"8\" t=\"1\" f=\""]
        ),
        (
            "NOT",
            "<NOTIFICATION ver=\"1\"><TO name=\"a@b.c\" email=\"a@b.c\"/><MSG pri=\"1\" id=\"0\"><ACTION url=\"http://b.c/\"/>"
                + "<BODY lang=\"1033\">x</BODY></MSG></NOTIFICATION>",
            ["<TO name=\"", " email=\"", "<MSG pri=\"1\" ", "url=\"http://", "<BODY lang=\"1033\">"]
        ),
        (
            "GCF 0", "<Policies><Policy type=\"SHIELDS\" checksum=\"1\"><config><shield>",
            ["<Policies><Policy type=\"", "<config>"]
        ),
        (
            "UBX a@b.c", "<Data><CurrentMedia>\\0Music\\01\\0{0} - {1}\\0Song\\0Band\\0</CurrentMedia></Data>",
            ["\\0Music\\01\\0{0} - {1}\\0", "\\0</CurrentMedia>"]
        ),
        (
            "MSG Hotmail Hotmail",
            "Content-Type: text/x-msmsgsinitialmdatanotification\r\n\r\nMail-Data: <MD><E><I>3</I><IU>2</IU></E><M><T>11</T>"
                + "<RT>2007-05-14T15:52:53.377Z</RT><F>.!!OIM</F></M></MD>\r\n",
            ["<E><I>3</I><IU>2</IU></E><M><T>11</T><RT>2007-05-14T15:52:53.377Z</RT><F>.!!OIM</F></M>"]
        ),
    ])
    func whatIsNobodysStays(line: String, payload: String, kept: [String]) throws {
        let frame = try #require(Frame(Array("\(line) \(payload.utf8.count)\r\n\(payload)".utf8)))
        let event = Event(
            time: Timestamp(nanoseconds: 0), connection: 1, role: .notification, dialect: Dialect(21),
            kind: .frame(frame, from: .server))
        guard case .frame(let result, _) = RedactedCopy(of: [event]).events.first?.kind else {
            Issue.record("no copy of \(line)")
            return
        }
        let text = String(decoding: result.payload, as: UTF8.self)
        for part in kept { #expect(text.contains(part), "\(text)") }
    }

    /// In every role and dialect, for lines look differently in them and a copy must not depend on what is known.
    private func isClean(_ bytes: [UInt8], _ side: Side) throws {
        let frame = try #require(Frame(bytes))
        let shown = String(decoding: bytes.prefix(60), as: UTF8.self)
        let isFound = !Search.found(Self.secrets, in: bytes).isEmpty
        #expect(isFound, "nothing to find in \(shown)")
        for dialect in Self.dialects {
            for role in Self.roles {
                let event = Event(
                    time: Timestamp(nanoseconds: 0), connection: 1, role: role, dialect: dialect,
                    kind: .frame(frame, from: side))
                let copy = RedactedCopy(of: [event])
                #expect(copy.report.refusals.isEmpty, "\(shown)")
                guard case .frame(let result, _) = copy.events.first?.kind else {
                    Issue.record("no copy of \(shown)")
                    return
                }
                let left = Search.found(Self.secrets, in: Array(result.bytes))
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
