// Switchboards of clients that send otherwise than the protocol has it can be shared too.

import Captures
import Foundation
import MSNP
import Testing
import Transcript

@testable import Export

@Suite struct ClientCopyTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "captures")

    @Test(arguments: ["client-pidgin", "client-msn-pecan", "client-wlm2009-to-older", "client-loose-forms"])
    func nothingIsRefusedAndNobodyIsNamed(_ name: String) {
        var events: [Event] = []
        _ = Captures.decode([Self.folder.appending(path: "\(name).pcap").path]) { event in
            events.append(event)
            return true
        }
        #expect(events.count > 10)
        let copy = Copy(of: events)
        #expect(copy.report.doubts.isEmpty)
        let said = String(decoding: copy.bytes, as: UTF8.self).lowercased()
        for word in ["anna@", "ben@", "tells the length", "marks what it sends", "from ben to anna"] {
            #expect(!said.contains(word), "\(word)")
        }
    }
}
