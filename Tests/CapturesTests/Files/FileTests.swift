// Files of every kind: formats, byte orders, compressed, cut, empty, foreign, in folders, overlapping.

import Captures
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@Suite struct FileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func isWhole(_ decoded: DecodedCapture, _ text: String = "hello") -> Bool {
        decoded.connections.count == 1 && decoded.connections[0].messages.map(\.text) == [text, "hi"]
            && decoded.connections[0].lines.starts(with: TCPConversation.switchboardLines)
    }

    @Test(arguments: [false, true], [false, true]) func bothByteOrdersAndPrecisions(
        isBigEndian: Bool, nanoseconds: Bool
    ) throws {
        var talk = TCPConversation.switchboard()
        for index in talk.packets.indices { talk.packets[index].time += 123_456_789 }
        let path = try scratch.write(
            CaptureFile.pcap(talk.packets, nanoseconds: nanoseconds, isBigEndian: isBigEndian), to: "a")
        let decoded = DecodedCapture([path])
        #expect(isWhole(decoded))
        #expect(decoded.summary.troubles.isEmpty)
        #expect(decoded.connections[0].firstTime % 1000 == (nanoseconds ? 789 : 0))
    }

    @Test(arguments: [false, true]) func pcapngWithSeveralInterfaces(isBigEndian: Bool) throws {
        var talk = TCPConversation.switchboard()
        for index in talk.packets.indices { talk.packets[index].interface = index % 3 }
        let path = try scratch.write(
            CaptureFile.pcapng(talk.packets, links: [1, 1, 1], isBigEndian: isBigEndian), to: "a")
        #expect(isWhole(DecodedCapture([path])))
    }

    /// Rotated captures: a connection belongs to the file of its first packet, wherever the others are.
    @Test func connectionsNameTheFileOfTheirFirstPacket() throws {
        let packets = TCPConversation.switchboard().packets
        var later = TCPConversation.switchboard(client: 1026)
        for index in later.packets.indices { later.packets[index].time += 3_600_000_000_000 }
        for cut in 1..<packets.count {
            let first = try scratch.write(CaptureFile.pcap(Array(packets[..<cut])), to: "1.pcap")
            let second = try scratch.write(CaptureFile.pcap(packets[cut...] + later.packets), to: "2.pcap")
            var files: [String?] = []
            _ = Captures.decode([second, first]) { event in
                if case .opened(let ends) = event.kind { files.append(ends.file) }
                return true
            }
            #expect(files == [first, second], "\(cut)")
        }
    }

    @Test func pastedLogsAreNamedToo() throws {
        let log = try scratch.write("C: VER 1 MSNP8 CVR0\nS: VER 1 MSNP8\n", to: "log.txt")
        var files: [String?] = []
        _ = Captures.decode([log]) { event in
            if case .opened(let ends) = event.kind { files.append(ends.file) }
            return true
        }
        #expect(files == [log])
    }

    /// A reader that is cancelled stops, whether or not there is anything to emit.
    @Test func readingCanBeCancelled() throws {
        var noise = TCPConversation.switchboard().packets
        for _ in 0..<12 { noise += noise }
        let path = try scratch.write(CaptureFile.pcap(noise), to: "a.pcap")
        let all = Captures.decode([path]) { _ in true }
        let some = Captures.decode([path], isCancelled: { true }) { _ in true }
        #expect(all.packets == noise.count && some.packets < all.packets)
    }

    /// libpcap gives one link type for a file; an interface of another kind is an error of one line.
    @Test func pcapngWithMixedLinkTypes() throws {
        var talk = TCPConversation.switchboard()
        for index in talk.packets.indices where index % 2 == 1 {
            talk.packets[index].interface = 1
            let ip = [UInt8](talk.packets[index].bytes.dropFirst(14))
            talk.packets[index].bytes = ip
            talk.packets[index].wireLength = ip.count
        }
        let path = try scratch.write(CaptureFile.pcapng(talk.packets, links: [1, 101]), to: "a")
        let decoded = DecodedCapture([path])
        #expect(decoded.connections.isEmpty)
        #expect(decoded.summary.troubles.count == 1)
        #expect(decoded.summary.troubles.first?.contains("different link types (EN10MB, ") == true)
    }

    @Test func compressedByContentNotByName() throws {
        let bytes = CaptureFile.pcap(TCPConversation.switchboard().packets)
        #expect(isWhole(DecodedCapture([try scratch.write(CaptureFile.gzip(bytes), to: "plain.pcap")])))
        #expect(isWhole(DecodedCapture([try scratch.write(bytes, to: "odd.gz")])))
    }

    /// Cut anywhere: never a trap, no false events, and the summary has the fault.
    @Test(arguments: ["pcap", "pcapng", "gz"]) func everyLengthOfASmallFile(format: String) throws {
        let packets = TCPConversation.switchboard().packets
        let plain = format == "pcapng" ? CaptureFile.pcapng(packets) : CaptureFile.pcap(packets)
        let whole = format == "gz" ? CaptureFile.gzip(plain) : plain
        let all = DecodedCapture([try scratch.write(whole, to: "whole")])
        #expect(isWhole(all))
        var boundaries = 0
        for length in stride(from: 0, to: whole.count, by: format == "pcap" ? 1 : 3) {
            let decoded = DecodedCapture([try scratch.write([UInt8](whole.prefix(length)), to: "cut")])
            let lines = decoded.connections.first?.lines ?? []
            #expect(decoded.connections.count <= 1 && all.connections[0].lines.starts(with: lines), "\(length)")
            if decoded.summary.troubles.isEmpty { boundaries += 1 }
        }
        // Only between two packets does a cut file look whole.
        #expect(boundaries <= packets.count + 4, "\(boundaries) of \(whole.count) lengths went unnoticed")
    }

    @Test func damageInTheMiddleKeepsWhatCameBefore() throws {
        var bytes = CaptureFile.pcap(TCPConversation.switchboard().packets)
        let place = bytes.count * 4 / 5
        bytes.replaceSubrange(place..<bytes.count, with: [UInt8](repeating: 0xFF, count: bytes.count - place))
        let decoded = DecodedCapture([try scratch.write(bytes, to: "a")])
        #expect(decoded.summary.troubles.count == 1)
        #expect(decoded.connections.count == 1)
        #expect(decoded.connections[0].lines.starts(with: TCPConversation.switchboardLines))
    }

    @Test func aFileThatIsNoCaptureIsNamed() throws {
        for (name, bytes) in [
            ("empty", [UInt8]()), ("text", [UInt8]("hello, this is no capture\n".utf8)), ("one", [0x1F]),
        ] {
            let decoded = DecodedCapture([try scratch.write(bytes, to: name)])
            #expect(decoded.connections.isEmpty)
            #expect(decoded.summary.readable == 0, "\(name)")
            #expect(decoded.summary.troubles.count == 1 && decoded.summary.troubles[0].contains(name))
        }
        let missing = DecodedCapture([scratch.path("nowhere")])
        #expect(missing.summary.troubles.count == 1 && missing.summary.readable == 0)
    }

    @Test(arguments: [
        ("GMBU", "editcap"), ("snoop\0\0\0", "editcap"), ("RTSS", "editcap"), ("TRSNIFF data", "editcap"),
        ("XCP\0", "editcap"), ("\u{28}", "zstd -d"), ("BZh9", "bzip2 -d"), ("xz", "xz -d"),
    ]) func foreignFormatsAreNamedWithTheCommandThatConverts(start: String, command: String) throws {
        var bytes = [UInt8](start.utf8)
        if start == "\u{28}" { bytes = [0x28, 0xB5, 0x2F, 0xFD] }
        if start == "xz" { bytes = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0] }
        let decoded = DecodedCapture([try scratch.write(bytes + [UInt8](repeating: 7, count: 200), to: "old.cap")])
        #expect(decoded.summary.readable == 0)
        #expect(decoded.summary.troubles.count == 1)
        #expect(decoded.summary.troubles.first?.contains(command) == true, "\(decoded.summary.troubles)")
    }

    /// A connection goes on in the next file, whatever the files are called and however deep they lie.
    @Test func aFolderIsReadInOrderOfTime() throws {
        let packets = TCPConversation.switchboard().packets
        let third = packets.count / 3
        let deep = scratch.folder.appending(path: "deep")
        try FileManager.default.createDirectory(at: deep, withIntermediateDirectories: true)
        _ = try scratch.write(CaptureFile.pcap(Array(packets[..<third])), to: "z-first")
        _ = try scratch.write(CaptureFile.pcapng(Array(packets[third..<(2 * third)])), to: "deep/m-second")
        let last = CaptureFile.gzip(CaptureFile.pcap(Array(packets[(2 * third)...])))
        _ = try scratch.write(last, to: "a-third")
        #expect(isWhole(DecodedCapture([scratch.folder.path])))
    }

    /// A folder is for captures: texts in it are left out, logs too, which are read if they are named.
    @Test func textsInFoldersAreLeftOut() throws {
        _ = try scratch.write(CaptureFile.pcap(TCPConversation.switchboard().packets), to: "talk.pcap")
        let log = try scratch.write([UInt8]("C: VER 1 MSNP8 CVR0\n".utf8), to: "talk.log")
        _ = try scratch.write([UInt8]("# Captures\n".utf8), to: "README.md")
        let decoded = DecodedCapture([scratch.folder.path])
        #expect(isWhole(decoded))
        #expect(decoded.summary.troubles.isEmpty && decoded.summary.readable == 1)
        #expect(DecodedCapture([scratch.folder.path, log]).connections.count == 2)
    }

    @Test func aFolderWithoutCapturesIsNamed() throws {
        _ = try scratch.write([UInt8]("C: VER 1 MSNP8 CVR0\n".utf8), to: "talk.log")
        let decoded = DecodedCapture([scratch.folder.path])
        #expect(decoded.connections.isEmpty && decoded.summary.readable == 0)
        #expect(decoded.summary.troubles.count == 1)
        #expect(decoded.summary.troubles.first?.contains(scratch.folder.path) == true)
    }

    /// Files that overlap in time, as two cards or two processes write them.
    @Test func overlappingFilesAreMerged() throws {
        let packets = TCPConversation.switchboard().packets
        for (name, rest) in [("one", 0), ("two", 1), ("three", 2)] {
            let some = packets.enumerated().filter { $0.offset % 3 == rest }.map(\.element)
            _ = try scratch.write(CaptureFile.pcap(some), to: name)
        }
        let decoded = DecodedCapture([scratch.path("three"), scratch.path("one"), scratch.path("two")])
        #expect(isWhole(decoded))
        #expect(decoded.connections[0].findings.isEmpty)
        #expect(decoded.connections[0].gaps(.client).isEmpty)
        // Everything has the time that it has in one file.
        let whole = DecodedCapture([try scratch.write(CaptureFile.pcap(packets), to: "whole")])
        #expect(decoded.connections[0].times == whole.connections[0].times)
    }

    @Test func oneBadFileDoesNotHideTheOthers() throws {
        let good = try scratch.write(CaptureFile.pcap(TCPConversation.switchboard().packets), to: "good")
        let decoded = DecodedCapture([try scratch.write([1, 2, 3, 4, 5], to: "bad"), good])
        #expect(isWhole(decoded))
        #expect(decoded.summary.readable == 1 && decoded.summary.troubles.count == 1)
    }

    @Test func falseEndsTheReadingAtOnce() throws {
        var packets: [CapturedPacket] = []
        for port in 1025..<1400 { packets += TCPConversation.switchboard(client: port).packets }
        let path = try scratch.write(CaptureFile.pcap(packets), to: "a")
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
