// The system's real-time clock as a timestamp, for the time of an import.

internal import Events
import Glibc

enum SystemTime {
    /// The current time, in nanoseconds since 1970.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}
