// Decides by the answer of a relay's health service whether it can serve clients. Pure.

internal import MSNP

extension Check {
    /// - Parameters:
    ///   - answer: what it answered; nil if no connection came about.
    ///   - failure: why none came about.
    static func ready(_ answer: [UInt8]?, at address: HostPort, failure: String?) -> Check {
        guard let answer else {
            return Check(
                .ready, .failed, "Nothing answers at \(address): \(failure ?? "no connection").",
                ["start the relay with --metrics \(address)"])
        }
        let text = String(decoding: answer, as: UTF8.self)
        if text.hasPrefix("HTTP/1.1 200 ") { return Check(.ready, .ok, "The relay at \(address) serves clients.") }
        guard text.hasPrefix("HTTP/1.1 503 ") else {
            return Check(.ready, .failed, "What answers at \(address) is not the health service of a relay.")
        }
        let list = text.firstRange(of: "\"reasons\":[").map { text[$0.upperBound...].prefix { $0 != "]" } } ?? ""
        // Only what looks like a name is printed.
        let reasons = list.split(separator: ",").map { $0.filter { $0.isASCII && ($0.isLetter || $0 == "_") } }
        let why = reasons.isEmpty ? "it says no reason" : reasons.joined(separator: ", ")
        return Check(.ready, .failed, "The relay at \(address) is not ready: \(why).")
    }
}
