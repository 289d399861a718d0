// What one side sends with secrets in it: every verb, header, element, attribute and parameter that holds one.

import MSNP
import Testing

/// Bytes of one side, and the secrets in them.
struct SecretSample: Sendable, CustomTestStringConvertible {
    let name: String
    let side: Side
    let bytes: [UInt8]
    let secrets: [[UInt8]]

    var testDescription: String { name }

    /// Secrets stand between `⟦` and `⟧`.
    init(_ name: String, _ side: Side, _ marked: String) {
        self.name = name
        self.side = side
        secrets = marked.split(separator: "⟦").dropFirst().compactMap {
            $0.split(separator: "⟧").first.map { Array($0.utf8) }
        }
        bytes = Array(marked.replacing("⟦", with: "").replacing("⟧", with: "").utf8)
    }

    /// A command whose length is counted.
    static func payload(_ line: String, _ marked: String) -> String {
        let count = marked.replacing("⟦", with: "").replacing("⟧", with: "").utf8.count
        return "\(line) \(count)\r\n\(marked)"
    }

    /// Every piece of eight bytes of a secret.
    var windows: Set<[UInt8]> {
        Set(secrets.flatMap { secret in secret.indices.dropLast(7).map { Array(secret[$0..<$0 + 8]) } })
    }

    static let all: [SecretSample] = commands + web

    private static let nonce = "{5EC2E75E-C2E7-5EC2-E75E-C25EC2E75EC2}"
    private static let ticket = "t=53*1hAu8ADuD3TEwdXoOMi08sD!3rVvPTGLO&p=5hZ9dQk1*PxWt3mQn7ZrB2vKc"

    private static let commands = [
        SecretSample(
            "sign-ins", .client,
            "VER 1 MSNP8 CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0 MSMSGS ann@example.com\r\n"
                + "USR 3 TWN I ann@example.com\r\nUSR 4 TWN S ⟦\(ticket)⟧\r\nSYN 5 0\r\n"
                + "USR 6 SSO S ⟦t=EwCoAfsBAAAUP9Jk2mYQ7xVbN&p=⟧ ⟦HAAAAAEAAAADZgAABIAAAAgAAAAUAAAASAAAAJ5⟧ {8a1b0000-0000-0000-0000-000000000001}\r\n"
                + "USR 7 SHA A ⟦U0VDUkVUdGlja2V0b2ZhY2lyY2xl⟧\r\nCHG 8 NLN 0\r\n"),
        SecretSample(
            "old sign-ins", .client,
            "VER 1 MSNP2 CVR0\r\nINF 2\r\nUSR 3 MD5 I ann@example.com\r\nUSR 4 MD5 S ⟦ed6a0736ddeaab153b2cb2644096e327⟧\r\n"
                + "USR 5 CTP S ⟦swordfishbutterfly⟧\r\nCHG 6 NLN\r\nUSR 7 CTP S ⟦correct!horse'battery⟧\r\n"),
        SecretSample(
            "challenge", .client,
            "PNG\r\nQRY 10 PROD0038W!61ZTF9 32\r\n⟦8ea161ab1346e670716081a975886046⟧PNG\r\nQRY 11 msmsgs@msnmsgr.com 32\r\n"
                + "⟦d8d8cb2c2043a603d8286a3343143ee1⟧CHG 12 AWY 0\r\n"),
        SecretSample(
            "invitations", .client,
            "USR 1 ann@example.com ⟦17262740.1050826919.32308⟧\r\nCAL 2 ben@example.org\r\n"
                + "ANS 3 ann@example.com;{8a1b0000-0000-0000-0000-000000000001} ⟦849102291.520491113.7⟧ 11752013\r\nOUT\r\n"
        ),
        SecretSample(
            "cookies", .server,
            "CAL 1 RINGING 11752013\r\nXFR 15 SB 203.0.113.20:1863 CKI ⟦17262740.1050826919.32308⟧ U messenger.msn.com 1\r\n"
                + "NLN AWY ben@example.org Ben 0\r\n"
                + "RNG 11752013 203.0.113.20:1863 CKI ⟦849102291.520491113.7⟧ ben@example.org Ben U messenger.msn.com 1\r\nQNG 50\r\n"
        ),
        SecretSample(
            "mail", .server,
            "USR 3 OK ann@example.com Ann 1 0\r\n"
                + payload(
                    "MSG Hotmail Hotmail",
                    "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\nLoginTime: 1050826919\r\n"
                        + "EmailEnabled: 1\r\nMSPAuth: ⟦5fHk2*SzWmDq8vR!nB4xL6tY0cJ7gP1aE3uI9oK⟧\r\nsid: ⟦507507507507⟧\r\nkv: ⟦11111111⟧\r\n\r\n"
                )
                + "URL 4 /cgi-bin/HoTMaiL https://login.example.net/md5auth.srf?lc=1033&auth=⟦5fHk2*SzWmDq8vR⟧&creds=⟦0cf5a8b3d2e14f67⟧&sl=⟦123456789⟧ 2\r\n"
                + payload(
                    "MSG Hotmail Hotmail",
                    "Content-Type: text/x-msmsgsinitialemailnotification\r\n\r\nInbox-Unread: 3\r\n"
                        + "Inbox-URL: https://login.example.net/ppsecure?auth=⟦5fHk2*SzWmDq8vR⟧&t=⟦53*1hAu8ADuD3TEw⟧\r\nPost-URL: /x\r\n"
                )
                + "QNG 50\r\n"),
        SecretSample(
            "files and links", .client,
            payload(
                "MSG 5 N",
                "Content-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\nInvitation-Command: ACCEPT\r\nInvitation-Cookie: 33267\r\n"
                    + "AuthCookie: ⟦933012345678⟧\r\nPort: 6891\r\n\r\n")
                + payload(
                    "UUN 6 ben@example.org 3",
                    "INVITE MSNMSGR:ben@example.org MSNSLP/1.0\r\nContent-Type: application/x-msnmsgr-transreqbody\r\n\r\n"
                        + "Bridges: TCPv1\r\nNonce: ⟦\(nonce)⟧\r\nHashed-Nonce: ⟦\(nonce)⟧\r\nSessionUsername: ⟦q7xKwZq7xKwZ⟧\r\n"
                        + "SessionPassword: ⟦wKx7qZwKx7qZ⟧\r\n\r\n") + "PNG\r\n"),
    ]

