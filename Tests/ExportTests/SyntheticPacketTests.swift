// Synthetic packets: their times and gaps, exactly.

import EventSamples
import Events
import MSNP
import TestSupport
import Testing

@testable import Export

@Suite struct SyntheticPacketTests {
    private func packets(_ script: Script) -> [SyntheticTCP.Packet] {
        var tcp = SyntheticTCP()
        var packets: [SyntheticTCP.Packet] = []
        for event in script.events { tcp.add(event) { packets.append($0) } }
        tcp.finish { packets.append($0) }
        return packets
    }

    @Test func timesKeepTheirNanoseconds() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, "USR 1 anna@example.com 17.4\r\n", after: 1_234_567)
        script.send(.server, "JOI ben@example.com Ben\r\n", after: 89)
        script.close("closed")
        let scratch = try Scratch()
        let recording = Recording([try scratch.write(pcapng(script.events), to: "made.pcapng")])
        let times = recording.events.compactMap { event -> Int64? in
            if case .frame = event.kind { event.time.nanoseconds } else { nil }
        }
        #expect(times == script.events[1...2].map(\.time.nanoseconds))
    }

    @Test func theNameOfAnAddressEndsWithAZero() {
        var bytes: [UInt8] = []
        PcapngWriter.name("ab", of: [203, 0, 113, 1], to: &bytes)
        #expect(
            bytes == [
                4, 0, 0, 0, 28, 0, 0, 0,
                1, 0, 7, 0, 203, 0, 113, 1, 0x61, 0x62, 0, 0,
                0, 0, 0, 0, 28, 0, 0, 0,
            ])
    }

    @Test func aHoleBehindWhichSomethingWasSaidIsNotToldAgainAtTheEnd() {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, "USR 1 anna@example.com 17.4\r\n")
        script.add(.gap(bytes: 100, offset: 29, from: .client))
        script.send(.client, "OUT\r\n")
        script.close("the capture ends")
        #expect(packets(script).allSatisfy { $0.length == $0.bytes.count })
    }

    @Test func aHoleAtTheEndIsToldOnce() {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, "USR 1 anna@example.com 17.4\r\n")
        script.add(.gap(bytes: 100, offset: 29, from: .client))
        script.close("the capture ends")
        #expect(packets(script).map { $0.length - $0.bytes.count }.reduce(0, +) == 100)
        // Bytes that the other side acknowledged are shown by its acknowledgement, not by packets.
        script.events.removeLast()
        script.close("the capture ends", unseen: 100)
        #expect(packets(script).allSatisfy { $0.length == $0.bytes.count })
    }

    /// A reader that waits for acknowledgements would hold back long data.
    @Test func longSpeechesAreAcknowledged() {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, "USR 1 anna@example.com 17.4\r\n")
        for number in 0..<40 {
            script.send(.server, "MSG a@example.com A 4000\r\n" + String(repeating: "\(number % 10)", count: 4_000))
        }
        let handshake = 3
        let empty = packets(script).dropFirst(handshake).count { $0.bytes.count == 40 }
        #expect(empty >= 8, "the client acknowledges what the server says")
    }

    @Test func whatASideSaidAtTwoTimesIsTwoPackets() {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, "USR 1 anna@example.com 17.4\r\n")
        script.send(.client, "CAL 2 ben@example.com\r\n")
        script.send(.client, "CAL 3 carl@example.com\r\n", after: 0)
        let said = packets(script).filter { $0.bytes.count > 60 }
        #expect(said.map { $0.bytes.count - 40 } == [29, 23 + 24])
    }

    @Test func anIPv4EndBesideAnIPv6EndIsMapped() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "[2001:db8::7]:1863")
        script.send(.client, "USR 1 anna@example.com 17.4\r\n")
        script.send(.server, "USR 1 OK anna@example.com Anna\r\n")
        script.close("closed")
        let connection = try #require(script.readBack().first)
        #expect(connection.ends == "10.0.0.1:1025 [2001:db8::7]:1863")
        #expect(connection.pieces.map(\.what) == ["USR 29", "USR 32"])
    }

    @Test func theLastWordsAreThere() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, "USR 1 anna@example.com 17.4\r\n")
        #expect(try script.readBack().first?.pieces.map(\.what) == ["USR 29"])
    }

    @Test(arguments: ["1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "1::2::3", "12345::", "::1.2.3", "1:2:3"])
    func whatIsNoIPv6AddressHasNone(_ text: String) { #expect(IPAddressText.bytes(of: text) == nil) }
}
