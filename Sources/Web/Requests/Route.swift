// Which paths there are. Anything else is not found.

import Archive
import MSNP

/// What a path leads to.
enum Route: Sendable, Hashable {
    case shell
    case asset(String)
    case health
    case session
    case download(String)
    case data(DataRoute)
    case nothing

    init(_ path: String) {
        // Longer paths are none of ours; this also bounds what follows.
        guard path.utf8.count <= 256, path.hasPrefix("/"), !path.utf8.contains(UInt8(ascii: "%")) else {
            self = .nothing
            return
        }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.first {
        case "api" where parts.count >= 2 && parts[1] == "v1":
            let rest = Array(parts.dropFirst(2))
            self = rest == ["session"] ? .session : DataRoute(rest).map(Route.data) ?? .nothing
        case "assets" where parts.count == 2: self = .asset(parts[1])
        case "download" where parts.count == 2 && !parts[1].isEmpty: self = .download(parts[1])
        case "health" where parts.count == 1: self = .health
        default: self = ShellPath.isOne(parts) ? .shell : .nothing
        }
    }

    /// Who may ask for it.
    var area: Area {
        switch self {
        case .shell: .shell
        case .asset: .asset
        case .health: .health
        case .session: .signIn
        case .download: .download
        case .data(let route): route.isPosted ? .posted : .data
        case .nothing: .nothing
        }
    }
}

/// The paths of the page's views; its own code shows what belongs to each.
enum ShellPath {
    private static let views: Set<String> = [
        "", "talks", "live", "files", "findings", "search", "export", "contacts",
    ]
    private static let viewsOfOne: Set<String> = [
        "protocol", "talk", "ladder", "findings", "files", "contacts",
    ]

    /// Whether the parts of a path name a view.
    static func isOne(_ parts: [String]) -> Bool {
        switch parts.count {
        case 1: views.contains(parts[0]) || isIdentifier(parts[0]) || isAddress(parts[0])
        case 2: isIdentifier(parts[0]) && viewsOfOne.contains(parts[1])
        default: false
        }
    }

    private static func isIdentifier(_ text: String) -> Bool {
        ArchiveID(text).map { $0.description == text } ?? false
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, case .connection(let number)? = ArchiveID(String(parts[0])) else { return false }
        guard let place = Int64(parts[1]), place > 0 else { return false }
        return text == "c\(number).\(place)"
    }
}
