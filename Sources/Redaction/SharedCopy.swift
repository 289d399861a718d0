// A redacted copy of a source that can be read twice.

package import Analysis
package import Events

/// A redacted copy, made in two passes: the first checks that everything can be redacted, the second emits the copy.
package struct SharedCopy {
    /// Emits the same events each time, in order, until `emit` returns false.
    package typealias Source = (_ emit: (Event) -> Bool) throws -> Void

    /// Something could not be redacted, so there is no copy.
    package struct Refused: Error {
        /// The report with the reasons.
        package let report: RedactionReport
    }

    /// What the first pass replaced.
    package let report: RedactionReport
    private let source: Source
    private let first: Redaction
    private let detail: EventDetail

    /// Runs the first pass.
    ///
    /// - Parameters:
    ///   - source: the events; they need no analysis.
    ///   - detail: what to compute from the bytes of the copy.
    ///   - key: a random key that the caller does not keep.
    /// - Throws: `Refused`, or an error of the source.
    package init(of source: @escaping Source, _ detail: EventDetail, key: (UInt64, UInt64)) throws {
        self.source = source
        self.detail = detail
        var redaction = Redaction(key: key)
        try source { event in
            redaction.copy(event) { _ in }
            return true
        }
        report = redaction.report
        first = redaction
        try Self.check(report)
    }

    /// Runs the second pass: emits the events of the copy.
    ///
    /// - Throws: `Refused` if something new could not be redacted, or an error of the source.
    package func events(_ emit: (Event) -> Bool) throws {
        var redaction = first.secondPass(detail)
        try source { event in
            var isWanted = true
            redaction.copy(event) { copy in isWanted = isWanted && emit(copy) }
            // A running relay may have recorded more events since the first pass.
            return isWanted && redaction.report.refusals.isEmpty
        }
        try Self.check(redaction.report)
    }

    private static func check(_ report: RedactionReport) throws {
        if !report.refusals.isEmpty { throw Refused(report: report) }
    }
}
