// Recognises the HTTP requests with which clients sign in, fetch contact lists and offline messages. Pure.

internal import MSNP

/// A request to one of the services beside MSNP (Passport, contacts, storage).
package enum SignInRequest {
    /// The maximum length of the first line of a request in bytes.
    private static let mostLineBytes = 4_096

    /// Whether a connection begins with such a request.
    ///
    /// - Parameter bytes: what the client has sent so far.
    /// - Returns: nil if more bytes are needed.
    package static func begins(_ bytes: [UInt8]) -> Bool? {
        guard let end = bytes.firstIndex(of: 0x0A) else { return bytes.count < mostLineBytes ? nil : false }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        guard words.count >= 2, end < mostLineBytes else { return false }
        return isService(path(of: words[1]).lowercased())
    }

    /// The path of a target, which is a whole URL if the client uses the relay as its proxy.
    private static func path(of target: Substring) -> Substring {
        guard target.lowercased().hasPrefix("http://") else { return target.prefix { $0 != "?" } }
        return target.dropFirst(7).drop { $0 != "/" && $0 != "?" }.prefix { $0 != "?" }
    }

    private static func isService(_ path: String) -> Bool {
        files.contains(path) || folders.contains { path.hasPrefix($0) }
    }

    private static let files: Set<String> = [
        "/rdr/pprdr.asp", "/login.srf", "/login2.srf", "/rst.srf", "/rst2.srf", "/notrst.srf",
        "/config/msgrconfig.asmx",
    ]
    private static let folders = ["/abservice/", "/storageservice/", "/rsi/", "/oimws/"]
}
