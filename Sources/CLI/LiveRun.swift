// The common part of `relay` and `demo`: the log, the recording and the threads of a running relay.

import Archive
import Console
internal import Events
import Glibc
import Meters
import NIOCore
import NIOPosix
internal import Output
import Relay

/// The surroundings of a running relay.
struct LiveRun {
    let stop: StopSignal
    let reporter = Reporter(prefix: "butterflynet")
    /// Threads for the relay and for all that runs beside it.
    let group: MultiThreadedEventLoopGroup
    private let recorder: Recorder?
    private let log: LiveLog
    /// Counts events; nil without `--metrics`.
    private let meters: RelayMeters?
    private let sink: EventSinks
    private let recording: RecordingOptions
    private let isQuiet: Bool
    /// Whether events are recorded already.
    private let gate: RecordingGate?

    /// Starts the recording and the log.
    ///
    /// - Parameters:
    ///   - recordsLater: whether recording waits for `startRecording`.
    ///   - meters: count the events and what else the relay does.
    /// - Throws: `CommandError` if the filter is invalid, or the archive cannot be opened.
    init(
        _ recording: RecordingOptions, _ options: LogOptions, recordsLater: Bool = false, meters: RelayMeters? = nil
    ) async throws {
        _ = try options.condition()
        FileLimit.raise()
        let stop = await StopSignal()
        let recorder = try recording.start(reporter.report)
        var presentation = options.presentation(recorder?.maskKey ?? .ofThisRun)
        presentation.omitsListening = !options.quiet && isatty(STDOUT_FILENO) == 1
        let log = LiveLog(
            descriptor: STDOUT_FILENO, style: options.format, presentation: presentation,
            filter: try options.condition(presentation),
            overflow: recording.noArchive || recordsLater ? .wait : .leaveOut,
            isRecording: { recorder?.isRecording ?? false },
            report: reporter.report, onBrokenPipe: stop.brokenPipe)
        let gate = recorder.map { RecordingGate($0, isOpen: !recordsLater) }
        var sinks: [any LiveEventSink] = [log]
        if let gate { sinks.append(gate) }
        if let meters { sinks.append(meters) }
        sink = EventSinks(sinks)
        if let recorder { meters?.observe(archive: { ArchiveFigures(recorder.lag) }) }
        self.meters = meters
        group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        self.stop = stop
        self.recorder = recorder
        self.log = log
        self.gate = gate
        self.recording = recording
        isQuiet = options.quiet
    }

    /// Starts recording the events of new connections.
    func startRecording() { gate?.open() }

    /// Has a function called after each commit of the recording; it must return at once.
    func whenCommitted(_ callback: @escaping @Sendable () -> Void) { recorder?.whenCommitted(callback) }

    /// A function that tells the recording whether somebody follows it.
    var follow: @Sendable (Bool) -> Void { { [recorder] in recorder?.followTables($0) } }

    /// Waits until all events so far are printed.
    func waitUntilPrinted() async { await log.waitUntilWritten() }

    /// Starts a relay that passes its events to the log and the recording.
    ///
    /// - Throws: `RelayError`.
    func start(_ options: RelayOptions) async throws -> RelayServer {
        var options = options
        if let recorder {
            options.nextConnection = recorder.nextConnection
            options.nextSignIn = recorder.nextSignIn
        }
        options.observer = meters
        return try await RelayServer.start(options, group: group, sink: sink, report: reporter.report)
    }

    /// Ends the recording and the log.
    ///
    /// - Parameter hasStarted: whether a relay ran; only then there is something to report.
    /// - Returns: whether the log is complete.
    @discardableResult func close(hasStarted: Bool = true) -> Bool {
        let totals = recorder?.close()
        let isWhole = log.close()
        reporter.close()
        if stop.isPipeBroken, !isQuiet { Terminal.printMessage("standard output was closed, so the relay stops") }
        if hasStarted, let totals, let gate, gate.isOpen, !isQuiet {
            Terminal.printLines(RecordingSummary.lines(totals, recording.archive))
        }
        return isWhole
    }
}

extension ArchiveFigures {
    /// The figures of a recording.
    init(_ lag: RecordingLag) {
        self.init(
            behindSeconds: lag.seconds, backlogBytes: lag.bytes, failures: lag.failures, lostBytes: lag.lostBytes,
            isRecording: lag.isRecording)
    }
}
