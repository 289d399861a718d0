// The total bytes of an archived connection, computed without overflow: stored numbers may have any value.

internal import MSNP

extension ConnectionSummary {
    /// The number of bytes that both sides sent; `Int64.max` if the sum overflows.
    package var bytes: Int64 {
        let (sum, isTooLarge) = max(0, sentBytes.client).addingReportingOverflow(max(0, sentBytes.server))
        return isTooLarge ? .max : sum
    }
}
