// Times and numbers in the text of lists.

internal import Events

/// Formats times of lists, in UTC and to the minute.
enum ListTime {
    /// `2005-05-06 09:17`; `no date` if the date is unknown.
    static func moment(_ time: Timestamp) -> String { time.hasDate ? "\(date(time)) \(clock(time))" : "no date" }

    /// `2005-05-06 09:17–10:02`, with the date of the end if it is another one.
    static func span(_ first: Timestamp, _ last: Timestamp) -> String {
        guard first.hasDate else { return "no date" }
        if first.day == last.day { return "\(moment(first))–\(clock(last))" }
        let isSameYear = date(first).prefix(4) == date(last).prefix(4)
        return "\(moment(first))–\(date(last).dropFirst(isSameYear ? 5 : 0)) \(clock(last))"
    }

    private static func date(_ time: Timestamp) -> Substring { time.rfc3339.prefix { $0 != "T" } }

    private static func clock(_ time: Timestamp) -> Substring {
        time.rfc3339.drop { $0 != "T" }.dropFirst().prefix(5)
    }
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
