// The common part of `relay` and `demo`: the log, the recording and the threads of a running relay.

import Archive
import Console
internal import Events
import Glibc
import NIOCore
import NIOPosix
import Relay

/// The surroundings of a running relay.
struct LiveRun {
    let stop: StopSignal
    let reporter = Reporter(prefix: "butterflynet")
    /// Threads for the relay and for all that runs beside it.
    let group: MultiThreadedEventLoopGroup
    private let recorder: Recorder?
    private let log: LiveLog
    private let sink: EventSinks

    /// Starts the recording and the log.
    ///
    /// - Throws: `CommandError` if the filter is invalid, or the archive cannot be opened.
    init(_ recording: RecordingOptions, _ options: LogOptions) async throws {
        _ = try options.condition()
        FileLimit.raise()
        let stop = await StopSignal()
        let recorder = try recording.start(reporter.report)
        let presentation = options.presentation(recorder?.maskKey ?? .ofThisRun)
        let log = LiveLog(
            descriptor: STDOUT_FILENO, style: options.format, presentation: presentation,
            filter: try options.condition(presentation),
            overflow: recording.noArchive ? .wait : .leaveOut, isRecording: { recorder?.isRecording ?? false },
            report: reporter.report, onBrokenPipe: stop.brokenPipe)
        sink = recorder.map { EventSinks([log, $0]) } ?? EventSinks([log])
        group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        self.stop = stop
        self.recorder = recorder
        self.log = log
    }

    /// Starts a relay that passes its events to the log and the recording.
    ///
    /// - Throws: `RelayError`.
    func start(_ options: RelayOptions) async throws -> RelayServer {
        try await RelayServer.start(options, group: group, sink: sink, report: reporter.report)
    }

    /// Ends the recording and the log.
    ///
    /// - Returns: whether the log is complete.
    @discardableResult func close() -> Bool {
        recorder?.close()
        let isWhole = log.close()
        reporter.close()
        return isWhole
    }
}
