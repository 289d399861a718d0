// Bytes of both sides into events: roles, and nothing lost.

import EventSamples
import Events
import MSNP
import TestSupport
import Testing

@Suite struct TapTests {
    @Test func aDispatchServerShowsItselfByItsAnswer() {
        var connection = TappedConnection()
        #expect(connection.tap.role == .unknown)
        connection.client("VER 1 MSNP8 CVR0\r\n")
        #expect(connection.tap.role == .notification && connection.tap.dialect == nil)
        connection.server("VER 1 MSNP8 CVR0\r\n")
        #expect(connection.tap.dialect == Dialect(8))
        connection.client("USR 3 TWN I Alice@X.example\r\n")
        #expect(connection.tap.account == "alice@x.example")
        connection.server("XFR 3 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n")
        #expect(connection.tap.role == .dispatch)
    }

    @Test func aServerThatMovesItsClientLaterIsNone() {
        var connection = TappedConnection()
        connection.client("VER 1 MSNP8 CVR0\r\nUSR 2 TWN I a@b.example\r\n")
        connection.server("VER 1 MSNP8\r\nUSR 4 OK a@b.example A\r\nXFR 0 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n")
        #expect(connection.tap.role == .notification)
    }

    /// Lists and presence come from notification servers alone, also where the sign-in is missing.
    @Test(arguments: ["NLN NLN a@b.example A 0", "LST a@b.example A 3", "UBX a@b.example 0", "CHL 0 1234"])
    func aServerWithListsIsNoDispatchServer(line: String) {
        var connection = TappedConnection()
        connection.server("\(line)\r\nXFR 5 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n")
        #expect(connection.tap.role == .notification)
    }

    /// Nobody asked for it: servers send their clients away before a maintenance, also where the sign-in is missing.
    @Test func aServerThatSendsItsClientsAwayIsNone() {
        var connection = TappedConnection()
        connection.client("VER 1 MSNP8 CVR0\r\n")
        connection.server("VER 1 MSNP8\r\nXFR 0 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n")
        #expect(connection.tap.role == .notification)
    }

    @Test(arguments: [
        ("USR 1 a@b.example 1.2\r\n", Role.switchboard), ("ANS 1 a@b.example;{x} 1.2 3\r\n", .switchboard),
        ("XFR 1 NS\r\n", .dispatch), ("VER 1 CVR0\r\nCVQ 2 x\r\n", .dispatch), ("VER MSNFTP\r\n", .fileTransfer),
        ("hello\r\n", .unknown),
    ])
    func theFirstLineTellsTheRole(first: String, role: Role) {
        var connection = TappedConnection()
        connection.client(first)
        #expect(connection.tap.role == role)
    }

    @Test func framesAndNoiseAreTheStream() {
        let stream =
            Array("VER 1 MSNP8\r\n\u{1}\u{2}junk\r\nQNG 50\r\nQNG 51\r\nMSG a b 3\r\na\r\nNLN".utf8) + [0xFF, 0]
            + Array("\r\nMSG a b 99\r\nshort".utf8)
        for cut in 0...stream.count {
            for side in Side.allCases {
                var connection = TappedConnection()
                connection.receive(Array(stream[..<cut]), side)
                connection.receive(Array(stream[cut...]), side)
                connection.kinds += connection.tap.finish(side)
                #expect(connection.bytes(side) == stream, "cut at \(cut)")
                #expect(connection.tap.sums(of: side).bytes == UInt64(stream.count))
            }
        }
    }

    @Test func aHoleIsToldWithItsPlace() {
        var connection = TappedConnection()
        connection.server("VER 1 MSNP8\r\nQN")
        connection.kinds += connection.tap.lose(100, from: .server)
        connection.server("QNG 50\r\nCHL 0 1\r\n")
        connection.kinds += connection.tap.finish(.server)
        let gaps = connection.kinds.compactMap { kind -> [UInt64]? in
            if case .gap(let bytes, let offset, _) = kind { [offset, bytes] } else { nil }
        }
        #expect(gaps == [[15, 100]])
        #expect(connection.tap.sums(of: .server).gaps.map(\.offset) == [15])
        #expect(connection.bytes(.server) == Array("VER 1 MSNP8\r\nQNQNG 50\r\nCHL 0 1\r\n".utf8))
    }

    @Test func behindAHoleInAFileTheBytesAreFileData() {
        var connection = TappedConnection()
        connection.client("VER MSNFTP\r\n")
        connection.server("VER MSNFTP\r\n")
        connection.client("USR a@b.example 12\r\n")
        connection.server("FIL 90\r\n")
        connection.client("TFR\r\n")
        connection.receive([0, 10, 0, 7, 7], .server)
        connection.kinds += connection.tap.lose(20, from: .server)
        connection.receive([UInt8](repeating: 7, count: 30), .server)
        connection.kinds += connection.tap.finish(.server)
        let reasons = connection.kinds.compactMap { kind -> Noise.Reason? in
            if case .noise(let noise, _) = kind { noise.reason } else { nil }
        }
        #expect(reasons == [.fileData, .fileData])
    }

    /// Before MSNP13 the number at the end of an error is no length.
    @Test func aSideThatStartsMidStreamKeepsTheDialect() {
        var connection = TappedConnection()
        connection.tap.inherit(dialect: Dialect(8), role: .notification)
        connection.tap.joinMidStream(.server)
        connection.server("QNG 50\r\n201 5 7\r\nhello\r\nQNG 51\r\nQNG 52\r\n")
        let frames = connection.kinds.compactMap { kind -> String? in
            if case .frame(let frame, _) = kind { String(decoding: frame.bytes, as: UTF8.self) } else { nil }
        }
        #expect(frames == ["QNG 50\r\n", "201 5 7\r\n", "QNG 51\r\n", "QNG 52\r\n"])
    }

    @Test func theTapGivesWholePackets() {
        let handshake = peerPacket(session: 0, message: 9, offset: 0, total: 0, [], flags: 0x100, tail: little(9, 16))
        let data = [UInt8](repeating: 7, count: 20)
        let object = peerPacket(session: 77, message: 9, offset: 0, total: 20, data, flags: 0x20)
        let bytes = linkPacket(handshake) + linkPacket(object)
        for step in [1, 50, 1_000] {
            var tap = Tap()
            tap.inherit(dialect: nil, role: .peerToPeer)
            var noises: [Noise] = []
            for start in stride(from: 0, to: bytes.count, by: step) {
                let part = Array(bytes[start..<min(bytes.count, start + step)])
                tap.count(part.span, from: .server)
                var position = 0
                while let kind = tap.next(part.span, from: &position, side: .server) {
                    if case .noise(let noise, _) = kind { noises.append(noise) }
                }
            }
            #expect(noises.map(\.bytes.count) == [52, 72] && noises.map(\.offset) == [0, 52])
            #expect(tap.sums(of: .server).noiseBytes == 124)
        }
    }
}
