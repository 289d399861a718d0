// The redaction rules for command arguments, by their names in the commands table.

internal import MSNP

/// Rules for command arguments.
enum ArgumentRules {
    /// The rule for an argument with this name. Values of unknown arguments are replaced.
    static func rule(of name: String) -> Rule {
        if let rule = table[name] { return rule }
        // Literal values in the table, in capitals or as alternatives: `TWN`, `U|N|A`, `0`.
        if name.utf8.allSatisfy({ !($0 &- 0x61 < 26) }) { return .keep(fixed(name), else: .token(.text)) }
        if name.hasSuffix("msnobj") { return .keep(.number(0), else: .object) }
        if name.contains("email"), !name.contains("=") || name.hasPrefix("N=") { return .replace(.account) }
        return .replace(.token(.text))
    }

    /// Exactly the table's literal values, case-sensitive.
    private static func fixed(_ name: String) -> HarmlessValues {
        let words = name.split(separator: "|").map { Array($0.utf8) }
        // Servers also send `G` (a gateway) where the table has only `U`.
        let all = name == "U" ? words + [[0x47]] : words
        return .value { value in all.contains { value.elementsEqual($0) } }
    }

    /// The largest file length that always stays; larger ones stay only if the recording has data of that length.
    static let shortLength: UInt64 = 99_999

    private static let table: [String: Rule] = {
        var table: [String: Rule] = [:]
        func add(_ rule: Rule, _ names: String...) { for name in names { table[name] = rule } }
        add(.keep(.count), "index", "total", "contacts", "groups", "minutes", "seconds-to-next")
        add(.keep(.port), "list-version", "settings-version")
        add(.keep(.number(99)), "type", "number", "reason-or-flag")
        add(.keep(.number(9)), "device")
        add(.keep(.count), "site-id")
        add(.keep(.number(shortLength)), "length")
        add(.keep(.number(shortLength), else: .size), "size")
        add(.keep(.flag), "verified", "restricted")
        add(.keep(.network), "network", "from-network", "to-network")
        add(.keep(.networkSum), "network-bits")
        add(.keep(.listSum), "list-bits")
        add(.keep(.number(999), else: .hex(.identifier)), "group-id", "group-id|group-guid", "group-id|guid")
        add(.keep(groups, else: .hex(.identifier)), "group-ids", "group-guids")
        add(.replace(.hex(.identifier)), "group-guid", "contact-guid", "C=contact-guid", "C=guid", "{machine-guid}")
        add(.keep(.transferEnd), "code")
        add(.replace(.token(.identifier)), "session-id", "challenge")
        add(.keep(.locale, else: .hex(.text)), "lcid")
        add(.keep(.capabilities, else: .capabilities), "caps", "caps:extcaps", "caps[:extcaps]")
        add(.keep(.state), "state")
        add(.keep(.listName), "list")
        add(.keep(.policy), "policy")
        add(.keep(.package), "package", "package,package", "package[,package...]")
        add(.keep(.service), "service")
        add(.keep(.reason), "reason")
        add(.keep(.property), "property")
        add(.keep(.codebase), "codebase", "library")
        add(.keep(.system), "os-type")
        add(.keep(.systemVersion), "os-ver")
        add(.keep(.processor), "arch")
        add(.keep(.version), "client-ver", "recommended-ver", "recommended-ver2", "minimum-ver")
        add(.keep(.dialect), "dialect")
        add(.keep(.products), "product-id")
        add(.keep(.list("Shields.xml")), "filename")
        add(.keep(.list("null")), "data|null")
        add(.replace(.name), "friendly", "F=friendly")
        // Yes, no, and counters; other property values may be personal.
        add(.keep(.list("0 1 2 Y N"), else: .text), "value")
        add(.replace(.text), "text", "param")
        add(.keep(.number(0), else: .address), "host", "host:port", "current-host:port")
        add(.replace(.token(.secret)), "cookie", "ticket", "auth-cookie", "salt", "params")
        add(.keep(.nothing, else: .hex(.secret)), "hex-digest|password")
        add(.replace(.base64(.secret)), "response-blob", "base64-ticket", "nonce-base64", "hop-base64")
        // Literal words of the table.
        for word in ["messenger.msn.com", "messenger.hotmail.com", "Hotmail"] {
            add(.keep(.list(word)), word)
        }
        return table
    }()

    private static let groups = HarmlessValues.value { value in
        value.split(separator: 0x2C, omittingEmptySubsequences: false).allSatisfy {
            HarmlessValues.number(999).holds($0)
        }
    }
}
