// The common part of `decode` and `streams`: reads captures, prints their events, and sets the exit code.

internal import Analysis
import Captures
import Console
internal import Events
import Glibc
internal import Packets

/// Reads captures and writes results to standard output.
enum CaptureRun {
    /// Reads files and prints their events.
    ///
    /// - Parameters:
    ///   - files: captures, pasted logs, folders, or `-` for standard input.
    ///   - everything: whether to report TCP connections that are not MSNP, too.
    ///   - slice: which connections to read; nil for all.
    ///   - onlySums: whether to report only byte counts, digests and gaps of the connections.
    ///   - detail: what to compute in addition to the frames.
    ///   - numbers: those of captures before, after which connections and sign-ins are numbered.
    ///   - explains: whether to say why nothing was found.
    ///   - jobs: the number of threads that analyse and format.
    ///   - makeWriter: makes what selects and formats the events; called on each thread.
    /// - Returns: the result, on which `finish` is to be called last; a writer with the counts of all threads.
    /// - Throws: `CommandError` if writing fails.
    static func run<Writer: EventWriter>(
        _ files: [String], everything: Bool = false, slice: AddressSlice? = nil, onlySums: Bool = false,
        detail: EventDetail,
        passwords: Passwords = .none, after numbers: CaptureNumbers = CaptureNumbers(), quiet: Bool,
        explains: Bool = true, jobs: Int, makeWriter: @escaping @Sendable () -> Writer
    ) throws -> (result: CaptureResult, writer: Writer) {
        var counter = CountingWriter(makeWriter())
        var printer = Printer(descriptor: STDOUT_FILENO)
        let readsTerminal = files.contains("-") && isatty(STDIN_FILENO) == 1
        if readsTerminal, !quiet { Terminal.printMessage("reading from the terminal: paste a log, then press Ctrl-D") }
        let bar = ProgressBar(total: size(of: files), isWanted: !quiet && !readsTerminal)
        let summary: Captures.Summary
        if jobs > 1 {
            (summary, counter) = Captures.decode(
                files, everything: everything, slice: slice, onlySums: onlySums, detail: detail, passwords: passwords,
                after: numbers, jobs: jobs,
                progress: { bar.update($0) }, makeWriter: { CountingWriter(makeWriter()) }
            ) { bytes in
                printer.bytes += bytes
                return printer.flushIfFull()
            }
        } else {
            summary = Captures.decode(
                files, everything: everything, slice: slice, onlySums: onlySums, detail: detail, passwords: passwords,
                after: numbers, progress: { bar.update($0) }, begin: { counter.mask(with: $0) }
            ) { event in
                guard counter.selects(event) else { return true }
                counter.appendHeading(of: event.time, to: &printer.bytes)
                counter.append(event, to: &printer.bytes)
                return printer.flushIfFull()
            }
        }
        printer.flush()
        bar.clear()
        if let failure = printer.failure { throw CommandError.failed("cannot write the results: \(failure)") }
        for trouble in summary.troubles { Terminal.printMessage(trouble) }
        let result = CaptureResult(
            files: files, summary: summary, connections: counter.connections, isWhole: !printer.isBroken)
        if !quiet, explains, !printer.isBroken, let explanation = result.explanation(everything: everything) {
            Terminal.printMessage(explanation)
        }
        return (result, counter.writer)
    }

    /// The total size of the files in bytes; nil if one of them is compressed or not a regular file.
    private static func size(of files: [String]) -> Int? {
        var total = 0
        for file in files {
            var status = stat()
            guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, !file.hasSuffix(".gz") else {
                return nil
            }
            total += Int(status.st_size)
        }
        return total
    }
}

/// What reading captures showed.
struct CaptureResult {
    /// The files and folders that were named.
    let files: [String]
    private(set) var summary: Captures.Summary
    /// The number of connections found.
    private(set) var connections: Int
    /// Whether everything was printed: nobody closed the pipe.
    private(set) var isWhole: Bool

    /// Adds what reading further files showed.
    mutating func add(_ other: CaptureResult) {
        summary.troubles += other.summary.troubles
        summary.readable += other.summary.readable
        summary.packets += other.summary.packets
        summary.segments += other.summary.segments
        connections += other.connections
        isWhole = other.isWhole
    }

    /// Why nothing was found; nil if something was, or if a message about a file says it already.
    func explanation(everything: Bool) -> String? {
        guard connections == 0, summary.troubles.isEmpty else { return nil }
        let place = files.count == 1 ? files.joined() : "these \(files.count) files and folders"
        if summary.readable == 0 { return "no captures in \(place)" }
        if everything { return "no TCP connections in \(place)" }
        let advice = summary.segments > 0 ? "; streams --all lists all TCP connections" : ""
        return "no MSNP in \(place) (\(summary.segments.counting("TCP packet"))\(advice))"
    }

    /// Ends the program with the exit code of the result, unless it is 0.
    ///
    /// - Throws: `ReportedExit` with code 1 if no file was readable, 3 if some had errors.
    func finish() throws {
        if summary.readable == 0 { throw ReportedExit(code: 1) }
        if !summary.troubles.isEmpty { throw ReportedExit(code: 3) }
    }
}
