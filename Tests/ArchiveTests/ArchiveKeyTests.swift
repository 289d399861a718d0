// The key of an archive's masks: its own, kept in it, and found again.

import Events
import Foundation
import TestSupport
import Testing

@testable import Archive

@Suite struct ArchiveKeyTests {
    private func schemaOne(_ scratch: Scratch) throws -> String {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/schema-1.sqlite")
        return try scratch.write(Array(try Data(contentsOf: fixture)), to: "old.sqlite")
    }

    @Test func everyArchiveHasItsOwnAndKeepsIt() throws {
        let scratch = try Scratch()
        let first = try Archive.openOrCreate(scratch.path("a.sqlite")).maskKey
        let second = try Archive.openOrCreate(scratch.path("b.sqlite")).maskKey
        #expect(first != second)
        #expect(first.mask(of: "swordfish".utf8) != second.mask(of: "swordfish".utf8))
        #expect(try Archive.open(scratch.path("a.sqlite")).maskKey == first)
        #expect(try Archive.openOrCreate(scratch.path("a.sqlite"), newKey: .ofThisRun).maskKey == first)
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path("a.sqlite"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    /// A relay's log was begun with a key already, when the archive is made anew.
    @Test func aNewArchiveTakesTheKeyOfItsRelay() throws {
        let scratch = try Scratch()
        let key = MaskKey.random()
        #expect(try Archive.openOrCreate(scratch.path("a.sqlite"), newKey: key).maskKey == key)
        let recorder = try Recorder(path: scratch.path("a.sqlite"), toolVersion: "test") { _ in }
        #expect(recorder.maskKey == key)
        recorder.close()
    }

    @Test func anOlderArchiveGetsOneWhenItIsWritten() throws {
        let scratch = try Scratch()
        let path = try schemaOne(scratch)
        let key = try Archive.openOrCreate(path).maskKey
        #expect(try Archive.openOrCreate(path).maskKey == key)
        let other = try Scratch()
        #expect(try Archive.openOrCreate(schemaOne(other)).maskKey != key)
    }

    /// One that cannot be written is read all the same, with a key that is made of what was recorded.
    @Test func anOlderArchiveThatCannotBeWrittenIsRead() throws {
        let scratch = try Scratch()
        let path = try schemaOne(scratch)
        let before = try Data(contentsOf: URL(filePath: path))
        let archive = try Archive(path, isReadOnly: true, waiting: 1)
        #expect(try archive.list().first?.account == "alice@example.com")
        #expect(try archive.lines(.signIn(1)).count == 3)
        #expect(try Archive(path, isReadOnly: true, waiting: 1).maskKey == archive.maskKey)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        // It is not a key of nothing.
        #expect(archive.maskKey != MaskKey(derivedFrom: []))
    }
}
