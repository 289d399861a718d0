// Imports captures into a temporary archive while the page is open, which shows how far it is.

internal import Analysis
import Archive
import Captures
internal import Events
import NIOConcurrencyHelpers
import Synchronization
import Web

/// The import of the captures that were given to `web`.
final class CaptureImport: Sendable {
    private let files: [String]
    private let path: String
    private let progress: NIOLockedValueBox<ImportState>
    private let isCancelled = Atomic(false)

    /// - Parameters:
    ///   - files: captures, pasted logs or folders.
    ///   - path: the archive.
    init(_ files: [String], into path: String) {
        self.files = files
        self.path = path
        progress = NIOLockedValueBox(ImportState(file: files.joined(separator: ", ")))
    }

    /// How far it is.
    var state: ImportState { progress.withLockedValue { $0 } }

    /// Stops it soon.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Imports; returns what went wrong, one line each. Call it on a thread that may wait.
    func run() -> [String] {
        var troubles: [String] = []
        do {
            try load(&troubles)
        } catch let error as ArchiveError {
            troubles.append(error.description)
        } catch {
            troubles.append("\(error)")
        }
        let text = troubles.isEmpty ? nil : troubles.joined(separator: "\n")
        progress.withLockedValue {
            $0.isFinished = true
            if let text { $0.text = text }
        }
        return troubles
    }

    private func load(_ troubles: inout [String]) throws {
        var sources: [SourceFile] = []
        for file in Captures.files(in: files) {
            do {
                sources.append(try SourceFile(path: file))
            } catch let error as ArchiveError {
                troubles.append(error.description)
            }
        }
        guard !sources.isEmpty else {
            if troubles.isEmpty { troubles.append("no captures in \(files.joined(separator: ", "))") }
            return
        }
        progress.withLockedValue { [sources] in $0.totalBytes = sources.reduce(0) { $0 &+ $1.bytes } }
        let target = try Archive.openOrCreate(path)
        var connections = 0
        var summary = Captures.Summary()
        try target.importing(sources, toolVersion: ProgramInfo.version, now: SystemTime.now()) { sink in
            summary = sink.receiveAll { emit in
                Captures.decode(
                    sources.map(\.path), detail: EventDetail(Archive.storedAnalysis),
                    progress: { [progress] done in progress.withLockedValue { $0.doneBytes = Int64(done) } },
                    isCancelled: { [self] in isCancelled.load(ordering: .relaxed) }
                ) { event in
                    if isCancelled.load(ordering: .relaxed) { return false }
                    if case .opened = event.kind { connections += 1 }
                    return emit(event)
                }
            }
            return summary.readable > 0 && !isCancelled.load(ordering: .relaxed) ? summary.troubles : nil
        }
        troubles += summary.troubles
        if summary.readable > 0, connections == 0, troubles.isEmpty {
            progress.withLockedValue { $0.text = "There is no MSNP in \(files.joined(separator: ", "))." }
        }
    }
}
