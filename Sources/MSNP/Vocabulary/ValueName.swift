// Readable names for protocol values: states, lists, networks, capabilities, locales.

/// Readable names for protocol values. Functions return nil for unknown values.
public enum ValueName {
    /// The name of a presence state (commands.tsv, `CHG`).
    public static func ofState(_ code: some Sequence<UInt8>) -> String? {
        states[String(decoding: Array(code), as: UTF8.self)]
    }

    /// The name of a contact list (commands.tsv, `LST`).
    public static func ofList(_ code: some Sequence<UInt8>) -> String? {
        lists[String(decoding: Array(code), as: UTF8.self)]
    }

    /// The names of the lists in a bit set (commands.tsv, `LST`).
    public static func ofLists(_ sum: UInt64) -> [String] { names(in: sum, listBits) }

    /// The name of a network (p2p.md section 6).
    public static func ofNetwork(_ number: UInt64) -> String? { networkNames[number] }

    /// The names of the networks in a bit set (commands.tsv, `LST` of MSNP12).
    public static func ofNetworks(_ sum: UInt64) -> [String] {
        names(in: sum, [1, 2, 4, 8, 16, 32].compactMap { bit in networkNames[bit].map { (bit, $0) } })
    }

    /// The names of a client's capabilities. The highest four bits are its MSNC version.
    public static func ofCapabilities(_ sum: UInt64) -> [String] {
        var found = names(in: sum & 0x0FFF_FFFF, capabilities)
        let version = sum &>> 28 & 15
        if version > 0 { found.append("msnc\(version)") }
        return found
    }

    /// The names of the extended capabilities of MSNP16 and later.
    public static func ofExtendedCapabilities(_ sum: UInt64) -> [String] { names(in: sum, extendedCapabilities) }

    /// The names for `caps`, or for `caps:extcaps` since MSNP16; nil if the first part is not a number.
    public static func ofCapabilities(_ token: ByteSlice) -> [String]? {
        let parts = token.split(separator: 0x3A, maxSplits: 1)
        guard let first = parts.first.flatMap({ Decimal.value(of: $0) }) else { return nil }
        let more = parts.count > 1 ? Decimal.value(of: parts[1]) : nil
        return ofCapabilities(first) + (more.map(ofExtendedCapabilities) ?? [])
    }

    /// The language and country, such as `en-US`, of a locale identifier in hexadecimal with `0x`.
    public static func ofLocale(_ token: some Collection<UInt8>) -> String? {
        let text = String(decoding: Array(token), as: UTF8.self).lowercased()
        guard text.hasPrefix("0x"), let number = UInt16(text.dropFirst(2), radix: 16) else { return nil }
        return locales[number]
    }

    /// The name of an acknowledgement type (commands.tsv, `MSG`).
    public static func ofAcknowledgement(_ letter: some Sequence<UInt8>) -> String? {
        acknowledgements[String(decoding: Array(letter), as: UTF8.self)]
    }

    /// The reason for which a server closes the connection (commands.tsv, `OUT`).
    public static func ofReason(_ word: some Sequence<UInt8>) -> String? {
        reasons[String(decoding: Array(word), as: UTF8.self)]
    }

    /// The name of a property (commands.tsv, `PRP`).
    public static func ofProperty(_ code: some Sequence<UInt8>) -> String? {
        properties[String(decoding: Array(code), as: UTF8.self)]
    }

    /// The language and country of a numeric locale identifier. Profiles and alerts write it in decimal.
    public static func ofLocale(number: UInt64) -> String? { UInt16(exactly: number).flatMap { locales[$0] } }

    /// The result of a file transfer (p2p.md section 5).
    public static func ofTransferEnd(_ code: UInt64) -> String? { transferEnds[code] }

    /// The names of the bits set in a number. Bits without a name are combined into one hexadecimal number.
    private static func names(in sum: UInt64, _ table: [(bit: UInt64, name: String)]) -> [String] {
        var found: [String] = []
        var unnamed = sum
        for (bit, name) in table where sum & bit != 0 {
            found.append(name)
            unnamed &= ~bit
        }
        if unnamed != 0 { found.append("0x" + String(unnamed, radix: 16)) }
        return found
    }

