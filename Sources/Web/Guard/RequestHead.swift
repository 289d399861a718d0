// What the page's server looks at in the head of a request, as values.

import HTTPTypes

/// The head of a request. Values of fields that must occur once are lists, so that a second one can be noticed.
struct RequestHead: Sendable, Hashable {
    /// The method, in upper case as sent.
    var method = "GET"
    /// The path without the query, as sent.
    var path = "/"
    /// The query without the question mark, as sent.
    var query = ""
    /// The values of `Host`.
    var hosts: [String] = []
    /// The values of `Origin`.
    var origins: [String] = []
    /// `Sec-Fetch-Site`, `Sec-Fetch-Mode` and `Sec-Fetch-Dest`: what a browser says about who asks.
    var fetchSite: String?
    var fetchMode: String?
    var fetchDestination: String?
    /// The values of `Cookie`.
    var cookies: [String] = []
    /// The key half of the session.
    var keys: [String] = []
    /// The values of `Authorization`.
    var authorizations: [String] = []
    /// Whether a service worker asks for its script.
    var isForServiceWorker = false
    /// Whether a body is announced.
    var hasBody = false
    /// The media type of the body.
    var contentType: String?
    /// The tags of the answers that the client has.
    var ifNoneMatch: String?

    init() {}

    init(_ request: HTTPRequest) {
        method = request.method.rawValue
        let target = request.path ?? ""
        if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(target[..<mark])
            query = String(target[target.utf8.index(after: mark)...])
        } else {
            path = target
        }
        let fields = request.headerFields
        // The first Host field is the authority; only further ones are left among the fields.
        hosts = [request.authority].compactMap(\.self) + fields.texts("host")
        origins = fields.texts("origin")
        fetchSite = fields.texts("sec-fetch-site").first
        fetchMode = fields.texts("sec-fetch-mode").first
        fetchDestination = fields.texts("sec-fetch-dest").first
        cookies = fields.texts("cookie")
        keys = fields.texts(Self.keyField)
        authorizations = fields.texts("authorization")
        isForServiceWorker = !fields.texts("service-worker").isEmpty
        let lengths = fields.texts("content-length")
        hasBody = lengths.contains { $0 != "0" } || !fields.texts("transfer-encoding").isEmpty
        contentType = fields.texts("content-type").first
        ifNoneMatch = fields.texts("if-none-match").first
    }

    /// The field with the key half of a session.
    static let keyField = "x-butterflynet-key"

    /// The values of the cookies with a name.
    func values(ofCookie name: String) -> [String] {
        cookies.flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let found = parts[0].drop { $0 == " " }
            return parts.count == 2 && found == name ? String(parts[1]) : nil
        }
    }

    /// The token of `Authorization: Bearer`; nil without exactly one.
    var bearer: String? {
        guard authorizations.count == 1, let value = authorizations.first else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}

extension HTTPFields {
    fileprivate func texts(_ name: String) -> [String] { HTTPField.Name(name).map { self[values: $0] } ?? [] }
}
