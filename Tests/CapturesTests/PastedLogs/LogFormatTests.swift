// Logs of other programs: a sample of each, made up in the form of the program's source.

import Foundation
import TestSupport
import Testing

@testable import Captures

/// A log of a program, and what must be read of it.
struct LogSample: CustomTestStringConvertible {
    var program: String
    var text: String
    var expected: [String]
    /// The time of the first command in microseconds since 1970; nil if the log has no times.
    var time: Int64?

    var testDescription: String { program }

    /// 11:44:14 on 1970-01-01.
    private static let clock: Int64 = 42_254_000_000

    static let all: [LogSample] = [
        LogSample(
            program: "Pidgin",
            text: """
                (11:44:14) dnsquery: Performing DNS lookup for messenger.example.com
                (11:44:14) msn: C: NS 000: VER 1 MSNP15 CVR0
                (11:44:15) msn: S: NS 000: VER 1 MSNP15
                (11:44:16) msn: C: NS 000: UUX 2 53
                (11:44:16) msn: S: SB 001: MSG bob@example.com Bob 130
                (11:44:16) g_log: something else
                """,
            expected: [
                "0 opened", "0 C VER 1 MSNP15 CVR0", "0 S VER 1 MSNP15", "0 C UUX 2 53", "0 payload_left_out",
                "1 opened", "1 S MSG bob@example.com Bob 130", "1 payload_left_out",
            ], time: clock),
        LogSample(
            program: "Gaim 1",
            text: """
                (11:44:14) msn: C: NS 000: VER 1 MSNP8 CVR0
                msn: S: NS 000: VER 1 MSNP8
                """,
            expected: ["0 opened", "0 C VER 1 MSNP8 CVR0", "0 S VER 1 MSNP8"], time: clock),
        LogSample(
            program: "Gaim 0.6",
            text: """
                msn: C: USR 1 alice@example.com 17.99
                msn: S: USR 1 OK alice@example.com Alice
                msn: C: MSG 2 N 41
                Content-Type: text/plain

                C: is a drive
                msn: S: BYE bob@example.com
                """,
            expected: [
                "0 opened", "0 C USR 1 alice@example.com 17.99", "0 S USR 1 OK alice@example.com Alice",
                "0 C MSG 2 N 41 [Content-Type: text/plain~~C: is a drive]", "0 S BYE bob@example.com",
            ]),
        LogSample(
            program: "msn-pecan on a console",
            text: """
                INFO cmd/cmdproc.c:94:show_debug_cmd() C: 000: VER 1 MSNP9 CVR0
                DEBUG io/pn_node.c:517:write_impl() name=foo
                INFO cmd/cmdproc.c:94:show_debug_cmd() S: 000: VER 1 MSNP9
                INFO cmd/cmdproc.c:94:show_debug_cmd() C: 001: UUX 2 53
                DEBUG io/pn_node.c:517:write_impl() name=foo
                """,
            expected: [
                "0 opened", "0 C VER 1 MSNP9 CVR0", "0 S VER 1 MSNP9", "0 C UUX 2 53", "0 payload_left_out",
            ]),
        LogSample(
            program: "msn-pecan in Pidgin and in a file",
            text: """
                (11:44:14) msn-pecan: cmd/cmdproc.c:94:show_debug_cmd() C: 000: VER 1 MSNP9 CVR0
                INFO\tcmd/cmdproc.c:94:show_debug_cmd()\tS: 000: VER 1 MSNP9
                """,
            expected: ["0 opened", "0 C VER 1 MSNP9 CVR0", "0 S VER 1 MSNP9"], time: clock),
        LogSample(
            program: "papyon",
            text: """
                [11:44:14 DEBUG papyon.transport] <-> Connecting to messenger.example.com:1863
                [11:44:14 DEBUG papyon.transport] >>> USR 1 alice@example.com 17.99
                [11:44:14 DEBUG papyon.transport] <<< USR 1 OK alice@example.com Alice
                [11:44:15 DEBUG papyon.transport] <<< MSG bob@example.com Bob 93\r
                \tMIME-Version: '1.0'\\r\\n
                \tContent-Type: "text/plain; charset=UTF-8"\\r\\n
                \t\\r\\n
                \tHello\\r\\n
                \t<<< OUT
                [11:44:15 DEBUG papyon.transport] >>> UUX 9 53\r
                \t[payload]
                [11:44:15 DEBUG papyon.transport] >>> QRY 10 PROD0090YUAUV{2B 32\r
                '0123456789abcdef0123456789abcdef'
                [11:44:16 DEBUG papyon.transport] >>> MSG 11 D 71\r
                \tContent-Type: 'application/x-msnmsgrp2p'\\r\\n
                \t[P2P message (56 bytes)]
                [11:44:16 DEBUG papyon.service] something else
                """,
            expected: [
                "0 opened", "0 C USR 1 alice@example.com 17.99", "0 S USR 1 OK alice@example.com Alice",
                "0 S MSG bob@example.com Bob 76 "
                    + "[MIME-Version: 1.0~Content-Type: text/plain; charset=UTF-8~~Hello~<<< OUT]",
                "0 C UUX 9 53", "0 payload_left_out",
                "0 C QRY 10 PROD0090YUAUV{2B 32 [0123456789abcdef0123456789abcdef]",
                "0 C MSG 11 D 71", "0 payload_left_out",
            ], time: clock),
        LogSample(
            program: "papyon in a debug window",
            text: """
                (11:44:14) papyon.transport:>>> PNG
                (11:44:14) papyon.transport:<<< QNG 42
                DEBUG:papyon.transport:>>> PNG
                """,
            expected: ["0 opened", "0 C PNG", "0 S QNG 42", "0 C PNG"], time: clock),
        LogSample(
            program: "pymsn",
            text: """
                DEBUG:Transport:<-> Connecting to messenger.example.com:1863
                DEBUG:Transport:>>> VER 0 MSNP15 CVR0
                DEBUG:Transport:<<< VER 0 MSNP15
                DEBUG:Transport:>>> MSG 5 N
                \tContent-Type: 'text/plain'\\r\\n
                \t\\r\\n
                \thi
                """,
            expected: [
                "0 opened", "0 C VER 0 MSNP15 CVR0", "0 S VER 0 MSNP15",
                "0 C MSG 5 N 30 [Content-Type: text/plain~~hi]",
            ]),
        LogSample(
            program: "aMSN",
            text: """
                [11:44:14] ->ns-sock12 VER 1 MSNP12 CVR0

                [11:44:14] <-ns-sock12 VER 1 MSNP12
                [11:44:15] ->::SB1-sock14 USR 2 alice@example.com 17.99

                [11:44:16] <-::SB1-sock14 MSG bob@example.com Bob 30
                [11:44:16] Message Contents:
                Content-Type: text/plain

                hi
                [11:44:17] ->::SB1-sock14 MSG 3 N 30
                Content-Type: text/plain

                ->
                [11:44:17] <-ns CLOSED
                """,
            expected: [
                "0 opened", "0 C VER 1 MSNP12 CVR0", "0 S VER 1 MSNP12", "1 opened",
                "1 C USR 2 alice@example.com 17.99", "1 S MSG bob@example.com Bob 30 [Content-Type: text/plain~~hi]",
                "1 C MSG 3 N 30 [Content-Type: text/plain~~->]",
            ], time: clock),
        LogSample(
            program: "aMSN, old",
            text: """
                ->NS VER 1 MSNP8 CVR0
                <-ns VER 1 MSNP8\\n
                <-ns MSG Hotmail Hotmail 11\\n
                Message Contents:
                A: b

                cde
                -> is an arrow, and <- another
                """,
            expected: [
                "0 opened", "0 C VER 1 MSNP8 CVR0", "1 opened", "1 S VER 1 MSNP8",
                "1 S MSG Hotmail Hotmail 11 [A: b~~cde]",
            ]),
        LogSample(
            program: "Escargot",
            text: """
                Serving on 0.0.0.0:1863
                NS/3f2a con
                NS/3f2a >>> VER 1 MSNP12 CVR0
                NS/3f2a <<< VER 1 MSNP12
                SB/00c1 >>> ANS 1 bob@example.com 17.99 11
                SB/00c1 <<< MSG alice@example.com Alice 3
                SB/00c1 >>> MSG 2 1
                NS/3f2a dis
                """,
            expected: [
                "0 opened", "0 C VER 1 MSNP12 CVR0", "0 S VER 1 MSNP12", "1 opened",
                "1 C ANS 1 bob@example.com 17.99 11", "1 S MSG alice@example.com Alice 3", "1 payload_left_out",
                "1 C MSG 2 1", "1 payload_left_out",
            ]),
        LogSample(
            program: "BitlBee",
            text: """
                \u{1B}[91m>>>[NS9] VER 1 MSNP18 CVR0\r

                \u{1B}[97m
                \u{1B}[92m<<< VER 1 MSNP18\r
                \u{1B}[97m
                \u{1B}[92m<<< CHL 0 1557013157\r
                NLN NLN 1:bob@example.com Bob 0 0\r
                UBX 1:bob@example.com 12\r
                <Data></DataBPR 1 MOB N\u{1B}[97m
                \u{1B}[92m<<< \r
                \u{1B}[97m\u{1B}[91m>>>[NS9] QRY 2 PROD0090YUAUV{2B 32\r
                0123456789abcdef0123456789abcdef
                \u{1B}[97m
                """,
            expected: [
                "0 opened", "0 C VER 1 MSNP18 CVR0", "0 S VER 1 MSNP18", "0 S CHL 0 1557013157",
                "0 S NLN NLN 1:bob@example.com Bob 0 0", "0 S UBX 1:bob@example.com 12 [<Data></Data]",
                "0 S BPR 1 MOB N", "0 C QRY 2 PROD0090YUAUV{2B 32 [0123456789abcdef0123456789abcdef]",
            ]),
        LogSample(
            program: "BitlBee without colours",
            text: """
                >>>[NS9] VER 1 MSNP18 CVR0

                <<< VER 1 MSNP18
                CVR 2 1 1 1 http://example.com/ http://example.com/

                <<< QNG 42
                """,
            expected: [
                "0 opened", "0 C VER 1 MSNP18 CVR0", "0 S VER 1 MSNP18",
                "0 S CVR 2 1 1 1 http://example.com/ http://example.com/", "0 S QNG 42",
            ]),
        LogSample(
            program: "Miranda IM",
            text: """
                [11:44:14 MSN] (00A1B2C3:412) Connected to messenger.example.com:1863
                [11:44:14 MSN] (00A1B2C3:412) Data sent
                VER 1 MSNP15 CVR0

                [11:44:14 MSN] (00A1B2C3:412) Data received
                VER 1 MSNP15

                [11:44:15 MSN] (00A1B2C4:416) Data sent
                USR 1 alice@example.com 17.99

                [11:44:15 MSN] (00A1B2C4:416) Data received
                MSG bob@example.com Bob 30
                Content-Type: text/plain

                hiMSG bob@example.com Bob 30
                Content-Type: te
                [11:44:16 MSN] (00A1B2C4:416) Data received
                xt/plain

                ho
                [11:44:17 MSN] (00A1B2C4:416) Connection closed
                """,
            expected: [
                "0 opened", "0 C VER 1 MSNP15 CVR0", "0 S VER 1 MSNP15", "1 opened",
                "1 C USR 1 alice@example.com 17.99", "1 S MSG bob@example.com Bob 30 [Content-Type: text/plain~~hi]",
                "1 S MSG bob@example.com Bob 30 [Content-Type: text/plain~~ho]",
            ], time: clock),
        LogSample(
            program: "Miranda NG with a hex dump",
            text: """
                [11:44:14 1A2B] [MSN] (0A1B2C3D:412) Data sent
                00000000: 41 4E 53 20-31 20 62 40-63 20 31 20-31 0D 0A 4D  ANS 1 b@c 1 1..M
                00000010: 53 47 20 32-20 44 20 34-0D 0A 00 FF-0A 41        SG 2 D 4.....A
                [11:44:15 1A2B] [MSN] (0A1B2C3D:412) Data received
                BYE bob@example.com
                """,
            expected: [
                "0 opened", "0 C ANS 1 b@c 1 1", "0 C MSG 2 D 4 [\0\u{FFFD}\nA]", "0 S BYE bob@example.com",
            ], time: clock),
    ]
}

