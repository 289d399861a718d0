// Series of rotated captures: their names, and that a capture cut into files has the events of the whole.

import Captures
import Events
import Foundation
import Output
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct CaptureSeriesTests {
    @Test(arguments: [
        ("a/eth0-0001.pcap", "a/eth#-#.pcap"), ("a/eth0-0002.pcap.gz", "a/eth#-#.pcap"),
        ("2005-05/x_20050506.pcap", "2005-05/x_#.pcap"), ("x", "x"), ("/1", "/#"), ("a/", "a/"), ("", ""),
        ("a/\u{663}.pcap", "a/\u{663}.pcap"),
    ])
    func digitsDoNotName(_ path: String, _ name: String) {
        #expect(CaptureSeries.automaticName(of: path) == name)
    }

    @Test func expressionsName() throws {
        func name(_ path: String, _ pattern: String) throws -> String {
            CaptureSeries.name(of: path, by: try Regex(pattern))
        }
        #expect(try name("a/north/2005/x1.pcap", "/(north|south)/(\\d+)/") == "north/2005")
        #expect(try name("a/north/2005/x1.pcap", "north|south") == "north")
        #expect(try name("a/north/2005/x1.pcap", "south") == "a/north/2005/x1.pcap")
        #expect(try name("a/b", "(c)?b") == "b")
    }

    @Test func groups() {
        let files = ["b/x2.pcap", "-", "a/x10.pcap", "b/x1.pcap", "a/y.pcap"]
        let found = CaptureSeries.grouped(files, name: CaptureSeries.automaticName)
        #expect(
            found == [
                CaptureSeries(name: "-", files: ["-"]), CaptureSeries(name: "a/x#.pcap", files: ["a/x10.pcap"]),
                CaptureSeries(name: "a/y.pcap", files: ["a/y.pcap"]),
                CaptureSeries(name: "b/x#.pcap", files: ["b/x1.pcap", "b/x2.pcap"]),
            ])
        #expect(CaptureSeries.grouped(files, name: { $0 }).count == files.count)
        #expect(CaptureSeries.grouped([], name: { $0 }).isEmpty)
    }

    /// Every capture of the repository in three cuts. Cuts are where time does not go back: files are ordered by their times.
    @Test func anyCutHasTheEventsOfTheWhole() throws {
        var generator = SeededGenerator(seed: 17)
        var cuts = 0
        for path in Repository.captureFiles {
            guard let capture = PlainCapture([UInt8](try Data(contentsOf: URL(filePath: path)))) else { continue }
            let whole = Self.events([path])
            for _ in 0..<3 {
                let scratch = try Scratch()
                let places = capture.ordered.filter { _ in
                    generator.chance(100 / Int.random(in: 1...40, using: &generator))
                }
                for (number, part) in capture.cut(at: places).enumerated() {
                    // A rotation that begins with nothing, too.
                    try scratch.write(part, to: "x-\(1_000 + number).pcap")
                }
                let files = Captures.files(in: [scratch.folder.path]).shuffled(using: &generator)
                let series = CaptureSeries.grouped(files, name: CaptureSeries.automaticName)
                #expect(series.count == 1)
                cuts += places.count
                let isSame = Self.events(series.first?.files ?? []) == whole
                #expect(isSame, "\(path) cut before packets \(places)")
            }
        }
        #expect(cuts > 150)
    }

    /// What follows a capture is numbered behind it.
    @Test func numbersGoOn() throws {
        let path = Repository.capture("demo.pcap")
        var first: [Int] = []
        let numbers = Captures.decode([path]) {
            first.append($0.connection); return true
        }.numbers
        #expect(numbers.connection == Set(first).count && numbers.signIn == 2)
        var second: [Int] = []
        var signIns: Set<Int> = []
        let after = Captures.decode([path], after: numbers) { event in
            second.append(event.connection)
            if let signIn = event.context.signIn { signIns.insert(signIn.number) }
            return true
        }.numbers
        #expect(second == first.map { $0 + numbers.connection })
        #expect(signIns == [3, 4] && after.connection == 2 * numbers.connection && after.signIn == 4)
    }

    /// The events as JSON, without the names of files.
    private static func events(_ paths: [String]) -> String {
        var format = JSONFormat(Presentation())
        var bytes: [UInt8] = []
        _ = Captures.decode(paths, everything: true, begin: { format.mask(with: $0) }) {
            format.append($0, to: &bytes)
            return true
        }
        return String(decoding: bytes, as: UTF8.self).replacing(#/,"file":"[^"]*"/#, with: "")
    }
}

/// The packets of a pcap file with microseconds, little-endian.
private struct PlainCapture {
    private let header: [UInt8]
    private var packets: [[UInt8]] = []
    private var times: [UInt64] = []

    /// - Returns: nil for other files, and those that end in the middle of a packet.
    init?(_ bytes: [UInt8]) {
        guard bytes.count > 24, bytes.prefix(4) == [0xD4, 0xC3, 0xB2, 0xA1] else { return nil }
        header = Array(bytes[..<24])
        func number(_ place: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } }
        var place = 24
        while place < bytes.count {
            guard place + 16 <= bytes.count, place + 16 + number(place + 8) <= bytes.count else { return nil }
            packets.append(Array(bytes[place..<place + 16 + number(place + 8)]))
            times.append(UInt64(number(place)) * 1_000_000 + UInt64(number(place + 4)))
            place += 16 + number(place + 8)
        }
    }

    /// The packets before which time does not go back, nor behind them.
    var ordered: [Int] {
        packets.indices.dropFirst().filter { times[..<$0].max() ?? 0 <= times[$0...].min() ?? 0 }
    }

    /// The files that a cut before these packets gives.
    func cut(at places: [Int]) -> [[UInt8]] {
        zip([0] + places, places + [packets.count]).map { header + packets[$0..<$1].joined() }
    }
}
