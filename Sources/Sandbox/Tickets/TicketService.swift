// The HTTP services that give clients of MSNP8 to MSNP15 a ticket for the sign-in (auth.md sections 3 and 4).

import MSNP

/// A request to the ticket services.
struct TicketRequest: Sendable {
    /// The method in upper case.
    var method: String
    /// The path with its query.
    var target: String
    /// The headers `Authorization` and `Host`.
    var authorization: String?
    var host: String?
    var body: [UInt8] = []
}

/// An answer of the ticket services.
struct TicketResponse: Sendable, Hashable {
    struct Header: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// The HTTP status.
    var status: Int
    var headers: [Header] = []
    var contentType = "text/html"
    var body: [UInt8] = []

    static func header(_ name: String, _ value: String, status: Int = 200) -> TicketResponse {
        TicketResponse(status: status, headers: [Header(name: name, value: value)])
    }
}

/// Answers requests. Any password is right, and no password leaves the request.
enum TicketService {
    /// The services and their paths.
    enum Route: String, CaseIterable {
        /// Names the log-in service.
        case nexus = "/rdr/pprdr.asp"
        /// Gives tickets for a header with account and password.
        case login = "/login2.srf"
        /// Gives tickets for a SOAP message with account and password.
        case securityTokens = "/RST.srf"

        /// The service of a request target; nil for an unknown path. Case and query are ignored.
        init?(target: String) {
            let path = target.prefix { $0 != "?" }.lowercased()
            guard let route = Route.allCases.first(where: { $0.rawValue.lowercased() == path }) else { return nil }
            self = route
        }

        var method: String { self == .securityTokens ? "POST" : "GET" }
    }

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - address: the address of the service, for requests without a usable `Host`.
    ///   - now: the time in seconds since 1970.
    static func answer(_ request: TicketRequest, at address: HostPort, now: UInt64) -> TicketResponse {
        guard let route = Route(target: request.target) else { return TicketResponse(status: 404) }
        guard request.method == route.method else { return .header("Allow", route.method, status: 405) }
        switch route {
        case .nexus: return PassportLogin.nexus(host: request.host, address)
        case .login: return PassportLogin.answer(request.authorization, host: request.host, address)
        case .securityTokens: return SecurityTokenService.answer(request.body, now: now)
        }
    }
}
