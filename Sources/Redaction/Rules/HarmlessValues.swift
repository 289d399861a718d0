// Sets of values that may stay in a copy: fixed lists and bounded numbers.

internal import Analysis
internal import MSNP
internal import Payloads

/// A set of values that identify no person: those of a fixed list or a range.
enum HarmlessValues: Sendable {
    /// A decimal number without leading zeros, up to this maximum.
    case number(UInt64)
    /// One of these words, ignoring case.
    case words(Set<String>)
    /// A custom test.
    case value(@Sendable (ByteSlice) -> Bool)
    /// The empty set.
    case nothing

    /// One of these words, separated by blanks, ignoring case.
    static func list(_ words: String) -> HarmlessValues {
        .words(Set(words.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)))
    }

    func holds(_ value: ByteSlice) -> Bool {
        switch self {
        case .number(let most): Self.decimal(value).map { $0 <= most } ?? false
        case .words(let words):
            value.count <= Self.maxWordLength && words.contains(String(decoding: value, as: UTF8.self).lowercased())
        case .value(let test): test(value)
        case .nothing: false
        }
    }

    /// Whether a value that begins with these bytes could be in the set.
    func mayBegin(_ value: ByteSlice) -> Bool {
        switch self {
        case .number(let most): return value.isEmpty || Self.decimal(value).map { $0 <= most } ?? false
        case .words(let words):
            guard value.count <= Self.maxWordLength else { return false }
            let start = String(decoding: value, as: UTF8.self).lowercased()
            return words.contains { $0.hasPrefix(start) }
        case .value, .nothing: return value.isEmpty
        }
    }

    /// The value of a decimal number as programs write it: up to 19 digits, no leading zeros; else nil.
    static func decimal(_ value: ByteSlice) -> UInt64? {
        guard value.count < 20, value.allSatisfy(\.isDigit), value.first != 0x30 || value.count == 1 else { return nil }
        return Decimal.value(of: value)
    }

    private static let maxWordLength = 64
}

// MARK: - Of the protocol tables

extension HarmlessValues {
    /// List positions and counts: four digits.
    static let count = HarmlessValues.number(9_999)
    static let flag = HarmlessValues.number(1)
    static let yesOrNo = list("true false")
    static let port = HarmlessValues.number(65_535)
    static let state = HarmlessValues.value { ValueName.ofState($0) != nil }
    static let listName = HarmlessValues.value { ValueName.ofList($0) != nil }
    /// Sums of the list bits and of the network bits in use.
    static let listSum = HarmlessValues.number(31)
    static let networkSum = HarmlessValues.number(63)
    static let network = HarmlessValues.value { value in
        decimal(value).map { $0 == 0 || ValueName.ofNetwork($0) != nil } ?? false
    }
    static let locale = HarmlessValues.value { $0.count == 6 && ValueName.ofLocale($0) != nil }
    static let localeNumber = HarmlessValues.value { value in
        decimal(value).map { $0 == 0 || ValueName.ofLocale(number: $0) != nil } ?? false
    }
    static let reason = HarmlessValues.value { ValueName.ofReason($0) != nil }
    static let property = HarmlessValues.value { ValueName.ofProperty($0) != nil }
    static let transferEnd = HarmlessValues.value { decimal($0).flatMap(ValueName.ofTransferEnd) != nil }
    static let clientType = HarmlessValues.value { decimal($0).flatMap(ValueName.ofClientType) != nil }
    /// `0` is a server's refusal of all dialects.
    static let dialect = HarmlessValues.value {
        $0.elementsEqual([0x30]) || Dialect(token: $0).map { $0.number <= 24 } ?? false
    }
    static let package = list("MD5 CTP TWN SSO SHA CKI MD5,CKI")
    static let policy = list("MBI MBI_SSL MBI_KEY MBI_KEY_OLD")

    /// One or two capability numbers; only known sums stay, see `generation`.
    static let capabilities = HarmlessValues.value { value in
        let parts = value.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first.flatMap({ decimal($0) }) else { return false }
        return isKnownSum(first) && parts.dropFirst().allSatisfy { HarmlessValues.port.holds($0) }
    }

    private static func isKnownSum(_ sum: UInt64) -> Bool {
        sum < 1_024 || sum == generation(of: sum) || knownSums.contains(sum)
    }

    /// The client generation in capabilities: the highest four of 32 bits; nil if unknown.
    static func generation(of sum: UInt64) -> UInt64? {
        sum >> 32 == 0 && sum >> 28 <= 12 ? sum & 0xF000_0000 : nil
    }

    /// Capabilities from the protocol documents.
    private static let knownSums: Set<UInt64> = [
        268_435_492, 268_435_508, 1_342_558_268, 1_985_855_532, 2_789_003_324,
    ]
}

// MARK: - Programs and systems

