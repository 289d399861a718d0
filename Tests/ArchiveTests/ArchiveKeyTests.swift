// The key of an archive's masks: its own, kept in it, and found again.

import Foundation
import Testing
import Transcript

@testable import Archive

@Suite struct ArchiveKeyTests {
    private func schemaOne(_ folder: Folder) throws -> String {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/schema-1.sqlite")
        return try folder.write(Array(try Data(contentsOf: fixture)), to: "old.sqlite")
    }

    @Test func everyArchiveHasItsOwnAndKeepsIt() throws {
        let folder = try Folder()
        let first = try Archive.openOrCreate(folder.file("a.sqlite")).maskKey
        let second = try Archive.openOrCreate(folder.file("b.sqlite")).maskKey
        #expect(first != second)
        #expect(first.mask(of: "swordfish".utf8) != second.mask(of: "swordfish".utf8))
        #expect(try Archive.open(folder.file("a.sqlite")).maskKey == first)
        #expect(try Archive.openOrCreate(folder.file("a.sqlite"), newKey: .ofThisRun).maskKey == first)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("a.sqlite"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    /// A relay's log was begun with a key already, when the archive is made anew.
    @Test func aNewArchiveTakesTheKeyOfItsRelay() throws {
        let folder = try Folder()
        let key = MaskKey.random()
        #expect(try Archive.openOrCreate(folder.file("a.sqlite"), newKey: key).maskKey == key)
        let recorder = try Recorder(path: folder.file("a.sqlite"), toolVersion: "test") { _ in }
        #expect(recorder.maskKey == key)
        recorder.close()
    }

    @Test func anOlderArchiveGetsOneWhenItIsWritten() throws {
        let folder = try Folder()
        let path = try schemaOne(folder)
        let key = try Archive.openOrCreate(path).maskKey
        #expect(try Archive.openOrCreate(path).maskKey == key)
        let other = try Folder()
        #expect(try Archive.openOrCreate(schemaOne(other)).maskKey != key)
    }

    /// One that cannot be written is read all the same, with a key that is made of what was recorded.
    @Test func anOlderArchiveThatCannotBeWrittenIsRead() throws {
        let folder = try Folder()
        let path = try schemaOne(folder)
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
