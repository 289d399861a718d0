// The few HTTP answers that the relay gives. Pure.

internal import MSNP

/// HTTP answers of the relay.
package enum HTTPAnswer {
    /// A status other than 200.
    package enum Status: Int, Sendable, Hashable, CaseIterable {
        case badRequest = 400
        case forbidden = 403
        case notFound = 404
        case passwordRequired = 407
        case headTooLong = 431
        case badGateway = 502
        case timedOut = 504

        /// The reason phrase, which is also the body.
        var phrase: String {
            switch self {
            case .badRequest: "Bad Request"
            case .forbidden: "Forbidden"
            case .notFound: "Not Found"
            case .passwordRequired: "Proxy Authentication Required"
            case .headTooLong: "Request Header Fields Too Large"
            case .badGateway: "Bad Gateway"
            case .timedOut: "Gateway Timeout"
            }
        }
    }

    /// An answer with a line of text and its length.
    ///
    /// - Parameter closes: whether it says that the connection ends.
    package static func refusal(_ status: Status, minorVersion: Int = 1, closes: Bool = true) -> [UInt8] {
        let body = status.phrase + "\n"
        let login = status == .passwordRequired ? "Proxy-Authenticate: Basic realm=\"butterflynet\"\r\n" : ""
        return Array(
            ("HTTP/1.\(minorVersion) \(status.rawValue) \(status.phrase)\r\n\(login)Content-Type: text/plain\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\(closes ? "Connection: close\r\n" : "")\r\n\(body)").utf8)
    }
}
