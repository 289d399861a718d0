// Goes through the series of a command: which to read, what to note and say of each.

internal import Analysis
internal import Captures

/// The series of one run, in order.
struct SeriesRun {
    private let series: [CaptureSeries]
    private let isWanted: Bool
    private let isQuiet: Bool
    private let settings: [String]
    private let journal: SeriesJournal?
    /// Whether results go to standard output, and are noted with their place in it.
    private let hasOutput: Bool
    /// Series that earlier runs read, and how many of them were damaged.
    private(set) var omitted = 0
    private(set) var damagedBefore = 0
    /// The numbers given so far.
    private(set) var numbers = CaptureNumbers()

    /// What reading a series gave.
    struct Outcome {
        var isReadable = false
        var isDamaged = false
        /// Whether everything was printed.
        var isWhole = true
        var numbers = CaptureNumbers()
        /// What to say of it, such as the number of packets.
        var figures: [String] = []
    }

    /// - Parameters:
    ///   - settings: what results depend on beside the files.
    ///   - hasOutput: whether results go to standard output.
    /// - Throws: `CommandError` if the file of `--resume` cannot be used.
    init(
        _ options: SeriesOptions, _ files: [String], settings: [String], hasOutput: Bool, quiet: Bool
    ) throws {
        series = try options.grouped(files)
        (isWanted, isQuiet, self.settings, self.hasOutput) = (options.isWanted, quiet, settings, hasOutput)
        journal = try options.resume.map { try SeriesJournal(path: $0) }
        if journal != nil {
            numbers = journal?.numbers ?? CaptureNumbers()
            if hasOutput { try SeriesOutput.goOn(after: journal?.last) }
        }
    }

    /// Reads all series that were not read before.
    ///
    /// - Parameter read: reads the files of a series, numbering after the given numbers.
    mutating func forEach(_ read: (CaptureSeries, CaptureNumbers) throws -> Outcome) throws {
        for one in series {
            let digest = journal == nil ? "" : SeriesDigest.of(one, settings: settings)
            if let record = journal?.record(of: digest) {
                omitted += 1
                if record.state == .damaged { damagedBefore += 1 }
                continue
            }
            if journal?.hasOther(one.name) ?? false, !isQuiet {
                Terminal.printMessage(
                    "\(one.name): other files or options than in an earlier run; "
                        + (hasOutput ? "its events are printed again" : "only files not yet imported are read"))
            }
            try journal?.add(
                SeriesRecord(
                    .began, digest: digest, numbers: numbers, output: hasOutput ? SeriesOutput.mark() : nil,
                    name: one.name))
            let start = ContinuousClock.now
            let outcome = try read(one, numbers)
            numbers = outcome.numbers
            guard outcome.isWhole else { return }
            if isWanted, !isQuiet, outcome.isReadable {
                let figures = [one.files.count.counting("file")] + outcome.figures + [Self.seconds(since: start)]
                Terminal.printMessage("\(one.name): \(figures.joined(separator: ", "))")
            }
            // What could not be read at all is tried again the next time.
            let state: SeriesRecord.State =
                !outcome.isReadable ? .failed : outcome.isDamaged ? .damaged : .read
            try journal?.add(
                SeriesRecord(
                    state, digest: digest, numbers: numbers,
                    output: hasOutput ? SeriesOutput.mark() : nil, name: one.name))
        }
        if omitted > 0, !isQuiet {
            let damaged = damagedBefore == 0 ? "" : ", \(damagedBefore) of them damaged"
            Terminal.printMessage("\(omitted) series read before\(damaged)")
        }
    }

    /// Ends the program with the exit code of this and earlier runs, unless it is 0.
    ///
    /// - Parameter total: what this run showed; nil if nothing was left to read.
    func finish(_ total: CaptureResult?) throws {
        guard let total else {
            if series.isEmpty { throw CommandError.failed("no captures in these files and folders") }
            if damagedBefore > 0 { throw ReportedExit(code: 3) }
            return
        }
        if total.summary.readable == 0, omitted > 0 { throw ReportedExit(code: 3) }
        try total.finish()
        if damagedBefore > 0 { throw ReportedExit(code: 3) }
    }

    private static func seconds(since start: ContinuousClock.Instant) -> String {
        let tenths = (ContinuousClock.now - start) / .milliseconds(100)
        let count = Int(tenths.rounded())
        return "\(count / 10).\(count % 10) s"
    }
}
