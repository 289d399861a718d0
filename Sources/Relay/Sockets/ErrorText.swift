// Error messages for the user, made from system and NIO errors.

internal import Doors
internal import Glibc
internal import NIOCore

/// Error messages for the user.
enum ErrorText {
    /// The failure in a few words, without names of calls and types.
    static func describe(_ error: any Error) -> String {
        switch error {
        case let error as RelayError: return error.description
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case ChannelError.connectTimeout(let time): return "no answer within \(time.nanoseconds / 1_000_000_000) s"
        default: return String(describing: error)
        }
    }

    /// The failure of a connection attempt, for the answer to a proxy's client.
    static func outcome(_ error: any Error) -> ProxyOutcome {
        switch error {
        case let error as RelayError: return error.outcome
        case ChannelError.connectTimeout: return .timedOut
        case let error as IOError:
            switch error.errnoCode {
            case ECONNREFUSED: return .refused
            case ENETUNREACH: return .networkUnreachable
            case EHOSTUNREACH: return .hostUnreachable
            case ETIMEDOUT: return .timedOut
            default: return .failed
            }
        default: return .failed
        }
    }

    /// Advice for an address that cannot be bound; empty if there is none.
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
