// Why connections ended, as text and back.

import Events
import MSNP
import Testing

@Suite struct CloseReasonTests {
    private static let all: [CloseReason] = [
        .closed, .closedBy(.client), .closedBy(.server), .reset, .resetBy(.client), .resetBy(.server), .gaveWay,
        .handshakeFailed, .gatewayIdle,
        .relayStopped, .portsReused, .idle, .tooManyConnections, .captureEnds, .logEnds, .gatewayRefused,
        .noConnection(to: HostPort("messenger.example.com", 1_863), why: "Connection refused (111): really"),
        .noConnection(to: HostPort("2001:db8::1", 99), why: "timed out"), .other("the client was switched off"),
        .other(""),
    ]

    @Test(arguments: all) func theTextTellsTheReason(reason: CloseReason) {
        #expect(CloseReason(reason.text) == reason)
    }

    /// What another version wrote stays as it was written.
    @Test(arguments: ["closed by somebody", "no connection to ", "no connection to x", "reset by the moon", "Closed"])
    func unknownWordsStay(text: String) {
        #expect(CloseReason(text) == .other(text) && CloseReason(text).text == text)
    }
}
