// How far a recording is behind, for those who watch a relay.

/// The state of a running recording.
package struct RecordingLag: Sendable, Hashable {
    /// The age of the oldest event that waits to be written, in seconds.
    package let seconds: Double
    /// The memory of events that are not written yet, in bytes.
    package let bytes: Int
    /// The number of attempts to write that failed.
    package let failures: Int
    /// The bytes of commands and noise that were lost.
    package let lostBytes: UInt64
    /// Whether new events will be recorded, as far as is known.
    package let isRecording: Bool
}
