// Passport 1.4, which clients of MSNP8 to MSNP12 use (auth.md section 3).

import MSNP

/// The two services of Passport.
enum PassportLogin {
    /// The answer that names the log-in service. Clients take the host up to the first slash, so it has no scheme.
    ///
    /// - Parameters:
    ///   - host: the `Host` of the request: the address that reaches this service from the client.
    ///   - address: the service's own address, if `host` is missing or invalid.
    static func nexus(host: String?, _ address: HostPort) -> TicketResponse {
        let server = server(host, address)
        let values = [
            "DARealm=Passport.Net", "DALogin=\(server)\(TicketService.Route.login.rawValue)",
            "DAReg=http://\(server)/", "Properties=http://\(server)/", "GeneralRedir=http://\(server)/",
            "Help=http://\(server)/", "ConfigVersion=1",
        ]
        return .header("PassportURLs", values.joined(separator: ","))
    }

    /// The answer of the log-in service: a ticket, or 401 without account or password.
    ///
    /// - Parameter authorization: the header `Authorization`.
    static func answer(_ authorization: String?, host: String?, _ address: HostPort) -> TicketResponse {
        guard let account = authorization.flatMap(account(in:)) else {
            let reason = "Type%20your%20e-mail%20address%20and%20password"
            let login = "http://\(server(host, address))\(TicketService.Route.login.rawValue)"
            return .header(
                "WWW-Authenticate",
                "Passport1.4 da-status=failed,srealm=Passport.NET,ts=-3,prompt,cburl=\(login),cbtxt=\(reason)",
                status: 401)
        }
        return .header(
            "Authentication-Info",
            "Passport1.4 da-status=success,tname=MSPAuth,tname=MSPProf,tname=MSPSec,"
                + "from-PP='\(SandboxTicket.text(for: account))',ru=http://messenger.msn.com")
    }

    /// The account in `Passport1.4 OrgVerb=GET,…,sign-in=account,pwd=password,…`; nil if it is invalid, or without a
    /// password.
    private static func account(in authorization: String) -> String? {
        let scheme = "passport1.4 "
        guard authorization.lowercased().hasPrefix(scheme) else { return nil }
        var values: [String: Substring] = [:]
        for part in authorization.dropFirst(scheme.count).split(separator: ",") {
            let name = part.prefix { $0 != "=" }
            let key = name.filter { $0 != " " }.lowercased()
            if values[key] == nil { values[key] = part.dropFirst(name.count + 1) }
        }
        guard let account = values["sign-in"], values["pwd"]?.isEmpty == false else { return nil }
        return Request.account(String(decoding: PercentEncoding.decode(ByteSlice(account.utf8)), as: UTF8.self))
    }

    private static func server(_ host: String?, _ address: HostPort) -> HostPort {
        host.flatMap { HostPort($0, defaultPort: 80) } ?? address
    }
}
