// Times as text in a time zone.

extension Timestamp {
    /// The date and time of day in a zone, in RFC 3339: `2005-05-06T09:17:57.389967Z`, in a local zone with its offset.
    /// Times without a date are not converted.
    package func text(in zone: TimeZoneRules) -> String {
        guard zone.isLocal, hasDate else { return rfc3339 }
        let second = secondAndFraction.second
        return String(shifted(to: zone).rfc3339.dropLast()) + zone.name(at: second)
    }

    /// The date in a zone: `2005-05-06`.
    package func date(in zone: TimeZoneRules) -> String { String(shifted(to: zone).rfc3339.prefix { $0 != "T" }) }

    /// The time of day in a zone, in whole seconds: `15:28:18`.
    package func clock(in zone: TimeZoneRules) -> String {
        String(shifted(to: zone).rfc3339.drop { $0 != "T" }.dropFirst().prefix(8))
    }

    /// The date and the zone: `2005-05-06 UTC`, `2005-05-06 +02:00`; `no date` if the date is unknown.
    package func dateInWords(in zone: TimeZoneRules) -> String {
        hasDate ? "\(date(in: zone)) \(zoneName(in: zone))" : "no date"
    }

    /// The zone at this time: `UTC`, or an offset such as `+02:00`.
    package func zoneName(in zone: TimeZoneRules) -> String { zone.name(at: secondAndFraction.second) }

    /// The offset to write behind a time of day; empty in UTC, and if the date is unknown.
    package func offsetText(in zone: TimeZoneRules) -> String {
        zone.isLocal && hasDate ? zone.name(at: secondAndFraction.second) : ""
    }

    /// The time whose UTC text is the local text of this one; unchanged without a date, which the offset depends on.
    package func shifted(to zone: TimeZoneRules) -> Timestamp {
        guard zone.isLocal, hasDate else { return self }
        let (shift, _) = zone.offset(at: secondAndFraction.second).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isOver) = nanoseconds.addingReportingOverflow(shift)
        return isOver ? self : Timestamp(nanoseconds: sum)
    }
}
