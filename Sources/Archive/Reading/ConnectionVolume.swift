// Sums over numbers that a file holds, which may be anything.

extension ConnectionSummary {
    /// How many bytes both sides sent; the largest number where the sum is larger than that.
    package var bytes: Int64 {
        let (sum, isTooLarge) = max(0, clientBytes).addingReportingOverflow(max(0, serverBytes))
        return isTooLarge ? .max : sum
    }
}
