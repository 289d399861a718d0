// The system's real-time clock and time zone as values.

internal import Events
import Glibc

enum SystemTime {
    /// The current time, in nanoseconds since 1970.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// The system's time zone: `TZ`, else /etc/localtime.
    static func zone() -> TimeZoneRules {
        tzset()
        return TimeZoneRules { second in
            var time = time_t(second)
            var parts = tm()
            return localtime_r(&time, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
        }
    }
}
