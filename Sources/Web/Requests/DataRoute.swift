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
    case talks
    case talk(Int64)
    case entries(Int64)
    case media
    case picture([UInt8])
    case contacts
    case ladder
    case ladderText
    case messages
    case findings
    case findingCounts
    case overview
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
        case "findings" where parts.count == 1: self = .findings
        case "findings" where parts == ["findings", "counts"]: self = .findingCounts
        case "overview" where parts.count == 1: self = .overview
        case "talks" where parts.count == 1: self = .talks
        case "talks" where parts.count == 2 || parts.count == 3 && parts[2] == "entries":
            switch ArchiveID(parts[1]) {
            case .conversation(let number) where parts[1] == "v\(number)",
                .connection(let number) where parts[1] == "c\(number)":
                self = parts.count == 2 ? .talk(number) : .entries(number)
            default: return nil
            }
        case "media" where parts.count == 1: self = .media
        case "media" where parts.count == 2:
            guard let digest = Self.digest(parts[1]) else { return nil }
            self = .picture(digest)
        case "contacts" where parts.count == 1: self = .contacts
        case "ladder" where parts.count == 1: self = .ladder
        case "ladder" where parts == ["ladder", "text"]: self = .ladderText
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

    /// The bytes of a SHA-256 in lower case digits; nil for anything else.
    static func digest(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Hexadecimal.value(of: digits[index]), let low = Hexadecimal.value(of: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return Hexadecimal.text(bytes) == text ? bytes : nil
    }

    /// The parameters that it takes.
    var parameters: Set<String> {
        switch self {
        case .program, .signIn, .connection, .event, .downloads, .talk, .picture: []
        case .entries: ["after", "before", "at", "limit", "typing"]
        case .talks: ["where", "after", "before", "at", "limit"]
        case .media: ["of", "kind", "after", "at", "limit"]
        case .findings: ["of", "name", "after", "at", "limit"]
        case .findingCounts: ["of"]
        case .overview: ["of", "where", "buckets"]
        case .contacts: ["at", "of"]
        case .ladder: ["of", "beside", "after", "before", "at", "limit", "fold", "without", "names"]
        case .ladderText: ["of", "beside", "format", "fold", "without", "names"]
        case .messages: ["q", "where", "before", "at", "limit"]
        case .text: ["of", "where", "after", "at"]
        case .exportPreview: ["of", "format", "redacted", "leave_out"]
        case .events: ["of", "where", "after", "before", "at", "limit", "detail", "newest"]
        case .bytes: ["offset", "length"]
        case .state: ["watch"]
        case .signIns: ["where", "after", "before", "at", "limit"]
        case .filter: ["expr", "scope"]
        }
    }

    /// Whether it is asked for with POST.
    var isPosted: Bool { self == .downloads }
}
