// Switchboards of clients that send otherwise than the protocol has it can be shared too.

import EventSamples
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Redaction

@Suite struct ClientCopyTests {
    @Test(arguments: ["client-pidgin", "client-msn-pecan", "client-wlm2009-to-older", "client-loose-forms"])
    func nothingIsRefusedAndNobodyIsNamed(_ name: String) {
        let events = Recording([Repository.capture("\(name).pcap")]).events
        #expect(events.count > 10)
        let copy = RedactedCopy(of: events)
        #expect(copy.report.refusals.isEmpty)
        let said = String(decoding: copy.bytes, as: UTF8.self).lowercased()
        for word in ["anna@", "ben@", "tells the length", "marks what it sends", "from ben to anna"] {
            #expect(!said.contains(word), "\(word)")
        }
    }
}