extension HarmlessValues {
    static let codebase = list("MSMSGS MSNMSGR WLMSGRBETA MSGRBETA MSG70BETA MSG75BETA MSG80BETA MSG85BETA MACMSGS")
    static let system = list(
        "winnt win win32 win9x win95 win98 winme windows mac macos macosx osx unix linux linux-gnu freebsd java palm")
    static let systemVersion = list("3.51 4.0 4.00 4.10 4.1 4.90 5.0 5.1 5.1.0 5.2 6.0 6.0.0 6.1 6.1.0 6.2 6.2.0 6.3")
    static let processor = list("i386 i486 i586 i686 x86 x86_64 amd64 ia64 ppc powerpc alpha mips sparc arm null")
    static let service = list(
        """
        INBOX COMPOSE FOLDERS PROFILE PERSON CHGMOB PHHLP MOBILE ADDRBOOK ADVSRCH CHAT GAMES MSNHOME N2PACCOUNT N2PFUND \
        PASSWORD PASSPORT SPACES SWITCHBOARD
        """)
    static let products = HarmlessValues.value { value in
        Challenge.products.contains(String(decoding: value, as: UTF8.self))
    }

    /// A version as Microsoft numbers its releases: a known release, then a build of exactly four digits that is not a
    /// year, so that no address or date can look like one.
    static let version = HarmlessValues.value { value in
        let parts = value.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard 3...4 ~= parts.count, parts.dropFirst(2).allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isDigit) }),
            releases.contains(String(decoding: value[..<parts[1].endIndex], as: UTF8.self))
        else { return false }
        let build = String(decoding: parts[2], as: UTF8.self)
        let isYear = build.hasPrefix("19") || build.hasPrefix("20")
        return !isYear && (parts.count == 3 || releasesWithDates.contains { value.starts(with: $0.utf8) })
    }

    private static let releases: Set<String> = [
        "1.0", "2.0", "2.1", "2.2", "3.0", "3.5", "3.6", "4.5", "4.6", "4.7", "5.0", "5.1", "6.0", "6.1", "6.2", "7.0",
        "7.5", "8.0", "8.1", "8.5", "9.0", "14.0", "15.3", "15.4", "16.4",
    ]
    private static let releasesWithDates = ["8.5.", "9.0.", "14.0.", "15.3.", "15.4.", "16.4."]
}

// MARK: - Bodies

extension HarmlessValues {
    /// Media types of messages and their parts (p2p.md sections 1, 4, 6).
    static let mediaTypes: Set<String> = [
        "text/plain", "text/html", "text/xml", "text/x-msmsgscontrol", "text/x-msnmsgr-datacast", "text/x-mms-emoticon",
        "text/x-mms-animemoticon", "text/x-msmsgsinvite", "text/x-clientcaps", "text/x-clientinfo", "text/x-keepalive",
        "text/x-msmsgsprofile", "text/x-msmsgsinitialemailnotification", "text/x-msmsgsemailnotification",
        "text/x-msmsgsactivemailnotification", "text/x-msmsgsinitialmdatanotification", "text/x-msmsgsoimnotification",
        "image/gif", "application/x-ms-ink", "application/x-msnmsgrp2p", "application/x-msmsgssystemmessage",
        "application/x-msmsgsemailnotification", "application/xml", "application/user+xml", "application/circles+xml",
        "application/multiparty+xml", "application/x-msnmsgr-sessionreqbody", "application/x-msnmsgr-sessionclosebody",
        "application/x-msnmsgr-transreqbody", "application/x-msnmsgr-transrespbody",
        "application/x-msnmsgr-transudpswitch", "application/x-msnmsgr-transdestaddrupdate",
        "application/x-msnmsgr-turnsetup", "application/x-msnmsgr-session-failure-respbody", "null",
    ]
    static let messageType = list(
        """
        text nudge wink voice customemoticon control/typing control control/recording data data/p2p signal/p2p \
        signal/forceabchsync signal/closeimwindow signal/markimwindowread signal/turn signal/audiometa signal/audiotunnel
        """)
    /// The purposes of a peer-to-peer invitation (`EUF-GUID`, p2p.md section 4), with and without braces.
    static let purpose = list(
        [
            "a4268eec-fec5-49e5-95c3-f126696bdbf6", "5d3e02ab-6190-11d3-bbbb-00c04f795683",
            "4bd96fc0-ab17-4425-a14a-439185962dc8", "1c9aa97e-9c05-4583-a3bd-908a196f1e92",
            "41d3e74e-04a2-4b37-96f8-08acdb610874", "6a13af9c-5308-4f35-923a-67e8dda40c2f",
        ].map { "\($0) {\($0)}" }.joined(separator: " "))

    /// Any number of these words, separated by blanks.
    static func all(of words: String) -> HarmlessValues {
        let one = list(words)
        return .value { $0.split(separator: 0x20).allSatisfy { one.holds($0) } }
    }

    /// A character set that the decoder knows, of letters, digits, `-` and `_` only.
    static let charset = HarmlessValues.value { value in
        value.count <= 24 && value.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2D || $0 == 0x5F }
            && Charset(named: String(decoding: value, as: UTF8.self)) != nil
    }

    /// The time of a mail, such as `2007-05-14T15:52:53.377Z`; the surrounding records show the day as well.
    static let mailTime = HarmlessValues.value { value in
        guard 20...24 ~= value.count, value.last == 0x5A else { return false }
        let shape = Array("2000-00-00T00:00:00.000".utf8)
        return value.dropLast().indices.allSatisfy { index in
            let wanted = shape[index - value.startIndex]
            return wanted == 0x30 ? value[index].isDigit : value[index] == wanted
        }
    }

    /// The display format of a song: numbered parts.
    static let mediaFormat = HarmlessValues.words(["{0}", "{0} - {1}", "{1} - {0}", "{0} - {1} - {2}"])
}
