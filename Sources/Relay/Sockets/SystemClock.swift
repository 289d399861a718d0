// The system clock as event timestamps.

internal import Events
internal import Glibc

/// The system's real-time clock.
enum SystemClock {
    /// The current time, in nanoseconds since 1970.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}
