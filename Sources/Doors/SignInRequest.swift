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
        guard target.lowercased().hasPrefix(scheme) else { return target.prefix { $0 != "?" } }
        return target.dropFirst(scheme.count).drop { $0 != "/" && $0 != "?" }.prefix { $0 != "?" }
    }

    /// Where the path of a known service is in a target; an empty range if it has none.
    package static func path(in target: ArraySlice<UInt8>) -> Range<Int> {
        let text = Substring(String(decoding: target, as: UTF8.self))
        let path = path(of: text)
        guard text.utf8.count == target.count, isService(path.lowercased()) else {
            return target.startIndex..<target.startIndex
        }
        let start = target.startIndex + text.utf8.distance(from: text.startIndex, to: path.startIndex)
        // The name of a file in a service's folder may say anything.
        let known = folders.first { path.lowercased().hasPrefix($0) }?.utf8.count ?? path.utf8.count
        return start..<start + min(known, path.utf8.count)
    }

    private static func isService(_ path: String) -> Bool {
        files.contains(path) || folders.contains { path.hasPrefix($0) }
    }

    private static let scheme = "http://"
    private static let files: Set<String> = [
        "/rdr/pprdr.asp", "/login.srf", "/login2.srf", "/rst.srf", "/rst2.srf", "/notrst.srf",
        "/config/msgrconfig.asmx",
    ]
    private static let folders = ["/abservice/", "/storageservice/", "/rsi/", "/oimws/"]
}
