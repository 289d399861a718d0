// Reading archives as the page does, for tests.

import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Archive

extension ArchiveReader {
    /// All items of a scope, read forwards in pages.
    func all(_ scope: EventScope = .everything, page: Int = 200, _ depth: EventDepth = .row) throws -> [EventItem] {
        var items: [EventItem] = []
        var place = EventPlace.after(EventCursor(time: .min, connection: 0, number: 0))
        while true {
            let window = try events(scope, place, limit: page, depth)
            items += window.items
            guard let next = window.next else { return items }
            #expect(!window.items.isEmpty && window.items.count <= page)
            place = .after(next)
        }
    }

    /// All items of a scope, read backwards in pages, in ascending order.
    func allBackwards(_ scope: EventScope = .everything, page: Int) throws -> [EventItem] {
        var items: [EventItem] = []
        var place = EventPlace.newest(after: nil)
        while true {
            let window = try events(scope, place, limit: page)
            items = window.items + items
            guard let previous = window.previous else { return items }
            #expect(!window.items.isEmpty && window.items.count <= page)
            place = .before(previous)
        }
    }
}

extension [EventItem] {
    /// The events as lines with everything, by connection.
    var lines: [Int: [String]] {
        var lines = Lines()
        for item in self { for event in item.events { lines.append(event) } }
        return lines.byConnection
    }

    var addresses: [String] { map(\.address.description) }
}

/// Records events without analysis, in an order of the caller's.
func record(_ events: [Event], in scratch: Scratch, named name: String = "a.sqlite") throws -> String {
    let path = scratch.path(name)
    let archive = try Archive.openOrCreate(path)
    try archive.importing([], toolVersion: "test", now: Clock.now()) { sink in
        #expect(sink.receive(events))
        return []
    }
    return path
}

/// A connection that sends many small commands, with an answer to each.
func pings(_ count: Int, connection: Int = 1, start: Int64 = 1_100_000_000_000_000_000) throws -> [Event] {
    let ends = Endpoints(client: "10.0.0.1:4000", server: "10.0.0.2:1863")
    let context = ConnectionContext(connection: connection, role: .notification, dialect: Dialect(12))
    var events: [Event] = []
    events.reserveCapacity(count + 1)
    func add(_ kind: Event.Kind) {
        events.append(
            Event(
                time: Timestamp(nanoseconds: start + Int64(events.count) * 1_000_000), context: context, kind: kind))
    }
    add(.opened(ends))
    let png = try #require(Frame(Array("PNG\r\n".utf8)))
    for number in 0..<count / 2 {
        add(.frame(png, from: .client))
        let qng = try #require(Frame(Array("QNG \(number)\r\n".utf8)))
        add(.frame(qng, from: .server))
    }
    return events
}
