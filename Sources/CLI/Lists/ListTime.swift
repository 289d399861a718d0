// Times and numbers in the text of lists.

internal import Events

/// Formats times of lists to the minute.
struct ListTime {
    /// The zone in which times are shown.
    let zone: TimeZoneRules

    /// `2005-05-06 09:17–10:02`, with the date of the end if it is another one; in a local zone with the offset of the
    /// end. `no date` if the date is unknown.
    func span(_ first: Timestamp, _ last: Timestamp) -> String {
        guard first.hasDate else { return "no date" }
        let (start, end) = (first.date(in: zone), last.date(in: zone))
        let endDate = start == end ? "" : "\(end.dropFirst(start.prefix(4) == end.prefix(4) ? 5 : 0)) "
        return "\(start) \(clock(first))–\(endDate)\(clock(last))\(last.offsetText(in: zone))"
    }

    private func clock(_ time: Timestamp) -> Substring { time.clock(in: zone).prefix(5) }
}

extension BinaryInteger {
    /// The number with a comma between groups of three digits: `28,656`.
    var grouped: String {
        var text = ""
        let digits = String(magnitude)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }

    /// `1 talk`, `28,656 messages`.
    func grouped(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}