@Suite struct LogFormatTests {
    @Test(arguments: LogSample.all) func sample(sample: LogSample) {
        let said = readLog(Array(sample.text.utf8))
        #expect(said == sample.expected)
        #expect(PastedLog.isOne(Array(sample.text.utf8)))
        if let time = sample.time { #expect(timesOfLog(sample.text).first == time) }
    }

    /// A log cut anywhere is read up to there, and with other bytes in it, something is read.
    @Test(arguments: LogSample.all) func cutAnywhere(sample: LogSample) {
        let bytes = Array(sample.text.utf8)
        for count in 0...bytes.count { _ = readLog(Array(bytes[..<count])) }
        for place in bytes.indices {
            var changed = bytes
            changed[place] = 0x0A
            _ = readLog(changed)
        }
    }

    /// Each line that docs/logs.md shows in its table is found by the table of prefixes.
    @Test func theLinesOfTheDocumentAreFound() throws {
        let page = try String(contentsOf: Repository.root.appending(path: "docs/logs.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains("`") }
        #expect(rows.count >= 13)
        for row in rows {
            for span in row.matches(of: /`([^`]+)`/) {
                let line = String(span.1)
                guard line.contains(" "), !line.contains("…"), line != "Message Contents:" else { continue }
                #expect(LogLine(Array(line.utf8)[...]).side != nil, "\(line)")
            }
        }
    }

    @Test func datesAndThreads() {
        let text = """
            [2012-05-06 09:28:18 1A2B] [MSN] (0A1B:4) Data sent
            PNG
            [9:28:19 MSN] (0A1B:4) Data received
            QNG 42
            """
        #expect(timesOfLog(text) == [1_336_296_498_000_000, 1_336_296_499_000_000])
    }

    /// A payload that is cut has the time of its last bytes.
    @Test func timeOfACutPayload() {
        let text = """
            [10:00:00 MSN] (0A1B:4) Data received
            MSG bob@example.com Bob 90
            Content-Type: te
            [10:00:05 MSN] (0A1B:4) Data received
            xt/plain
            [10:00:09 MSN] (0A1B:4) Data received
            BYE bob@example.com
            """
        #expect(timesOfLog(text) == [36_005_000_000, 36_009_000_000])
    }

    /// A payload that is cut ends before the next command; its rest, if any, is no command.
    @Test func cutPayloads() {
        let bytes = """
            (00A1:1) Data received
            MSG bob@example.com Bob 90
            Content-Type: text/plain
            (00A1:1) Data received
            BYE bob@example.com
            """
        #expect(
            readLog(Array(bytes.utf8)) == [
                "0 opened", "0 S MSG bob@example.com Bob 90 [Content-Type: text/plain]", "0 length_mismatch",
                "0 S BYE bob@example.com",
            ])
    }
}
