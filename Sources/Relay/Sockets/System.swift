// The edge towards the system: its clock, its errors, its addresses, in our words.

internal import Events
internal import Glibc
internal import NIOCore

/// The clock on the wall.
enum SystemClock {
    /// Nanoseconds since 1970.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}

/// Errors as a few words for people.
enum Failure {
    /// What went wrong, without the names of calls and types.
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as RelayError: return error.description
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case ChannelError.connectTimeout(let time): return "no answer within \(time.nanoseconds / 1_000_000_000) s"
        default: return String(describing: error)
        }
    }

    /// What to try.
    static func advice(_ error: any Error, port: UInt16) -> String {
        guard let error = error as? IOError else { return "" }
        switch error.errnoCode {
        case EADDRINUSE: return ". Is another relay running? Stop it, or choose another port with --listen."
        case EACCES where port < 1_024: return ". Ports below 1024 are for root; choose another one with --listen."
        case EADDRNOTAVAIL: return ". No network interface has this address."
        default: return ""
        }
    }
}

extension SocketAddress {
    /// `host:port`, IPv6 as `[addr]:port`.
    var text: String {
        guard let host = ipAddress, let port else { return "\(self)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
