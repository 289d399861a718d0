// The option of the commands that write results to a file or to standard output: `export` and `transcript`.

import ArgumentParser
import Glibc

/// Where results go.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to a new file (never overwrites; default or -: standard output).", valueName: "file"),
        completion: .file())
    var output: String?

    /// Whether results go to standard output.
    var isStandardOutput: Bool { output == nil || output == "-" }

    /// Lets `body` write to the file, or to standard output. The file is removed if writing fails.
    func fill(_ body: (Int32) throws -> Void) throws {
        guard let output, !isStandardOutput else { return try body(STDOUT_FILENO) }
        try OutputFile(path: output).fill(body)
    }
}
