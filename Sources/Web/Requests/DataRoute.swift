// The addresses of the JSON interface, below /api/v1.

import Archive
import Events
import MSNP

/// One address of the JSON interface.
enum DataRoute: Sendable, Hashable {
    case program
    case state
    case signIns
    case signIn(ArchiveID)
    case connection(Int64)
    case filter
    case messages
    case text
    case exportPreview
    case downloads
    case events
    case event(EventAddress)
    case bytes(EventAddress)

    init?(_ parts: [String]) {
        switch parts.first {
        case nil: self = .program
        case "" where parts.count == 1: self = .program
        case "state" where parts.count == 1: self = .state
        case "sign-ins" where parts.count == 1: self = .signIns
        case "sign-ins" where parts.count == 2:
            switch ArchiveID(parts[1]) {
            case .signIn(let number) where parts[1] == "s\(number)": self = .signIn(.signIn(number))
            case .recording(let number) where parts[1] == "r\(number)": self = .signIn(.recording(number))
            default: return nil
            }
        case "connections" where parts.count == 2:
            guard case .connection(let number)? = ArchiveID(parts[1]), parts[1] == "c\(number)" else { return nil }
            self = .connection(number)
        case "filter" where parts.count == 1: self = .filter
        case "messages" where parts.count == 1: self = .messages
        case "text" where parts.count == 1: self = .text
        case "export" where parts == ["export", "preview"]: self = .exportPreview
        case "downloads" where parts.count == 1: self = .downloads
        case "events" where parts.count == 1: self = .events
        case "events" where parts.count == 2 || parts.count == 3 && parts[2] == "bytes":
            guard let address = EventAddress(parts[1]), address.description == parts[1] else { return nil }
            self = parts.count == 2 ? .event(address) : .bytes(address)
        default: return nil
        }
    }

    /// The parameters that it takes.
    var parameters: Set<String> {
        switch self {
        case .program, .signIn, .connection, .event, .downloads: []
        case .messages: ["q", "where", "before", "limit"]
        case .text: ["of", "where", "after", "at"]
        case .exportPreview: ["of", "format", "redacted", "leave_out"]
        case .events: ["of", "where", "after", "before", "at", "limit", "detail", "newest"]
        case .bytes: ["offset", "length"]
        case .state: ["watch"]
        case .signIns: ["where", "after", "before", "limit"]
        case .filter: ["expr", "scope"]
        }
    }

    /// Whether it is asked for with POST.
    var isPosted: Bool { self == .downloads }
}
