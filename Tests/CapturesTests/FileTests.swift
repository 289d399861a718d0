// Files of every kind: formats, byte orders, compressed, cut, empty, foreign, in folders, overlapping.

import Captures
import Foundation
import MSNP
import Testing
import Transcript

@Suite struct FileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func isWhole(_ hearing: Hearing, _ text: String = "hello") -> Bool {
        hearing.connections.count == 1 && hearing.connections[0].messages.map(\.text) == [text, "hi"]
            && hearing.connections[0].lines.starts(with: Talk.switchboardLines)
    }

    @Test(arguments: [false, true], [false, true]) func bothByteOrdersAndPrecisions(big: Bool, nano: Bool) throws {
        var talk = Talk.switchboard()
        for index in talk.packets.indices { talk.packets[index].time += 123_456_789 }
        let path = try scratch.file("a", CaptureBuilder.pcap(talk.packets, nanoseconds: nano, big: big))
        let hearing = Hearing([path])
        #expect(isWhole(hearing))
        #expect(hearing.summary.troubles.isEmpty)
        #expect(hearing.connections[0].firstTime % 1000 == (nano ? 789 : 0))
    }

    @Test(arguments: [false, true]) func pcapngWithSeveralInterfaces(big: Bool) throws {
        var talk = Talk.switchboard()
        for index in talk.packets.indices { talk.packets[index].interface = index % 3 }
        let path = try scratch.file("a", CaptureBuilder.pcapng(talk.packets, links: [1, 1, 1], big: big))
        #expect(isWhole(Hearing([path])))
    }

    /// libpcap gives one link type for a file, and stops where an interface of another kind is declared: said in one line.
    @Test func pcapngWithMixedLinkTypes() throws {
        var talk = Talk.switchboard()
        for index in talk.packets.indices where index % 2 == 1 {
            talk.packets[index].interface = 1
            let ip = Bytes(talk.packets[index].bytes.dropFirst(14))
            talk.packets[index].bytes = ip
            talk.packets[index].wire = ip.count
        }
        let path = try scratch.file("a", CaptureBuilder.pcapng(talk.packets, links: [1, 101]))
        let hearing = Hearing([path])
        #expect(hearing.connections.isEmpty)
        #expect(hearing.summary.troubles.count == 1)
        #expect(hearing.summary.troubles.first?.contains("different link types (EN10MB, ") == true)
    }

    @Test func compressedByContentNotByName() throws {
        let bytes = CaptureBuilder.pcap(Talk.switchboard().packets)
        #expect(isWhole(Hearing([try scratch.file("plain.pcap", CaptureBuilder.gzip(bytes))])))
        #expect(isWhole(Hearing([try scratch.file("odd.gz", bytes)])))
    }

    /// Cut anywhere: never a trap, nothing wrong is told, and the summary says so.
    @Test(arguments: ["pcap", "pcapng", "gz"]) func everyLengthOfASmallFile(format: String) throws {
        let packets = Talk.switchboard().packets
        let plain = format == "pcapng" ? CaptureBuilder.pcapng(packets) : CaptureBuilder.pcap(packets)
        let whole = format == "gz" ? CaptureBuilder.gzip(plain) : plain
        let all = Hearing([try scratch.file("whole", whole)])
        #expect(isWhole(all))
        var boundaries = 0
        for length in stride(from: 0, to: whole.count, by: format == "pcap" ? 1 : 3) {
            let hearing = Hearing([try scratch.file("cut", Bytes(whole.prefix(length)))])
            let lines = hearing.connections.first?.lines ?? []
            #expect(hearing.connections.count <= 1 && all.connections[0].lines.starts(with: lines), "\(length)")
            if hearing.summary.troubles.isEmpty { boundaries += 1 }
        }
        // Only between two packets does a cut file look whole.
        #expect(boundaries <= packets.count + 4, "\(boundaries) of \(whole.count) lengths went unnoticed")
    }

    @Test func damageInTheMiddleKeepsWhatCameBefore() throws {
        var bytes = CaptureBuilder.pcap(Talk.switchboard().packets)
        let place = bytes.count * 4 / 5
        bytes.replaceSubrange(place..<bytes.count, with: Bytes(repeating: 0xFF, count: bytes.count - place))
        let hearing = Hearing([try scratch.file("a", bytes)])
        #expect(hearing.summary.troubles.count == 1)
        #expect(hearing.connections.count == 1)
        #expect(hearing.connections[0].lines.starts(with: Talk.switchboardLines))
    }

    @Test func aFileThatIsNoCaptureIsNamed() throws {
        for (name, bytes) in [("empty", Bytes()), ("text", Bytes("hello, this is no capture\n".utf8)), ("one", [0x1F])]
        {
            let hearing = Hearing([try scratch.file(name, bytes)])
            #expect(hearing.connections.isEmpty)
            #expect(hearing.summary.readable == 0, "\(name)")
            #expect(hearing.summary.troubles.count == 1 && hearing.summary.troubles[0].contains(name))
        }
        let missing = Hearing([scratch.path("nowhere")])
        #expect(missing.summary.troubles.count == 1 && missing.summary.readable == 0)
    }

    @Test(arguments: [
        ("GMBU", "editcap"), ("snoop\0\0\0", "editcap"), ("RTSS", "editcap"), ("TRSNIFF data", "editcap"),
        ("XCP\0", "editcap"), ("\u{28}", "zstd -d"), ("BZh9", "bzip2 -d"), ("xz", "xz -d"),
    ]) func foreignFormatsAreNamedWithTheCommandThatConverts(start: String, command: String) throws {
        var bytes = Bytes(start.utf8)
        if start == "\u{28}" { bytes = [0x28, 0xB5, 0x2F, 0xFD] }
        if start == "xz" { bytes = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] }
        let hearing = Hearing([try scratch.file("old.cap", bytes + Bytes(repeating: 7, count: 200))])
        #expect(hearing.summary.readable == 0)
        #expect(hearing.summary.troubles.count == 1)
        #expect(hearing.summary.troubles.first?.contains(command) == true, "\(hearing.summary.troubles)")
    }

    /// A connection goes on in the next file, whatever the files are called and however deep they lie.
    @Test func aFolderIsReadInOrderOfTime() throws {
        let packets = Talk.switchboard().packets
        let third = packets.count / 3
        let deep = scratch.folder.appending(path: "deep")
        try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
        _ = try scratch.file("z-first", CaptureBuilder.pcap(Array(packets[..<third])))
        _ = try scratch.file("deep/m-second", CaptureBuilder.pcapng(Array(packets[third..<(2 * third)])))
        let last = CaptureBuilder.gzip(CaptureBuilder.pcap(Array(packets[(2 * third)...])))
        _ = try scratch.file("a-third", last)
        #expect(isWhole(Hearing([scratch.folder.path])))
    }

    /// Files that overlap in time, as two cards or two processes write them.
    @Test func overlappingFilesAreMerged() throws {
        let packets = Talk.switchboard().packets
        for (name, rest) in [("one", 0), ("two", 1), ("three", 2)] {
            let some = packets.enumerated().filter { $0.offset % 3 == rest }.map(\.element)
            _ = try scratch.file(name, CaptureBuilder.pcap(some))
        }
        let hearing = Hearing([scratch.path("three"), scratch.path("one"), scratch.path("two")])
        #expect(isWhole(hearing))
        #expect(hearing.connections[0].findings.isEmpty)
        #expect(hearing.connections[0].gaps(.client).isEmpty)
    }

    @Test func oneBadFileDoesNotHideTheOthers() throws {
        let good = try scratch.file("good", CaptureBuilder.pcap(Talk.switchboard().packets))
        let hearing = Hearing([try scratch.file("bad", [1, 2, 3, 4, 5]), good])
        #expect(isWhole(hearing))
        #expect(hearing.summary.readable == 1 && hearing.summary.troubles.count == 1)
    }

    @Test func falseEndsTheReadingAtOnce() throws {
        var packets: [Packet] = []
        for port in 1025..<1400 { packets += Talk.switchboard(client: port).packets }
        let path = try scratch.file("a", CaptureBuilder.pcap(packets))
        for wanted in [1, 2, 7] {
            var count = 0
            _ = Captures.decode([path]) { _ in
                count += 1
                return count < wanted
            }
            #expect(count == wanted)
        }
    }
}