    private static let states = [
        "NLN": "online", "FLN": "offline", "HDN": "hidden", "BSY": "busy", "IDL": "idle", "BRB": "be right back",
        "AWY": "away", "PHN": "on the phone", "LUN": "out to lunch",
    ]
    private static let lists = [
        "FL": "forward", "AL": "allow", "BL": "block", "RL": "reverse", "PL": "pending",
    ]
    private static let listBits: [(UInt64, String)] = [
        (1, "forward"), (2, "allow"), (4, "block"), (8, "reverse"), (16, "pending"),
    ]
    private static let networkNames: [UInt64: String] = [
        1: "msn", 2: "ocs", 4: "telephone", 8: "mni", 9: "circle", 10: "temporary group", 11: "cid", 13: "connect",
        14: "remote network", 16: "smtp", 32: "yahoo",
    ]
    private static let acknowledgements = [
        "U": "none", "N": "only when refused", "A": "always", "D": "always, peer-to-peer", "S": "only when delivered",
    ]
    private static let reasons = [
        "OTH": "signed in elsewhere", "SSD": "the server shuts down", "MIG": "the account moves",
        "TOU": "terms of use", "RCT": "come again later",
    ]
    private static let properties = [
        "PHH": "phone at home", "PHW": "phone at work", "PHM": "mobile phone", "MOB": "pages allowed",
        "MBE": "mobile enabled", "WWE": "web watch enabled", "MFN": "friendly name", "HSB": "has a blog",
    ]
    private static let transferEnds: [UInt64: String] = [
        16_777_989: "received", 16_777_987: "received", 2_147_942_405: "the receiver's disk is full",
        2_164_261_682: "cancelled by the receiver", 2_164_261_683: "cancelled by the sender",
        2_164_261_694: "connection blocked",
    ]

    // Sources: client source code. The highest four bits are the MSNC version.
    private static let capabilities: [(UInt64, String)] = [
        (0x1, "mobile_online"), (0x2, "msn8_user"), (0x4, "ink_gif"), (0x8, "ink_isf"), (0x10, "webcam"),
        (0x20, "multi_part_messages"), (0x40, "mobile_enabled"), (0x80, "direct_device"), (0x200, "web_client"),
        (0x800, "through_gateway"), (0x1000, "has_space"), (0x2000, "media_center"), (0x4000, "direct_im"),
        (0x8000, "winks"), (0x1_0000, "shared_search"), (0x2_0000, "bot"), (0x4_0000, "voice_clips"),
        (0x8_0000, "secure_channel"), (0x10_0000, "sip_invitations"), (0x20_0000, "tunnelled_sip"),
        (0x40_0000, "shared_folders"), (0x100_0000, "onecare"), (0x200_0000, "p2p_turn"),
        (0x400_0000, "p2p_bootstrap_uun"),
    ]
    private static let extendedCapabilities: [(UInt64, String)] = [
        (0x1, "sms_only"), (0x2, "voice_over_msnp"), (0x4, "uucp_sip"), (0x8, "application_messages"),
        (0x10, "rtc_video"), (0x20, "p2p_v2"), (0x40, "authenticated_web_user"), (0x80, "one_on_one_via_group"),
        (0x100, "offline_messages"), (0x200, "sharing_video"), (0x400, "nudges"), (0x800, "circle_voice"),
        (0x1000, "sharing"), (0x2000, "mobile_suspend"), (0x4000, "p2p_mixer_relay"),
        (0x8000, "file_transfer_in_window"),
    ]

    /// Windows locale identifiers of the languages in which Messenger was published.
    private static let locales: [UInt16: String] = [
        0x0401: "ar-SA", 0x0402: "bg-BG", 0x0403: "ca-ES", 0x0404: "zh-TW", 0x0405: "cs-CZ", 0x0406: "da-DK",
        0x0407: "de-DE", 0x0408: "el-GR", 0x0409: "en-US", 0x040A: "es-ES", 0x040B: "fi-FI", 0x040C: "fr-FR",
        0x040D: "he-IL", 0x040E: "hu-HU", 0x040F: "is-IS", 0x0410: "it-IT", 0x0411: "ja-JP", 0x0412: "ko-KR",
        0x0413: "nl-NL", 0x0414: "nb-NO", 0x0415: "pl-PL", 0x0416: "pt-BR", 0x0418: "ro-RO", 0x0419: "ru-RU",
        0x041A: "hr-HR", 0x041B: "sk-SK", 0x041D: "sv-SE", 0x041E: "th-TH", 0x041F: "tr-TR", 0x0421: "id-ID",
        0x0422: "uk-UA", 0x0424: "sl-SI", 0x0425: "et-EE", 0x0426: "lv-LV", 0x0427: "lt-LT", 0x042A: "vi-VN",
        0x042D: "eu-ES", 0x0804: "zh-CN", 0x0807: "de-CH", 0x0809: "en-GB", 0x080A: "es-MX", 0x080C: "fr-BE",
        0x0813: "nl-BE", 0x0816: "pt-PT", 0x0C04: "zh-HK", 0x0C07: "de-AT", 0x0C09: "en-AU", 0x0C0A: "es-ES",
        0x0C0C: "fr-CA", 0x1009: "en-CA", 0x1409: "en-NZ", 0x4009: "en-IN",
    ]
}