    private static let web = [
        SecretSample(
            "requests", .client,
            "GET /rdr/pprdr.asp?id=1&t=⟦53*1hAu8ADuD3TEwdX⟧ HTTP/1.1\r\nHost: nexus.example.net\r\n\r\n"
                + "GET /login.srf HTTP/1.1\r\nAuthorization: ⟦Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fm,sign-in=ann%40e.c,pwd=swordfishbutterfly,lc=1033⟧\r\n"
                + "Cookie: ⟦MSPAuth=5fHk2*SzWmDq8vR!nB4; MSPProf=8vR!nB4xL6tY0cJ7⟧\r\n\r\n"
                + "POST /NotRST.srf HTTP/1.1\r\nX-User: ann@example.com\r\nX-Password: ⟦swordfishbutterfly⟧\r\n\r\n"
                + "POST /RST.srf HTTP/1.1\r\nContent-Type: text/xml\r\nProxy-Authorization: ⟦Basic YW5uOnN3b3JkZmlzaA==⟧\r\n\r\n"
                + "<?xml version=\"1.0\"?><Envelope><Header><wsse:Security><wsse:UsernameToken Id=\"user\"><wsse:Username>ann@example.com</wsse:Username>"
                + "<wsse:Password>⟦swordfish&amp;butterfly⟧</wsse:Password></wsse:UsernameToken></wsse:Security></Header></Envelope>\r\n"
        ),
        SecretSample(
            "services", .client,
            "POST /abservice/abservice.asmx HTTP/1.1\r\nSOAPAction: \"ABFindAll\"\r\nCookie: ⟦MSPAuth=5fHk2*SzWmDq8vR!nB4⟧\r\n\r\n"
                + "<soap:Envelope><soap:Header><ABAuthHeader><ManagedGroupRequest>false</ManagedGroupRequest><TicketToken>⟦t=EwCoAfsBAAAUP9Jk2mYQ7xVbN&amp;p=⟧</TicketToken></ABAuthHeader></soap:Header></soap:Envelope>\r\n"
                + "POST /ws/2004/09/oim/rsi HTTP/1.0\r\n\r\n<soap:Header><PassportCookie xmlns=\"urn:x\"><t>⟦53*1hAu8ADuD3TEwdXoOMi⟧</t><p>⟦5hZ9dQk1*PxWt3mQn7⟧</p></PassportCookie></soap:Header>\r\n"
                + "POST /OIMWS/oim.asmx HTTP/1.1\r\n\r\n<Ticket passport=\"⟦t=EwCoAfsBAAAUP9Jk2mYQ7xVbN&amp;p=⟧\" appid=\"PROD01\" lockkey=\"⟦3f1c9a7be2d40586⟧\" xmlns=\"x\"/>\r\n"
                + "POST /gateway/gateway.dll?Action=poll&SessionID=⟦1640862.5511.99⟧ HTTP/1.1\r\n\r\n"),
        SecretSample(
            "answers", .server,
            "HTTP/1.1 200 OK\r\nAuthentication-Info: ⟦Passport1.4 da-status=success,tname=MSPAuth,from-PP='\(ticket)',ru=http://m⟧\r\n"
                + "Set-Cookie: ⟦MSPAuth=5fHk2*SzWmDq8vR!nB4; domain=.x.com⟧\r\nContent-Length: 0\r\n\r\n"
                + "HTTP/1.1 302 Found\r\nLocation: https://login.example.net/x?lc=1033&t=⟦53*1hAu8ADuD3TEwdX⟧&p=⟦5hZ9dQk1*PxWt3mQn7⟧\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nX-Token: ⟦EwCoAfsBAAAUP9Jk2mYQ7xVbN0aKz⟧\r\n\r\n"
                + "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ⟦Passport1.4 da-status=failed,srealm=Passport,cbtxt=x5fHk2SzWm⟧\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=⟦1640862.5511.99⟧; GW-IP=10.0.0.1\r\n\r\n"),
        SecretSample(
            "tokens", .server,
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<S:Envelope><S:Body><wst:RequestSecurityTokenResponse>"
                + "<wst:RequestedSecurityToken><wsse:BinarySecurityToken Id=\"PPToken1\">⟦t=EwCoAfsBAAAUP9Jk2mYQ7xVbN0aKz&amp;p=⟧</wsse:BinarySecurityToken></wst:RequestedSecurityToken>"
                + "<wst:RequestedProofToken><wst:BinarySecret>⟦AAECAwQFBgcICQoLDA0ODxAREhMUFRYX⟧</wst:BinarySecret></wst:RequestedProofToken>"
                + "<EncryptedData><CipherData><CipherValue>⟦Cap26AQZrSyMm2SwwTyJKyqLR9⟧</CipherValue></CipherData></EncryptedData>"
                + "</wst:RequestSecurityTokenResponse></S:Body></S:Envelope>\r\n"),
    ]
}
