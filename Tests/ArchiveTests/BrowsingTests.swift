// Lists of events in parts, and single events in full: each event once, the same as `show`, at a lasting address.

import Analysis
import Captures
import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct BrowsingTests {
    private static let captures = ["demo", "transfers", "two-views", "tcp-hole", "client-pidgin", "proxy-gateway"]

    private static func reader(of capture: String, in scratch: Scratch) throws -> (Archive, ArchiveReader) {
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([Repository.capture("\(capture).pcap")])
        return (archive, try ArchiveReader(archive.path))
    }

    @Test func addresses() {
        #expect(EventAddress("c14.12") == EventAddress(connection: 14, number: 12))
        #expect(EventAddress("C1.1")?.description == "c1.1")
        for text in ["", "c", "c1", "c1.", "c.1", "c0.1", "c1.0", "s1.1", "c1.2.3", "c-1.1", "c1.+2", "c1 .2", "c1.２"] {
            #expect(EventAddress(text) == nil, "\(text)")
        }
        #expect(EventAddress("c\(String(repeating: "9", count: 30)).1") == nil)
    }

    /// In full depth every event of a list is that of `show`, and so is each event alone.
    @Test(arguments: captures) func listsAndDetailsAreThoseOfShow(capture: String) throws {
        let scratch = try Scratch()
        let (archive, reader) = try Self.reader(of: capture, in: scratch)
        let shown = try archive.lines(.recording(1))
        let items = try reader.all(page: 50, .full)
        #expect(items.lines == shown)
        let alone = try items.map { try #require(try reader.event($0.address)).item }
        #expect(alone.lines == shown)
        #expect(alone.addresses == items.addresses)
        for connection in shown.keys {
            let own = items.filter { $0.address.connection == Int64(connection) }
            #expect(own.map(\.address.number) == Array(1...Int64(own.count)))
            #expect(try reader.eventCount(of: Int64(connection)) == Int64(own.count))
        }
    }

    /// A row has what is recorded; the messages and findings of the tables stand where the analysis makes them.
    @Test(arguments: captures) func rowsHaveTheMessagesAndFindingsOfShow(capture: String) throws {
        let scratch = try Scratch()
        let (archive, reader) = try Self.reader(of: capture, in: scratch)
        func derived(_ item: EventItem) -> [String] {
            item.events.compactMap { event in
                switch event.kind {
                case .message(let message): "\(item.address) \(message.from): \(message.text)"
                case .finding(let finding): "\(item.address) \(finding.name.text) \(finding.text)"
                default: nil
                }
            }.sorted()
        }
        let full = try reader.all(page: 500, .full)
        #expect(try reader.all().flatMap(derived) == full.flatMap(derived))
        _ = try archive.reindex()
        #expect(try ArchiveReader(archive.path).all().flatMap(derived) == full.flatMap(derived))
    }

    @Test(arguments: [1, 2, 7, 200]) func everyPageSizeGivesEachEventOnce(page: Int) throws {
        let scratch = try Scratch()
        let (_, reader) = try Self.reader(of: "demo", in: scratch)
        let all = try reader.all(page: 500)
        let addresses = all.addresses
        #expect(Set(addresses).count == addresses.count)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.cursor < $1.cursor })
        #expect(try reader.all(page: page).addresses == addresses)
        #expect(try reader.allBackwards(page: page).addresses == addresses)
        for (place, item) in all.enumerated() where place % 5 == 0 {
            let window = try reader.events(.everything, .around(item.address), limit: page)
            #expect(window.items.count == min(page, window.items.count))
            #expect(window.items.contains { $0.address == item.address })
            let first = try #require(window.items.first.flatMap { addresses.firstIndex(of: $0.address.description) })
            #expect(Array(addresses[first..<first + window.items.count]) == window.items.addresses)
            #expect((window.previous == nil) == (first == 0 && page > 1) || page == 1)
            #expect((window.next == nil) == (first + window.items.count == addresses.count))
        }
    }

    @Test func scopes() throws {
        let scratch = try Scratch()
        let (archive, reader) = try Self.reader(of: "demo", in: scratch)
        for id in [ArchiveID.connection(2), .signIn(1), .recording(1)] {
            #expect(try reader.all(.of(id), .full).lines == archive.lines(id), "\(id)")
        }
        #expect(try reader.all(.of(.connection(99))).isEmpty)
        #expect(try reader.event(EventAddress(connection: 99, number: 1)) == nil)
        #expect(try reader.event(EventAddress(connection: 1, number: 10_000)) == nil)
        let last = try #require(try reader.all(.of(.connection(1))).last)
        let beyond = EventAddress(connection: 1, number: 10_000)
        #expect(
            try reader.events(.of(.connection(1)), .around(beyond), limit: 3).items.contains {
                $0.address == last.address
            })
        #expect(try reader.last(of: .of(.connection(1))) == last.address)
    }

    @Test func aTimeLeadsToItsEvents() throws {
        let scratch = try Scratch()
        let (_, reader) = try Self.reader(of: "demo", in: scratch)
        let all = try reader.all()
        let middle = all[all.count / 2]
        let time = Timestamp(nanoseconds: middle.cursor.time)
        let window = try reader.events(.everything, .aroundTime(time), limit: 10)
        #expect(window.items.contains { $0.cursor.time == time.nanoseconds })
        let early = try reader.events(.everything, .aroundTime(Timestamp(nanoseconds: 0)), limit: 10)
        #expect(early.items.addresses == Array(all.addresses.prefix(10)))
        #expect(early.previous == nil && early.next != nil)
    }

    @Test func requestsAndAnswersKnowEachOther() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        let reader = try ArchiveReader(archive.path)
        // opened, VER, CVR, USR, their answers.
        let request = try #require(try reader.event(EventAddress(connection: 1, number: 4)))
        #expect(
            request.item.events.first.map {
                if case .frame(let frame, .client) = $0.kind { frame.verb == "USR" } else { false }
            } == true)
        let answer = try #require(request.answer)
        let other = try #require(try reader.event(answer))
        #expect(other.request == request.item.address && other.answer == nil)
        #expect(request.request == nil)
    }

    /// A redirect leads to the connection that came of it.
    @Test func redirectsLeadToTheirConnections() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        let reader = try ArchiveReader(archive.path)
        let origins = try [1, 2, 3].map { try reader.origin(of: $0) }
        #expect(origins[0] == nil)
        #expect(origins[1]?.connection == 1 && origins[2]?.connection == 2)
        for (index, origin) in origins.enumerated() {
            guard let origin else { continue }
            let redirect = try #require(try reader.event(origin))
            #expect(redirect.leadsTo == Int64(index) + 1)
            guard case .frame(let frame, .server) = redirect.item.events.first?.kind else {
                Issue.record("no frame")
                continue
            }
            #expect(frame.verb == "XFR")
            #expect(try reader.leads(from: [origin]) == [origin: Int64(index) + 1])
        }
        _ = try archive.reindex()
        #expect(try [1, 2, 3].map { try reader.origin(of: $0) } == origins)
    }

    /// A search says how far it came, and goes on from there.
    @Test func aSearchThatTakesLongIsContinued() throws {
        let scratch = try Scratch()
        let reader = try ArchiveReader(try record(pings(4_000), in: scratch))
        let wanted: (EventItem) -> Bool = { $0.address.number % 1_500 == 0 }
        var found: [Int64] = []
        var scanned: Int64 = 0
        var place = EventPlace.after(EventCursor(time: .min, connection: 0, number: 0))
        var requests = 0
        while requests < 100 {
            requests += 1
            let window = try reader.events(
                .everything, place, limit: 10, .row, ReadControl(milliseconds: 0), where: wanted)
            found += window.items.map(\.address.number)
            scanned += window.scanned
            guard let next = window.next else { break }
            #expect(!window.isDone)
            place = .after(next)
        }
        #expect(found == [1_500, 3_000])
        #expect(scanned == 4_001 && requests > 1)
        let backwards = try reader.events(.everything, .newest(after: nil), limit: 1, where: wanted)
        #expect(backwards.items.map(\.address.number) == [3_000])
        #expect(
            try reader.events(.everything, .before(try #require(backwards.previous)), limit: 5, where: wanted).items
                .map(\.address.number) == [1_500])
    }

    @Test func whatPassedByIsCounted() throws {
        let scratch = try Scratch()
        let reader = try ArchiveReader(try record(pings(400) + pings(400, connection: 2), in: scratch))
        let all = try reader.all(page: 500)
        #expect(all.count == 802)
        let window = try reader.events(.everything, .newest(after: all[99].cursor), limit: 200)
        #expect(window.items.addresses == Array(all.addresses.suffix(200)))
        #expect(window.skipped == 502)
        let rest = try reader.events(.everything, .newest(after: all[700].cursor), limit: 200)
        #expect(rest.items.addresses == Array(all.addresses.suffix(101)) && rest.skipped == 0)
        #expect(rest.previous == nil)
        #expect(try reader.events(.everything, .newest(after: all[801].cursor), limit: 200).items.isEmpty)
    }

    /// Far inside a long connection: the rows at once, the details from the beginning, then from a snapshot.
    @Test func aJumpFarInside() throws {
        let scratch = try Scratch()
        let reader = try ArchiveReader(try record(pings(100_000), in: scratch))
        let address = EventAddress(connection: 1, number: 90_001)
        let window = try reader.events(.of(.connection(1)), .around(address), limit: 200)
        #expect(window.items.map(\.address.number) == Array(89_901...90_100))
        var reports: [Int64] = []
        let details = try #require(try reader.event(address) { done, _ in reports.append(done) })
        #expect(details.item.recorded == 0 && !reports.isEmpty)
        guard case .frame(let frame, .server) = details.item.events.first?.kind else {
            Issue.record("no frame")
            return
        }
        #expect(frame.bytes == Array("QNG 44999\r\n".utf8))
        reports = []
        _ = try reader.event(EventAddress(connection: 1, number: 89_000)) { done, _ in reports.append(done) }
        #expect(reports.allSatisfy { $0 > 80_000 })
    }

    @Test func aCancelledRequestEnds() throws {
        let scratch = try Scratch()
        let reader = try ArchiveReader(try record(pings(20_000), in: scratch))
        let control = ReadControl()
        #expect(throws: ReadControl.Cancelled.self) {
            try reader.event(EventAddress(connection: 1, number: 20_000), control) { _, _ in control.cancel() }
        }
        #expect(throws: ReadControl.Cancelled.self) { try reader.last(of: .everything, control) }
        // Its connection is used again.
        #expect(try reader.event(EventAddress(connection: 1, number: 20_000)) != nil)
    }

    /// The reader never writes.
    @Test func nothingCanBeWritten() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        let reader = try ArchiveReader(archive.path)
        #expect(throws: ArchiveError.self) {
            try reader.lists { archive in
                try archive.guarded {
                    try archive.queue.writeWithoutTransaction { try $0.execute(sql: "DELETE FROM block") }
                }
            }
        }
        #expect(throws: ArchiveError.self) { try reader.lists { try $0.reindex() } }
        #expect(try reader.lists { try $0.list().count } == 1)
    }
}
