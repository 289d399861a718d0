// Ladders from rows of the archive: the same as the command's, also while they grow.

import Analysis
import Archive
import Events
import Foundation
import Ladders
import MSNP
import Output
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(2))) struct LadderAnswerTests {
    private static func options(_ path: String, _ mode: WebOptions.Mode = .archive) throws -> WebOptions {
        WebOptions(try ArchiveReader(path), mode: mode, listen: HostPort("127.0.0.1", 0), version: "0")
    }

    /// The ladder as the command makes it.
    private static func whole(_ path: String, _ id: ArchiveID) throws -> Ladder {
        let archive = try Archive.open(path)
        var presentation = Presentation()
        presentation.maskKey = archive.maskKey
        var builder = LadderBuilder(presentation)
        var places = EventPlaces()
        try archive.replay(ArchiveSelection([id]), EventDetail(.all)) { event in
            builder.take(event, at: places.next(event))
            return true
        }
        return builder.finish()
    }

    @Test(arguments: ["demo", "transfers", "two-views", "tcp-hole", "client-pidgin", "proxy-gateway", "sign-in-msnp12"])
    func itIsTheOneOfTheCommand(capture: String) async throws {
        let archive = try TestArchive(["\(capture).pcap"])
        let data = DataService(try Self.options(archive.path))
        let ladder = try data.ladder(of: .recording(1), LadderOptions(), ReadControl())
        let expected = try Self.whole(archive.path, .recording(1))
        #expect(ladder.parties == expected.parties)
        #expect(ladder.rows == expected.rows)
        #expect(try data.ladder(of: .recording(1), LadderOptions(), ReadControl()) == ladder)
        await data.stop()
    }

    /// After a commit only what is new is read, and the ladder is the same as one built anew.
    @Test func itGrowsWithTheArchive() async throws {
        let archive = try TestArchive(["demo.pcap"])
        let data = DataService(try Self.options(archive.path))
        let first = try data.ladder(of: .signIn(1), LadderOptions(), ReadControl())
        try TestArchive.add(["transfers.pcap"], to: archive.path)
        #expect(try data.ladder(of: .signIn(1), LadderOptions(), ReadControl()) == first)
        let second = try data.ladder(of: .recording(2), LadderOptions(), ReadControl())
        #expect(second.rows == (try Self.whole(archive.path, .recording(2))).rows)
        #expect(throws: RequestError.self) { try data.ladder(of: .recording(3), LadderOptions(), ReadControl()) }
        await data.stop()
    }

    /// A relay has a column where one recorded, whether or not it changed anything.
    @Test func theRelayHasAColumn() async throws {
        let archive = try TestArchive(["sign-in-msnp12.pcap"])
        func kinds(_ mode: WebOptions.Mode) async throws -> [Ladder.Party.Kind] {
            let data = DataService(try Self.options(archive.path, mode))
            let ladder = try data.ladder(of: .recording(1), LadderOptions(), ReadControl())
            await data.stop()
            return ladder.parties.map(\.kind)
        }
        #expect(try await !kinds(.archive).contains(.relay))
        #expect(try await kinds(.relay).contains(.relay))
    }

    /// A ladder that is too long ends, and says how much is left out.
    @Test func itHasALimit() async throws {
        let archive = try TestArchive(["demo.pcap"])
        let data = DataService(try Self.options(archive.path))
        var options = LadderOptions()
        options.mostRows = 5
        let ladder = try data.ladder(of: .recording(1), options, ReadControl())
        #expect(ladder.rows.count == 5 && ladder.omittedRows > 5)
        await data.stop()
    }
}
