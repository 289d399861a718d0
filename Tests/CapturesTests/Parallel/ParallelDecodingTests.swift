// Decoding on several threads has the output of decoding on one.

import Analysis
import Events
import Foundation
import Output
import TestSupport
import Testing

@testable import Captures

@Suite struct ParallelDecodingTests {
    private static let jobs = [1, 2, 3, 16]

    /// What one thread prints, and how many events that are.
    private static func sequential(
        _ paths: [String], _ writer: FormatWriter<some EventFormat & Sendable>
    ) -> (bytes: [UInt8], count: Int) {
        var writer = writer
        var bytes: [UInt8] = []
        _ = Captures.decode(paths, everything: true, begin: { writer.mask(with: $0) }) { event in
            guard writer.selects(event) else { return true }
            writer.appendHeading(of: event.time, to: &bytes)
            writer.append(event, to: &bytes)
            return true
        }
        return (bytes, writer.count)
    }

    private static func check(_ paths: [String], _ writer: FormatWriter<some EventFormat & Sendable>) {
        let expected = sequential(paths, writer)
        for jobs in Self.jobs {
            var bytes: [UInt8] = []
            let (summary, counts) = Captures.decode(paths, everything: true, jobs: jobs, makeWriter: { writer }) {
                bytes += $0
                return true
            }
            // Not compared inside the macro, which would print both.
            let isSame = bytes == expected.bytes
            #expect(isSame, "\(paths.prefix(3)), \(jobs) jobs")
            #expect(counts.count == expected.count, "\(paths), \(jobs) jobs")
            #expect(summary.readable == paths.count)
        }
    }

    private static func checkAllFormats(_ paths: [String]) {
        var presentation = Presentation()
        presentation.detail = 2
        presentation.includesBytes = true
        check(paths, FormatWriter(TextFormat(presentation, showsDates: false)))
        check(paths, FormatWriter(TextFormat(presentation, showsDates: false), onlyFindings: true))
        check(paths, FormatWriter(JSONFormat(presentation)))
    }

    @Test(arguments: GoldenTests.names) func everyCaptureHasTheSameOutput(_ name: String) {
        Self.checkAllFormats([Repository.capture(name)])
    }

    /// Many days, links between connections of different files, and logs behind captures.
    @Test func allCapturesTogetherHaveTheSameOutput() {
        Self.checkAllFormats(GoldenTests.names.map(Repository.capture))
    }

    @Test(arguments: ["", "--drop .01 --reorder .05 --start-midstream .2 --non-msn .3"])
    func syntheticCapturesHaveTheSameOutput(_ switches: String) throws {
        guard
            let capture = try SyntheticCapture(
                switches, megabytes: "1", seed: 7, neededFor: "ParallelDecodingTests")
        else { return }
        Self.checkAllFormats([capture.path])
    }

    /// The times of a connection's events need not be in order, and lines without a date stand between others.
    @Test func headingsFollowTheOrderOfTheOutput() throws {
        let scratch = try Scratch()
        var packets: [CapturedPacket] = []
        for (day, port) in [(0, 1025), (1, 1026), (0, 1027), (3, 1028)] {
            for var packet in TCPConversation.switchboard(client: port).packets {
                packet.time += Int64(day) * 86_400_000_000_000
                packets.append(packet)
            }
        }
        let capture = try scratch.write(TestSupport.CaptureFile.pcap(packets), to: "a.pcap")
        let log = try scratch.write("C: VER 1 MSNP8 CVR0\nS: VER 1 MSNP8\n", to: "log.txt")
        Self.checkAllFormats([capture, log])
    }

    /// Output that is not wanted any more ends everything: the reader and the workers.
    @Test(arguments: [0, 1, 5]) func itEndsWhenTheOutputIsClosed(after pieces: Int) {
        let writer = FormatWriter(JSONFormat(Presentation()))
        var left = pieces
        let paths = GoldenTests.names.map(Repository.capture)
        _ = Captures.decode(paths, jobs: 3, makeWriter: { writer }) { _ in
            left -= 1
            return left >= 0
        }
        #expect(left == -1)
    }

    @Test func nothingReadableIsNothing() {
        let writer = FormatWriter(JSONFormat(Presentation()))
        let (summary, counts) = Captures.decode(["/nowhere.pcap"], jobs: 2, makeWriter: { writer }) { _ in true }
        #expect(summary.readable == 0 && summary.troubles.count == 1 && counts.count == 0)
    }

    /// No thread is needed to see that the order of completion does not matter.
    @Test(arguments: 1...8) func anyOrderOfCompletionHasTheSameOutput(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let paths = GoldenTests.names.map(Repository.capture)
        var prototype = FormatWriter(TextFormat(Presentation(), showsDates: false))
        let expected = Self.sequential(paths, prototype)
        let reading = CaptureReading(paths, everything: true, slice: nil, progress: { _ in }, isCancelled: { false })
        let shards = Int.random(in: 1...9, using: &random)
        var schedule = PartSchedule<[Int], BatchPart, PartOutput>(
            shards: shards, mostBatches: Int.random(in: 1...4, using: &random))
        var decoder = CaptureDecoder(onlySums: false, hasDigests: true)
        var analyses = Array(repeating: ConnectionAnalyses(.all, passwords: .none), count: shards)
        var bytes: [UInt8] = []
        var begun: [(place: PartSchedule<[Int], BatchPart, PartOutput>.Place, part: BatchPart)] = []
        var assembler: OutputAssembler<FormatWriter<TextFormat>>?
        func writeComplete() {
            while let (order, outputs) = schedule.takeComplete() {
                _ = assembler?.write(order, outputs) {
                    bytes += $0
                    return true
                }
            }
        }
        /// Begins or completes a part.
        func work() {
            if Bool.random(using: &random), let next = schedule.next(for: 0, of: 1) { return begun.append(next) }
            guard !begun.isEmpty else { return }
            var (place, part) = begun.remove(at: Int.random(in: begun.indices, using: &random))
            var output = PartOutput()
            var writer = prototype
            output.append(&part, through: &analyses[place.shard], by: &writer)
            _ = schedule.finish(place, output)
            writeComplete()
        }
        func add(_ fill: (inout BatchParts) -> Void) {
            while schedule.isFull { work() }
            var parts = BatchParts(shards: shards)
            fill(&parts)
            var jobs = parts.takeParts()
            _ = schedule.add(parts.order, &jobs)
            writeComplete()
        }
        while let batch = reading.queue.take() {
            if assembler == nil, let key = reading.maskKey {
                prototype.mask(with: key)
                assembler = OutputAssembler(prototype)
            }
            add { parts in decoder.receive(batch) { parts.append($1, of: $0) } }
        }
        add { parts in decoder.finish { parts.append($1, of: $0) } }
        while !schedule.isEmpty { work() }
        let isSame = bytes == expected.bytes
        #expect(isSame)
    }
}
