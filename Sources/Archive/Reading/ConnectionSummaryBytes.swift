// The total bytes of an archived connection, computed without overflow: stored numbers may have any value.

extension ConnectionSummary {
    /// The number of bytes that both sides sent; `Int64.max` if the sum overflows.
    package var bytes: Int64 {
        let (sum, isTooLarge) = max(0, clientBytes).addingReportingOverflow(max(0, serverBytes))
        return isTooLarge ? .max : sum
    }
}
