// The names of secret headers, XML elements, attributes and URL parameters (auth.md section 6; Passport 1.4, WS-Trust,
// SOAP of the address book and of offline messages, the HTTP gateway).

/// Names of secret values, all in lower case.
enum SecretNames {
    /// Headers whose value is secret to the end of the line.
    static let headers: [StaticString] = [
        // Profiles, invitations, MSNSLP.
        "mspauth", "sid", "kv", "authcookie", "nonce", "hashed-nonce", "sessionpassword", "sessionusername",
        "a=ice-pwd", "ice-pwd", "a=crypto",
        // HTTP and Passport.
        "authorization", "proxy-authorization", "cookie", "cookie2", "set-cookie", "set-cookie2",
        "authentication-info", "proxy-authentication-info", "www-authenticate", "proxy-authenticate",
        "passporturls", "passportconfig", "x-mspauth", "x-msn-auth-ticket", "x-msn-ticket", "ticket", "x-password",
        "x-token",
    ]
    /// XML elements whose text is secret.
    static let elements: [StaticString] = [
        "password", "passwd", "pwd", "binarysecuritytoken", "binarysecret", "tickettoken", "ticket", "t", "p",
        "passportcookie", "passportticket", "ciphervalue", "signaturevalue", "nonce", "token", "authtoken",
        "webauthtoken", "securitytoken", "sessiontoken", "browsercookie", "cookie", "authcookie", "lockkey",
        "sessionpassword", "sessionusername", "mspauth", "secret", "sharedsecret", "sessionkey",
    ]
    /// XML attributes whose quoted value is secret.
    static let attributes: [StaticString] = [
        "passport", "lockkey", "from-pp", "ticket", "tickettoken", "password", "pwd", "token", "authtoken", "auth",
        "creds", "sessionid", "mspauth", "cookie", "nonce",
    ]
    /// Parameters of URLs, cookies and Passport headers whose unquoted value is secret.
    static let parameters: [StaticString] = [
        "auth", "creds", "sl", "t", "p", "sessionid", "pwd", "password", "passwd", "from-pp", "lockkey", "ticket",
        "token", "mspauth", "mspprof", "mspsec", "mspsecauth", "rpsauth", "rpssecauth", "rpstauth", "ppauth", "wlsrvc",
    ]

    /// Digests of the names, for lookup by `NameDigest`.
    static let headerDigests = digests(headers)
    static let elementDigests = digests(elements)
    static let attributeDigests = digests(attributes)
    static let parameterDigests = digests(parameters)
    static let invitation = NameDigest("cki")

    private static func digests(_ names: [StaticString]) -> Set<NameDigest> { Set(names.map { NameDigest($0) }) }
}

/// The length and digest (64-bit FNV-1a) of a name, ignoring case. It is updated byte by byte, so that no name needs to
/// be buffered.
struct NameDigest: Sendable, Hashable {
    private(set) var count = 0
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    init(_ name: StaticString) {
        for index in 0..<name.utf8CodeUnitCount {
            // The string is static, and `index` is below its length.
            append(unsafe name.utf8Start[index])
        }
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
        hash = (hash ^ UInt64(lower)) &* 0x100_0000_01B3
        count &+= 1
    }
}
