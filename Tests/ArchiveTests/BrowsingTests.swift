// Lists of events in parts, and single events in full: each event once, the same as `show`, at a lasting address.

import Analysis
import Captures
import Events
import Foundation
import GRDB
import MSNP
import Query
import TestSupport
import Testing

@testable import Archive

@Suite struct BrowsingTests {
    /// A window has few events if they are large, and the windows together have all.
    @Test func windowsOfLargeEventsAreSmall() throws {
        let scratch = try Scratch()
        let payload = String(repeating: "x", count: 900_000)
        let context = ConnectionContext(connection: 1, role: .switchboard, dialect: Dialect(12))
        func event(_ number: Int, _ kind: Event.Kind) -> Event {
            Event(time: Timestamp(nanoseconds: 1_100_000_000_000_000_000 + Int64(number)), context: context, kind: kind)
        }
        var events = [
            event(0, .opened(Endpoints(client: "10.0.0.1:4000", server: "10.0.0.2:1863")))
        ]
        for number in 1...40 {
            let frame = try #require(Frame(Array("MSG \(number) A \(payload.utf8.count)\r\n\(payload)".utf8)))
            events.append(event(number, .frame(frame, from: .client)))
        }
        let reader = try ArchiveReader(try record(events, in: scratch))
        let newest = try reader.events(.everything, .newest(after: nil), limit: 500)
        #expect((8...12).contains(newest.items.count) && newest.previous != nil)
        let wanted = try reader.events(.everything, .newest(after: nil), limit: 500) { _ in true }
        #expect((8...12).contains(wanted.items.count) && wanted.previous == newest.previous)
        let all = try reader.all(page: 500).addresses
        #expect(all == (1...41).map { "c1.\($0)" })
        #expect(try reader.allBackwards(page: 500).addresses == all)
        #expect(try reader.all(page: 500, .full).addresses == all)
    }

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

    /// Sign-ins in parts are those of `sessions`.
    @Test(arguments: ["demo", "two-views", "transfers", "sign-in-msnp12"]) func signInsInParts(capture: String) throws {
        let scratch = try Scratch()
        let (archive, reader) = try Self.reader(of: capture, in: scratch)
        try archive.importAll([Repository.capture("client-pidgin.pcap")])
        func line(_ signIn: SignInSummary, _ connections: [ConnectionSummary]) -> String {
            "\(signIn) " + connections.map { "\($0)" }.joined(separator: " ")
        }
        for filter in [nil, "role == SB", "dialect == MSNP12"] {
            let listed = try archive.list(filter).map { line($0.signIn, $0.connections) }
            for limit in [1, 2, 200] {
                var items: [SignInList.Item] = []
                var place = ListPlace.newest
                while true {
                    let list = try reader.signIns(
                        place, limit: limit, filter: filter.map { try Filter($0, for: .sessions, keys: .ofSessions) })
                    items += list.items
                    guard let next = list.next else { break }
                    place = .after(next)
                }
                #expect(items.reversed().map { line($0.signIn, $0.connections) } == listed, "\(filter ?? "")")
                if filter == nil {
                    for item in items {
                        let id = item.signIn.id ?? item.signIn.recording
                        let single = try #require(try reader.signIn(id))
                        #expect(line(single.signIn, single.connections) == line(item.signIn, item.connections))
                    }
                    guard items.count > 1 else { continue }
                    let up = try reader.signIns(.before(items[1].cursor), limit: 5)
                    #expect(up.items.map(\.cursor) == [items[0].cursor] && up.previous == nil)
                }
            }
        }
        #expect(try reader.signIn(.signIn(99)) == nil)
    }

    /// What was deleted is not shown from memory; of another file at the same path nothing is.
    @Test func whatIsGoneIsNotShown() throws {
        let scratch = try Scratch()
        let path = try record(pings(20_000) + pings(200, connection: 2), in: scratch)
        let reader = try ArchiveReader(path)
        #expect(try reader.all(page: 500).count == 20_202)
        #expect(try reader.event(EventAddress(connection: 1, number: 19_000)) != nil)
        _ = try Archive.open(path).delete(.items([.connection(1)]))
        #expect(try reader.all(page: 500).allSatisfy { $0.address.connection == 2 && $0.damage == nil })
        #expect(try reader.event(EventAddress(connection: 1, number: 19_000)) == nil)
        #expect(try reader.eventCount(of: 1) == nil)
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: ArchiveError.self) { try reader.all() }
        _ = try record(pings(10), in: scratch)
        #expect(throws: ArchiveError.self) { try reader.all() }
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
