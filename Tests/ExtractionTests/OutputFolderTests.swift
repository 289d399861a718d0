// Writing into a folder: nothing is overwritten, no link is followed, nobody else can read.

import Foundation
import TestSupport
import Testing

@testable import Extraction

@Suite struct OutputFolderTests {
    @Test func aFolderThatIsMadeIsPrivate() throws {
        let scratch = try Scratch()
        let folder = try OutputFolder(scratch.path("new"))
        #expect(try folder.write([1, 2], as: "a.txt") == "a.txt")
        #expect(try scratch.permissions("new") == 0o700 && scratch.permissions("new/a.txt") == 0o600)
    }

    @Test func whatIsThereStays() throws {
        let scratch = try Scratch()
        try scratch.write([9], to: "a.txt")
        try FileManager.default.createDirectory(atPath: scratch.path("b.txt"), withIntermediateDirectories: false)
        let folder = try OutputFolder(scratch.folder.path)
        #expect(try folder.write([1], as: "a.txt") == "a (2).txt")
        #expect(try folder.write([2], as: "a.txt") == "a (3).txt")
        #expect(try folder.write([3], as: "b.txt") == "b (2).txt")
        #expect(try scratch.read("a.txt") == [9] && scratch.read("a (2).txt") == [1])
    }

    @Test func thePiecesOfAFileFollowEachOther() throws {
        let scratch = try Scratch()
        let folder = try OutputFolder(scratch.path("out"))
        let name = try folder.write(as: "a.txt") { put in
            for piece in [[1, 2], [3], [4, 5]] as [[UInt8]] {
                var piece = piece
                try put(&piece)
            }
        }
        #expect(try scratch.read("out/\(name)") == [1, 2, 3, 4, 5])
    }

    @Test func linksAreNotFollowed() throws {
        let scratch = try Scratch()
        try scratch.write([9], to: "target")
        let folder = try OutputFolder(scratch.path("out"))
        for (name, target) in [("a.txt", "target"), ("b.txt", "nothing")] {
            try FileManager.default.createSymbolicLink(
                atPath: scratch.path("out/\(name)"), withDestinationPath: scratch.path(target))
        }
        #expect(try folder.write([1], as: "a.txt") == "a (2).txt")
        #expect(try folder.write([1], as: "b.txt") == "b (2).txt")
        _ = try folder.write([7, 7], as: "spooled")
        #expect(try folder.rename("spooled", to: "a.txt") == "a (3).txt")
        #expect(try scratch.read("target") == [9] && scratch.read("out/a (3).txt") == [7, 7])
        #expect(!FileManager.default.fileExists(atPath: scratch.path("nothing")))
        #expect(throws: ExtractionError.self) { try folder.reopen("a.txt") }
    }

    /// A file of the same name and content is kept; only regular files count, and none that this run has named.
    @Test func whatIsThereIsNotWrittenAgain() throws {
        let scratch = try Scratch()
        try scratch.write([1, 2, 3], to: "a.txt")
        try scratch.write([1, 2], to: "target")
        let folder = try OutputFolder(scratch.folder.path)
        func keep(_ bytes: [UInt8], _ name: String, taken: Set<String> = []) throws -> String {
            _ = try folder.write(bytes, as: "spooled")
            let kept = try folder.rename("spooled", to: name, taken: taken)
            #expect(!FileManager.default.fileExists(atPath: scratch.path("spooled")))
            return kept
        }
        #expect(try keep([1, 2, 3], "a.txt") == "a.txt")
        #expect(try keep([1, 2, 4], "a.txt") == "a (2).txt")
        #expect(try keep([1, 2, 4], "a.txt") == "a (2).txt")
        #expect(try keep([1, 2], "a.txt") == "a (3).txt")
        #expect(try keep([1, 2, 3], "a.txt", taken: ["a.txt"]) == "a (4).txt")
        #expect(try scratch.read("a.txt") == [1, 2, 3] && scratch.read("a (2).txt") == [1, 2, 4])
        // A link to the same content is another file.
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("b.txt"), withDestinationPath: scratch.path("target"))
        #expect(try keep([1, 2], "b.txt") == "b (2).txt")
    }

    @Test func onlyOwnPagesAreReplaced() throws {
        let scratch = try Scratch()
        let folder = try OutputFolder(scratch.folder.path)
        func replace(_ bytes: [UInt8]) throws -> String {
            try folder.replace("page", ifItBeginsWith: [7, 7]) { put in
                var bytes = bytes
                try put(&bytes)
            }
        }
        #expect(try replace([7, 7, 1]) == "page")
        #expect(try replace([7, 7, 2]) == "page")
        #expect(try scratch.read("page") == [7, 7, 2] && scratch.names(in: ".") == ["page"])
        try scratch.write([7, 8], to: "page")
        #expect(try replace([7, 7, 3]) == "page (2)")
        #expect(try scratch.read("page") == [7, 8] && scratch.read("page (2)") == [7, 7, 3])
    }

    @Test func noFolder() throws {
        let scratch = try Scratch()
        try scratch.write([9], to: "file")
        #expect(throws: ExtractionError.self) { try OutputFolder(scratch.path("file")) }
        #expect(throws: ExtractionError.self) { try OutputFolder(scratch.path("no/such/folder")) }
    }
}

extension OutputFolder {
    /// Writes a small file.
    fileprivate func write(_ bytes: [UInt8], as wish: String) throws -> String {
        try write(as: wish) { put in
            var bytes = bytes
            try put(&bytes)
        }
    }
}
