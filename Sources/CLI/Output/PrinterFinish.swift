// Ends the output of results: flushes the printer and turns a write error into a failed command.

import Console

extension Printer {
    /// Writes the remaining bytes.
    ///
    /// - Throws: `CommandError` if this or an earlier write failed for another reason than a closed pipe.
    mutating func finish() throws {
        flush()
        if let failure { throw CommandError.failed("cannot write the results: \(failure)") }
    }
}
