// What a request is answered with, and the fields that every answer has.

import Crypto
import HTTPTypes
import HummingbirdCore
import MSNP
import NIOCore
import Output

/// An answer to a request.
struct Answer: Sendable {
    /// What the body is.
    enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece; the connection is used for nothing else until it ends.
        case stream(@Sendable (inout any ResponseBodyWriter) async throws -> Void)
    }

    /// How long a browser may keep it.
    enum Caching: String, Sendable {
        /// A browser's cache on disk would be a second, unprotected archive.
        case never = "no-store"
        /// Asks each time whether it changed.
        case checked = "no-cache"
        /// Its name changes with its contents.
        case forever = "public, max-age=31536000, immutable"
    }

    var status = 200
    var type = "application/json"
    var body: Body = .bytes([])
    var caching = Caching.never
    /// Whether it is the document, which may load its own scripts.
    var isPage = false
    /// Further fields.
    var fields: [(name: String, value: String)] = []
    /// Whether the connection ends after it.
    var closes = false

    /// An answer with JSON.
    static func json(_ object: JSONObject, status: Int = 200) -> Answer {
        Answer(status: status, body: .bytes(object.bytes))
    }

    /// An answer that says why there is no other.
    static func error(_ error: RequestError) -> Answer {
        var inner = JSONObject()
        inner.add("name", error.name)
        inner.add("text", error.text)
        if let parameter = error.parameter { inner.add("parameter", parameter) }
        if let column = error.column { inner.add("column", column) }
        var outer = JSONObject()
        outer.add("error", inner)
        var answer = json(outer, status: error.status)
        switch error.refusal {
        case .busy, .tooMany: answer.fields.append(("Retry-After", "1"))
        case .bodyNotAllowed, .tooLarge: answer.closes = true
        case .wrongMethod: answer.fields.append(("Allow", "GET, HEAD, POST, DELETE"))
        default: break
        }
        return answer
    }

    static func error(_ refusal: Refusal) -> Answer { error(RequestError(refusal)) }

    /// Adds a tag made of the contents, and leaves the body out if the client has it.
    func tagged(ifNoneMatch known: String?) -> Answer {
        guard status == 200, case .bytes(let bytes) = body else { return self }
        let tag = "\"\(Hexadecimal.text(SHA256.hash(data: bytes).prefix(16)))\""
        var answer = self
        answer.fields.append(("ETag", tag))
        if let known, known.split(separator: ",").contains(where: { $0.drop { $0 == " " } == tag }) {
            (answer.status, answer.body) = (304, .bytes([]))
        }
        return answer
    }

    /// The head and body as the server writes them.
    ///
    /// - Parameter isHead: whether only the head was asked for.
    func response(isHead: Bool) -> Response {
        var fields = HTTPFields()
        func set(_ name: String, _ value: String) {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        for (name, value) in Self.commonFields { set(name, value) }
        set("Content-Security-Policy", isPage ? Self.pagePolicy : Self.dataPolicy)
        set("Cache-Control", caching.rawValue)
        if status != 304 { set("Content-Type", type) }
        for (name, value) in self.fields { set(name, value) }
        if closes { set("Connection", "close") }
        let code = HTTPResponse.Status(code: status)
        switch body {
        case .bytes(let bytes):
            if status != 304 { set("Content-Length", "\(bytes.count)") }
            let isEmpty = isHead || bytes.isEmpty
            return Response(
                status: code, headers: fields,
                body: isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let write):
            return Response(status: code, headers: fields, body: isHead ? ResponseBody() : ResponseBody(write))
        }
    }

    /// The document may load its own scripts and styles and ask this server, and nothing else. Text that becomes markup
    /// or code is refused by the browser.
    private static let pagePolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
        trusted-types 'none'
        """
    /// What is no document may do nothing, also if it is opened as one.
    private static let dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

    private static let commonFields: [(String, String)] = [
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()"),
        ("X-DNS-Prefetch-Control", "off"),
    ]
}
