// Evaluates `CVQ`, the question for the newest client version.

import MSNP

/// The answer to a `CVQ` command.
struct UpdateQuestion {
    enum Answer: Equatable {
        case offer(String)
        case notInvited
        case badParameters
        case nonsense
    }

    let answer: Answer

    init(_ request: Request) {
        let count = request.arguments.count - 1
        let handle = request.arguments.firstIndex { $0.contains("@") }
        if !request[1].hasPrefix("0x") {
            answer = .nonsense
        } else if !Self.isLocale(request[1]) || count < 6 || count > 8 || (handle ?? 8) != 8 {
            answer = .badParameters
        } else if !Self.libraries.contains(request[5]) || !Self.isVersion(request[6])
            || !(Self.libraries + [""]).contains(request[7])
        {
            answer = .notInvited
        } else {
            answer = .offer(handle == nil ? Self.old : Self.new)
        }
    }

    private static let libraries = ["MSMSGS", "MSNMSGR"]
    private static let old = """
        5.0.0537 5.0.0537 1.0.0863 \
        http://download.microsoft.com/download/msnmessenger/install/5.0/w98nt42kmexp/en-us/setupdl.exe \
        http://messenger.microsoft.com
        """
    private static let new = """
        7.0.0813 7.0.0813 6.2.0205 \
        http://msgr.dlservice.microsoft.com/download/5/d/9/5d9bb5b2-49c7-4890-94ab-d1d5e44a0e6d/\
        Install_MSN_Messenger.exe http://messenger.msn.com
        """

    /// Whether a locale has an existing language and country: `0x0409` does, `0x1111` does not.
    private static func isLocale(_ text: String) -> Bool {
        guard text.utf8.count == 6, let number = UInt16(text.dropFirst(2), radix: 16) else { return false }
        return (1...0x92).contains(number & 0x3FF) && (1...0x14).contains(number >> 10)
    }

    /// Whether a version has the form and major number of a released client, such as `6.2.0205`.
    private static func isVersion(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Decimal.value(of: $0.utf8) }
        guard parts.count >= 3, parts.count <= 4, let major = parts.first ?? nil else { return false }
        return (1...15).contains(major) && !parts.contains(nil)
    }
}
