// Names of dialects, numbers, verbs: the small words of the protocol.

import MSNP
import Testing

@Suite struct DialectTests {
    @Test(
        arguments: [
            ("MSNP2", 2), ("MSNP21", 21), ("msnp8", 8), ("Msnp12", 12), ("MSNP99", 99), ("CVR0", 0), ("cvr0", 0),
            ("MSNP0", nil),
            ("MSNP", nil), ("MSNP100", nil), ("MSNPx", nil), ("MSNP-1", nil), ("CVR1", nil), ("0", nil), ("", nil),
            ("MSNFTP", nil),
            ("MSNP 8", nil), ("XMSNP8", nil),
        ] as [(String, UInt8?)]) func names(_ name: String, _ number: UInt8?)
    {
        #expect(Dialect(token: raw(name))?.number == number)
    }

    @Test func agesAndNames() {
        #expect(Dialect(0) < Dialect(2) && Dialect(9) < Dialect(10) && Dialect(12) < Dialect(13))
        #expect(Dialect(18).description == "MSNP18")
        #expect(Dialect(0).description == "CVR0")
        #expect(Side.client.other == .server && Side.server.other == .client)
    }

    @Test(
        arguments: [
            ("0", 0), ("5", 5), ("0000000005", 5), ("9999999999", 9_999_999_999), ("00000000005", nil), ("+5", nil),
            ("-5", nil),
            (" 5", nil), ("5 ", nil), ("", nil), ("0x5", nil), ("5.0", nil), ("\u{B2}", nil),
        ] as [(String, UInt64?)]) func decimals(_ text: String, _ value: UInt64?)
    { #expect(Decimal.value(of: raw(text)) == value) }

    @Test func verbs() {
        #expect(Verb("MSG").description == "MSG" && Verb("MSG").bytes == raw("MSG") && !Verb("MSG").isError)
        #expect(Verb("911").description == "911" && Verb("911").isError)
        #expect(Verb("ZZZ" as String) == "ZZZ" && Verb("no verb") == .empty)
        #expect(Verb.empty.description.isEmpty && !Verb.empty.isError && Verb.empty.bytes.isEmpty)
        for text in ["", "MS", "MSGX", "msg", "M1G", "1MG", "12A", "ÄÖÜ", "M G"] {
            #expect(Verb(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("PNG", []), ("PNG ", [""]), ("PNG  ", ["", ""]), ("PRP 8 27 PHW ", ["8", "27", "PHW", ""]),
        ("SDC 34 z X X  0", ["34", "z", "X", "X", "", "0"]), ("OUT RCT 5", ["RCT", "5"]), ("", []),
    ]) func argumentsAreSplitAtEverySpace(_ line: String, _ arguments: [String]) throws {
        for end in ["\r\n", "\n"] {
            let frame = try #require(Frame(raw(line + end)))
            #expect(frame.tokenRanges.map { Array(frame.bytes[$0]) } == arguments.map(raw))
            // Those behind a blank at the end are no arguments.
            var bare = arguments
            while bare.last?.isEmpty == true { bare.removeLast() }
            #expect(frame.arguments.map(Array.init) == bare.map(raw))
            #expect(Array(frame.line) == raw(line))
            #expect(Array(frame.terminator) == raw(end))
        }
    }

    @Test(arguments: ["msg 1\r\n", "PNG", "MSGX\r\n", ""]) func bytesThatAreNoFrame(_ text: String) {
        #expect(Frame(raw(text)) == nil)
    }

    @Test func replacingTouchesNothingElse() throws {
        let frame = try #require(Frame(raw("MSG a@b.c  A 2\nhi")))
        let ranges = frame.argumentRanges
        #expect(frame.replacing([]) == frame.bytes)
        #expect(
            frame.replacing([(ranges[0], raw("x")), (ranges[1], raw("yy")), (ranges[3], [])]) == raw("MSG x yy A \nhi"))
        // Changes out of order or out of bounds are left out.
        #expect(frame.replacing([(ranges[2], raw("x")), (ranges[0], raw("y"))]) == raw("MSG a@b.c  x 2\nhi"))
        #expect(frame.replacing([(0..<99, raw("x"))]) == frame.bytes)
    }
}
