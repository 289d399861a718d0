// Decides whether a request may reach a handler: who it was sent to, and which page sent it. No sockets, no clocks.

/// Where a path belongs, and therefore who may ask for it.
enum Area: Sendable, Hashable {
    /// The document. Links from other places lead to it.
    case shell
    /// Its scripts and styles.
    case asset
    /// Data; needs a session or the token.
    case data
    /// What is asked for with a body; needs a session or the token.
    case posted
    /// The sign-in, the only request that has neither.
    case signIn
    /// A file to save. A link cannot carry the key, so it needs the cookie and a ticket.
    case download
    /// Says that the program runs.
    case health
    /// Nothing is there.
    case nothing
}

/// The rules for requests at one address.
struct Guard: Sendable {
    /// The values of `Host` that name this server, in lower case.
    let hosts: Set<String>
    /// The origins of its own pages, in lower case.
    let origins: Set<String>

    /// - Parameters:
    ///   - port: the port that the server listens at.
    ///   - addresses: the addresses of this machine at which it can be reached beside loopback.
    ///   - extraOrigins: further origins under which it is reached, such as `https://name`.
    init(port: UInt16, addresses: [String] = [], extraOrigins: [String] = []) {
        var names = ["127.0.0.1", "localhost", "[::1]"]
        names += addresses.map { $0.contains(":") ? "[\($0)]" : $0 }
        var hosts = names.map { "\($0):\(port)" }
        // Browsers leave out the standard port.
        if port == 80 { hosts += names }
        var origins = hosts.map { "http://\($0)" }
        for origin in extraOrigins.map({ $0.lowercased() }) {
            origins.append(origin)
            if let start = origin.firstRange(of: "://") { hosts.append(String(origin[start.upperBound...])) }
        }
        self.hosts = Set(hosts.map { $0.lowercased() })
        self.origins = Set(origins.map { $0.lowercased() })
    }

    /// Why a request is refused; nil if it may go on. Whether it has a session is not decided here.
    func refusal(of head: RequestHead, in area: Area) -> Refusal? {
        // First of all: under DNS rebinding, everything else may look right.
        guard head.hosts.count == 1, let host = head.hosts.first, hosts.contains(host.lowercased()) else {
            return .wrongHost
        }
        if head.isForServiceWorker { return .notFound }
        // A preflight asks whether another page may do something; it may not.
        if head.method == "OPTIONS" { return .wrongOrigin }
        guard allowedMethods(in: area).contains(head.method) else { return .wrongMethod }
        guard head.method == "POST" || !head.hasBody else { return .bodyNotAllowed }
        guard head.origins.count <= 1 else { return .wrongOrigin }
        if let origin = head.origins.first, !origins.contains(origin.lowercased()) { return .wrongOrigin }
        if let site = head.fetchSite, !accepts(site, head, area) { return .wrongOrigin }
        // Without these two nothing says where a request that has effects comes from.
        let saysFromWhere = head.origins.count == 1 || head.fetchSite != nil
        if head.method != "GET", head.method != "HEAD", !saysFromWhere, head.bearer == nil { return .wrongOrigin }
        return area == .nothing ? .notFound : nil
    }

    private func allowedMethods(in area: Area) -> Set<String> {
        switch area {
        case .signIn: ["POST", "DELETE"]
        case .posted: ["POST"]
        case .data, .shell, .asset, .download, .health, .nothing: ["GET", "HEAD"]
        }
    }

    /// Whether a browser's word on who asks is acceptable. A page on another port of this host sends `same-site`, and
    /// its requests carry the cookie.
    private func accepts(_ site: String, _ head: RequestHead, _ area: Area) -> Bool {
        switch site {
        case "same-origin": return true
        case "none": return area == .shell || area == .asset || area == .health
        default:
            // A link on another page.
            return area == .shell && head.fetchMode == "navigate" && head.fetchDestination == "document"
        }
    }
}

/// Why a request is not answered with what it asks for.
enum Refusal: String, Error, Sendable, CaseIterable {
    case wrongHost = "wrong_host"
    case wrongOrigin = "wrong_origin"
    case wrongMethod = "wrong_method"
    case bodyNotAllowed = "body_not_allowed"
    case notSignedIn = "not_signed_in"
    case notFound = "not_found"
    case gone
    case tooLarge = "too_large"
    case tooMany = "too_many"
    case busy
    case exportRefused = "export_refused"
    case archiveUnreadable = "archive_unreadable"
    case internalError = "internal"

    /// The HTTP status.
    var status: Int {
        switch self {
        case .wrongHost: 421
        case .wrongOrigin: 403
        case .wrongMethod: 405
        case .bodyNotAllowed: 400
        case .notSignedIn: 401
        case .notFound: 404
        case .gone: 410
        case .exportRefused: 409
        case .tooLarge: 413
        case .tooMany: 429
        case .busy: 503
        case .archiveUnreadable, .internalError: 500
        }
    }

    /// One sentence for people. It repeats nothing of the request.
    var text: String {
        switch self {
        case .wrongHost: "This address is not one that the program listens at; --origin admits a name of a proxy."
        case .wrongOrigin: "Another page asked for this."
        case .wrongMethod: "This address has no such method."
        case .bodyNotAllowed: "This request may not have a body."
        case .notSignedIn: "Open the link that the program printed, or give its token."
        case .notFound: "There is nothing at this address."
        case .gone: "This was there once; a link to a file is good for one use and one minute."
        case .exportRefused: "Some data cannot be parsed, so private values in it cannot be replaced."
        case .tooLarge: "The request is too large."
        case .tooMany: "Too many at a time; try again later."
        case .busy: "Too many requests are being answered."
        case .archiveUnreadable: "The archive cannot be read."
        case .internalError: "The program failed to answer this."
        }
    }
}
