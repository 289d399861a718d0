// Readable names for words and small numbers that have a meaning in one kind of argument or header only.

extension ValueName {
    /// The name of a word with the given meaning (commands.tsv, auth.md section 1); nil for undocumented words, and for
    /// meanings that have no table of words.
    public static func of(_ word: some Sequence<UInt8>, as meaning: Meaning) -> String? {
        words[meaning]?[String(decoding: Array(word), as: UTF8.self)]
    }

    /// The platform for a number in `ClientType` or `TYP`, according to client source code.
    public static func ofClientType(_ number: UInt64) -> String? { clientTypes[number] }

    /// The name of a conversation logging mode, from the header `Chat-Logging`.
    public static func ofLogging(_ letter: some Sequence<UInt8>) -> String? {
        logging[String(decoding: Array(letter), as: UTF8.self)]
    }

    private static let words: [Meaning: [String: String]] = [
        .package: [
            "MD5": "digest of the password", "CTP": "password as it is", "TWN": "Passport ticket",
            "SSO": "single sign-on",
            "SHA": "ticket for circles", "CKI": "cookie",
        ],
        .stage: ["I": "initiate", "S": "subsequent", "A": "after the sign-in"],
        .setting: [
            "AL": "everybody else is allowed", "BL": "everybody else is blocked", "A": "ask when somebody adds me",
            "N": "do not ask when somebody adds me",
        ],
        .transport: ["U": "tcp", "G": "http gateway"],
        .directness: ["1": "tcp possible", "0": "http gateway only"],
        .restriction: ["0": "normal", "1": "child's account"],
        .leaving: ["1": "idle for too long"],
        .letterKind: ["1": "text", "2": "typing", "3": "nudge"],
        .noticeKind: [
            "1": "xml", "2": "sip", "3": "slp", "4": "sign out", "5": "closed chat", "6": "resynchronize", "10": "turn",
            "11": "sip metadata", "12": "tunnelled sip",
        ],
        .device: ["1": "mobile", "2": "watch"],
    ]

    private static let clientTypes: [UInt64: String] = [
        0: "none", 1: "computer", 2: "website", 3: "mobile", 4: "xbox", 9: "group", 32: "email member",
    ]
    private static let logging = ["Y": "log", "S": "encrypted log", "N": "no log"]
}
