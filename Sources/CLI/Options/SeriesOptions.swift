// The options that read many captures as series, and leave out those that were read before.

import ArgumentParser
internal import Captures

/// `--series` and `--resume`.
struct SeriesOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read rotated files as series, one after the other. auto: same folder, and same name but for digits; none: each "
                + "file by itself; else a regular expression whose groups name the series of a path.",
            valueName: "auto|none|regex"),
        completion: .list(["auto", "none"]))
    var series: String?

    @Option(
        help: ArgumentHelp(
            "Note finished series in this file, and leave out those it has (with --series auto where that is not given).",
            valueName: "file"),
        completion: .file())
    var resume: String?

    func validate() throws {
        guard let series, !["auto", "none"].contains(series) else { return }
        guard !series.isEmpty, (try? Regex(series)) != nil else {
            throw ValidationError("--series is auto, none or a regular expression, not “\(series)”.")
        }
    }

    /// Whether files are read as several captures.
    var isWanted: Bool { series != nil || resume != nil }

    /// The series of some files and folders. Without the options, everything is one.
    func grouped(_ files: [String]) throws -> [CaptureSeries] {
        guard isWanted else { return [CaptureSeries(name: "", files: files)] }
        let paths = Captures.files(in: files)
        switch series ?? "auto" {
        case "auto": return CaptureSeries.grouped(paths, name: CaptureSeries.automaticName)
        case "none": return CaptureSeries.grouped(paths) { $0 }
        case let pattern:
            let expression = try Regex(pattern)
            return CaptureSeries.grouped(paths) { CaptureSeries.name(of: $0, by: expression) }
        }
    }
}
