// The place of a time in a list that is in the order of its rows.

import Events

enum RowPlace {
    /// How long it is looked for.
    private static let longest = Duration.milliseconds(150)

    /// The row in front of the first one of a time or later. Rows are in the order of time within a recording; where that
    /// takes too long, it is the last row that was looked at.
    ///
    /// - Parameter rows: reads some rows behind one.
    static func before(
        _ time: Timestamp, in rows: (_ after: Int64, _ limit: Int) throws -> [(id: Int64, time: Timestamp)]
    ) throws -> Int64 {
        let end = ContinuousClock.now + longest
        var place: Int64 = 0
        while true {
            let part = try rows(place, PageLimits.mostRows)
            for row in part {
                if row.time >= time { return place }
                place = row.id
            }
            if part.count < PageLimits.mostRows || ContinuousClock.now > end { return place }
        }
    }
}
