// The option that shows and reads times in the system's time zone.

import ArgumentParser
internal import Events
internal import Query

struct LocalTimeOptions: ParsableArguments {
    @Flag(help: "Show and read times in the system's time zone (TZ), with the offset; jsonl has UTC.")
    var local = false

    /// The zone of times in texts, and of times on the command line that name none.
    var zone: TimeZoneRules { local ? SystemTime.zone() : .utc }

    /// Reads times on the command line and in filters.
    var times: TimeText { TimeText(zone: zone, now: SystemTime.now()) }
}
