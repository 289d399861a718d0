// One transferred file out of the archive, by its digest.

import Analysis
import Archive
import Events
import Extraction
import Glibc

/// Puts transfers together again, and takes the one that is asked for.
enum FileDownload {
    /// Writes a file into a temporary one; false if it is not there.
    ///
    /// - Parameters:
    ///   - digest: its SHA-256.
    ///   - selection: where it was transferred.
    static func write(
        _ digest: [UInt8], of selection: ArchiveSelection, in archive: Archive, to file: TemporaryFile
    ) throws -> Bool {
        let folder = try TemporaryFolder()
        let output: OutputFolder
        do {
            output = try OutputFolder(folder.path)
        } catch {
            throw RequestError(.internalError, text: "The program cannot make a temporary folder.")
        }
        for recording in try archive.recordings(of: selection) {
            var extractor = Extractor(into: output, writesIncomplete: false) { _ in true }
            do {
                try read(recording, selection, archive, &extractor)
            } catch {
                extractor.abandon()
                throw error
            }
            let found = extractor.inOrder.first { $0.sha256 == digest && $0.isComplete }
            if let name = found?.file { return try file.copy("\(folder.path)/\(name)") }
        }
        return false
    }

    private static func read(
        _ recording: Int64, _ selection: ArchiveSelection, _ archive: Archive, _ extractor: inout Extractor
    ) throws {
        var failure: (any Error)?
        try archive.replay(apart: recording, asked: selection, .none) { part in
            do {
                switch part {
                case .begins: break
                case .event(let event): try extractor.take(event)
                case .ends(let connection): try extractor.endOfConnection(connection)
                }
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        try extractor.endOfRecording()
    }
}

/// A folder that only its owner can read, removed with this object and all that is in it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        var name = Array("\(parent.isEmpty ? "/tmp" : parent)/butterflynet-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw RequestError(.internalError, text: "The program cannot make a temporary folder.")
        }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(folder)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
