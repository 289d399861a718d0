// The ways to replace a value in a redacted copy.

/// How a value is replaced.
enum Replacement: Sendable, Hashable {
    case keep
    /// An account as command lines write it: `1:a@b;via=9:c@d`, `a@b;{guid}`, `tel:+1…`.
    case account
    /// A name, possibly percent-encoded, possibly an account.
    case name
    case text
    case address
    /// Several addresses in a row.
    case addresses
    /// Addresses in reverse byte order, as WLM writes them in MSNSLP.
    case reversedAddresses
    /// Each letter becomes a letter, each digit a digit.
    case token(RedactionReport.Kind)
    case hex(RedactionReport.Kind)
    case base64(RedactionReport.Kind)
    /// Client capabilities; only the client's generation stays.
    case capabilities
    /// The nonce of a direct link, or its digest.
    case nonce
    /// The identifier of a peer-to-peer session, which packets refer to.
    case session
    /// A length of data that is mostly missing from the recording.
    case size
    /// The digest of an object's data (`SHA1D`).
    case digest
    /// An MSNObject: XML, percent-encoded in command lines.
    case object
    /// The `Context` of an invitation: an MSNObject or a file offer in base64.
    case context
    case xml
}
