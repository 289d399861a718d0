// Which numbers are transaction identifiers (payload-rules.md, L7 and the lists at the end of section 4).

import MSNP
import Testing

@Suite struct TransactionTests {
    struct Row: CustomTestStringConvertible {
        var line: String
        var side: Side
        var dialect: UInt8?
        var transaction: UInt32?
        var testDescription: String { "\(side) \(line) in \(dialect.map(String.init) ?? "any")" }

        init(_ line: String, _ side: Side, _ dialect: UInt8?, _ transaction: UInt32?) {
            self.line = line
            self.side = side
            self.dialect = dialect
            self.transaction = transaction
        }
    }

    @Test(arguments: [
        Row("VER 1 MSNP8 CVR0", .client, nil, 1), Row("VER 0 MSNP2", .server, 2, 0),
        Row("USR 4294967295 OK a@b.c", .server, 8, .max),
        Row("USR 4294967296 OK a@b.c", .server, 8, nil), Row("USR 99999999999 OK", .server, 8, nil),
        Row("USR x OK", .server, 8, nil),
        Row("USR  OK", .server, 8, nil), Row("USR", .server, 8, nil), Row("USR 007 OK", .server, 8, 7),
        Row("MSG 4 N 5", .client, 8, 4), Row("MSG 4 4 5", .server, 8, nil), Row("MSG 4 N 5", .client, nil, 4),
        Row("CHL 0 15570131571988941333", .server, 8, 0), Row("QRY 10", .server, 8, 10),
        Row("QRY 10 a 32", .client, 8, 10),
        Row("QNG 50", .server, 9, nil), Row("RNG 11752013 1.2.3.4:5 CKI 1", .server, 8, nil),
        Row("NOT 234", .server, 7, nil),
        Row("IPG 215", .server, 6, nil), Row("OUT", .client, 8, nil), Row("PNG", .client, 8, nil),
        Row("NLN 1 a@b.c", .server, 8, nil),
        Row("FLN 1", .server, 8, nil), Row("UBX 1 2", .server, 15, nil), Row("UBN 1 2 3", .server, 15, nil),
        Row("NFY 1 2", .server, 18, nil),
        Row("JOI 1 A", .server, 8, nil), Row("BYE 1", .server, 8, nil), Row("BPR 27 a@b.c PHH 5", .server, 7, nil),
        Row("ILN 9 AWY a@b.c A", .server, 8, 9), Row("IRO 1 2 3 a@b.c A", .server, 8, 1),
        Row("ADL 0 144", .server, 13, 0),
        Row("ADL 7 OK", .server, 13, 7), Row("XFR 15 SB", .client, 8, 15), Row("XFR 0 NS 0", .server, 8, 0),
        Row("ACK 5", .server, 8, 5),
        Row("LST 8 FL 27 1 1 a@b.c A", .server, 7, 8), Row("LST 8 A 11", .server, 8, nil),
        Row("LST 8 A 11", .server, nil, nil),
        Row("LST 32 RL", .client, 8, 32), Row("LSG 8 27 1 2 0 Other 0", .server, 7, 8),
        Row("LSG 0 Other 0", .server, 8, nil),
        Row("GTC 8 27 A", .server, 7, 8), Row("GTC A", .server, 8, nil), Row("SBS 0 null", .server, 15, 0),
        Row("217 7", .server, 8, 7), Row("241 13 43", .server, 15, 13), Row("604", .server, 8, nil),
        Row("200 what is this", .server, 2, nil),
        Row("999 7", .server, nil, 7), Row("ZZZ 7", .server, 8, nil), Row("ZZZ 7", .client, nil, nil),
        Row("", .client, 8, nil),
        Row("SYN 8 0", .client, 30, 8), Row("GCF 0 21", .server, 13, 0), Row("UUX 9 0", .server, 200, 9),
    ]) func transactions(_ row: Row) throws {
        let frame = try #require(Frame(raw(row.line + "\r\n")))
        #expect(frame.transaction(from: row.side, in: row.dialect.map(Dialect.init)) == row.transaction)
    }
}
