// The table of files and objects that people sent.

import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct TransferTests {
    private static func rows(_ archive: Archive) throws -> [String] {
        try archive.queue.writeWithoutTransaction { (db: Database) throws in
            try String.fetchAll(
                db,
                sql: """
                    SELECT connection || ' ' || kind || ' ' || ifnull(name, '-') || ' ' || ifnull(address, '-') || ' '
                    || ifnull(bytes, '-') || ' ' || ifnull(is_complete, '-') || ' ' || time_ns
                    FROM transfer LEFT JOIN account ON account.id = sender ORDER BY 1
                    """)
        }
    }

    /// Offers of MSNFTP carry the name; the file itself comes over another connection.
    @Test func anOfferOfAFileIsARow() throws {
        let scratch = try Scratch()
        let invitation = """
            MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n\
            Application-Name: File Transfer\r\nApplication-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}\r\n\
            Invitation-Command: INVITE\r\nInvitation-Cookie: 33267\r\nApplication-File: holiday.jpg\r\n\
            Application-FileSize: 4711\r\n\r\n
            """
        var capture = CaptureMaker()
        capture.connection(
            from: 2, port: 4_002, to: 1_865,
            [
                (.client, "USR 1 alice@example.com 17.25\r\n", true),
                (.server, "USR 1 OK alice@example.com Alice\r\n", true),
                (.server, "JOI bob@example.com Bob%20B\r\n", true),
                (.server, "MSG bob@example.com Bob \(invitation.utf8.count)\r\n\(invitation)", true),
            ])
        let archive = try Archive.importing(capture.bytes, in: scratch)
        let rows = try Self.rows(archive)
        #expect(rows.count == 1)
        #expect(rows.first?.hasPrefix("1 file holiday.jpg bob@example.com 4711 - 11") == true, "\(rows)")
        _ = try archive.reindex()
        #expect(try Self.rows(archive) == rows)
    }

    /// Pictures and files of the peer-to-peer layer, complete and not; reindex makes the same rows.
    @Test func transfersAreRows() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([Repository.capture("transfers.pcap")])
        let rows = try Self.rows(archive)
        #expect(rows.contains { $0.contains(" file notes.txt anna@example.com ") }, "\(rows)")
        #expect(rows.contains { $0.contains(" picture ") })
        // Its data went over a direct link.
        #expect(rows.count { $0.contains(" file song.mp3 ben@example.org 3000 - ") } == 1, "\(rows)")
        _ = try archive.reindex()
        #expect(try Self.rows(archive) == rows)
    }
}
