// The SOAP service for tickets, which clients of MSNP13 to MSNP15 use (auth.md section 4).

import MSNP
import Payloads

/// Answers `RequestMultipleSecurityTokens`.
enum SecurityTokenService {
    /// A requested token.
    private struct Wanted {
        let address: String
        let policy: String
    }

    /// The largest number of tokens in a request, and the largest address and policy in bytes. Clients request about
    /// eight; a policy has about 100 bytes.
    private static let mostTokens = 16
    private static let mostText = 512
    /// How long a ticket is valid, in seconds.
    private static let lifetime: UInt64 = 86_400

    /// The answer to a request: a token for each address; 400 for anything that is no request, a fault without account
    /// or password.
    ///
    /// - Parameter now: the time in seconds since 1970.
    static func answer(_ body: [UInt8], now: UInt64) -> TicketResponse {
        let document = XML.document(ByteSlice(body))
        guard document.children.contains(where: { localName($0) == "Envelope" }) else {
            return TicketResponse(status: 400)
        }
        let wanted = elements("RequestSecurityToken", in: document).compactMap { request -> Wanted? in
            guard let address = elements("Address", in: request).first?.text else { return nil }
            let policy = elements("PolicyReference", in: request).first?[attribute: "URI"] ?? ""
            return Wanted(address: address, policy: policy)
        }
        guard !wanted.isEmpty, wanted.count <= mostTokens,
            wanted.allSatisfy({ $0.address.utf8.count <= mostText && $0.policy.utf8.count <= mostText }),
            let created = UnixTime.text(now), let expires = UnixTime.text(now + lifetime)
        else { return TicketResponse(status: 400) }
        guard let account = elements("Username", in: document).first.flatMap({ Request.account($0.text) }),
            elements("Password", in: document).first?.text.isEmpty == false
        else { return soap(fault, status: 500) }
        let times = "<wsu:Created>\(created)</wsu:Created><wsu:Expires>\(expires)</wsu:Expires>"
        let tokens = wanted.enumerated().map { token($1, number: $0, account, times) }
        let opening = "<wst:RequestSecurityTokenResponseCollection\(namespaces)>"
        return soap("\(opening)\(tokens.joined())</wst:RequestSecurityTokenResponseCollection>")
    }

    /// The token of the service itself is encrypted in a way that only the service reads. Tokens of MSNP13 and MSNP14
    /// have the parameters of `USR … TWN S` with a question mark as policy, and another name.
    private static func token(_ wanted: Wanted, number: Int, _ account: String, _ times: String) -> String {
        let isOfService = wanted.address == "http://Passport.NET/tb"
        let isPassport = wanted.policy.hasPrefix("?")
        let ticket = XMLText.escaped(SandboxTicket.text(for: account))
        let (type, name) = isPassport ? ("urn:passport", "PPToken") : ("urn:passport:compact", "Compact")
        let content =
            isOfService
            ? "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\" Id=\"BinaryDAToken\(number)\">"
                + "<CipherData><CipherValue>\(SandboxTicket.secret(for: account))</CipherValue></CipherData>"
                + "</EncryptedData>"
            : "<wsse:BinarySecurityToken Id=\"\(name)\(number)\">\(ticket)</wsse:BinarySecurityToken>"
        let proof =
            "<wst:RequestedProofToken><wst:BinarySecret>\(SandboxTicket.secret(for: account))</wst:BinarySecret>"
            + "</wst:RequestedProofToken>"
        return "<wst:RequestSecurityTokenResponse>"
            + "<wst:TokenType>\(isOfService ? "urn:passport:legacy" : type)</wst:TokenType>"
            + "<wsp:AppliesTo xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/03/addressing\"><wsa:EndpointReference>"
            + "<wsa:Address>\(XMLText.escaped(wanted.address))</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>"
            + "<wst:LifeTime>\(times)</wst:LifeTime>"
            + "<wst:RequestedSecurityToken>\(content)</wst:RequestedSecurityToken>"
            + (isPassport && !isOfService ? "" : proof) + "</wst:RequestSecurityTokenResponse>"
    }

    private static let fault =
        "<S:Fault><faultcode>wsse:FailedAuthentication</faultcode>"
        + "<faultstring>Account or password is missing</faultstring></S:Fault>"

    private static let namespaces =
        " xmlns:wst=\"http://schemas.xmlsoap.org/ws/2004/04/trust\""
        + " xmlns:wsse=\"http://schemas.xmlsoap.org/ws/2003/06/secext\" xmlns:wsu=\"http://docs.oasis-open.org/"
        + "wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\""
        + " xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2002/12/policy\""

    private static func soap(_ content: String, status: Int = 200) -> TicketResponse {
        let text =
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
            + "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\""
            + " xmlns:wsse=\"http://schemas.xmlsoap.org/ws/2003/06/secext\">"
            + "<S:Body>\(content)</S:Body></S:Envelope>"
        return TicketResponse(status: status, contentType: "text/xml; charset=utf-8", body: Array(text.utf8))
    }

    /// All elements with this name at any depth, in document order. The reader limits depth and number.
    private static func elements(_ name: String, in parent: XML) -> [XML] {
        parent.children.flatMap { child in
            (localName(child) == name ? [child] : []) + elements(name, in: child)
        }
    }

    /// The name without its namespace prefix.
    private static func localName(_ element: XML) -> Substring {
        element.name.split(separator: ":").last ?? ""
    }
}
