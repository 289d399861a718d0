// The interface between the recorder and the file that it writes to.

internal import Events

/// Writes the batches of a recorder in order of arrival.
protocol BatchWriter: AnyObject {
    /// Prepares for writing.
    func open() throws
    /// Writes all pieces or none.
    func write(_ pieces: [Backlog.Piece]) throws
    /// Returns another value whenever the disk has written something, from any thread.
    var progress: @Sendable () -> Int64 { get }
    /// The bytes that were written and are not in their tables yet.
    var pendingBytes: Int { get }
    /// Writes a portion of them to their tables.
    ///
    /// - Returns: false if there was nothing left.
    func completeTables() throws -> Bool
    /// Whether connections that have ended wait until their transfers are read.
    var hasWaitingMedia: Bool { get }
    /// Reads some of them, for a few milliseconds.
    func deriveMedia() throws
    /// Ends the recording after the last batch.
    func finish() throws
    /// The key for masks of the recorded secrets.
    var maskKey: MaskKey { get }
    /// What was written so far.
    var totals: RecordingTotals { get }
    /// The numbers of connections and sign-ins.
    var numbers: RowNumbers { get }
}

extension BatchWriter {
    /// Only the end of a write is known.
    var progress: @Sendable () -> Int64 { { 0 } }
    /// A writer without an archive has no tables.
    var pendingBytes: Int { 0 }
    func completeTables() -> Bool { false }
    var hasWaitingMedia: Bool { false }
    func deriveMedia() {}
    /// A writer without an archive needs no key of its own.
    var maskKey: MaskKey { .ofThisRun }
    /// A writer without an archive has no rows.
    var totals: RecordingTotals { RecordingTotals() }
    /// A writer without an archive reserves no numbers.
    var numbers: RowNumbers { RowNumbers() }
}
