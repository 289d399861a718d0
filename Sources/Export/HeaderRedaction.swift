// `Name: value` lines: what each is worth. Names that are not in the list have their values replaced.

internal import MSNP

/// What is done with the values of headers, in MIME, invitations, MSNSLP and MSNP21's blocks.
enum HeaderRules {
    /// The treatment for a name in small letters.
    static func treatment(of name: String) -> Treatment { table[name] ?? .text }

    /// Whether these first bytes of a line could become a name that is known.
    static func mayBegin(_ part: ArraySlice<UInt8>) -> Bool {
        let start = String(decoding: part, as: UTF8.self).lowercased()
        return table.keys.contains { $0.hasPrefix(start) }
    }

    /// Whether MSN's own programs say this name.
    static func isKnown(_ name: String) -> Bool { table[name] != nil }

    /// Those of the kept ones that only ever hold numbers: words in them are somebody's.
    static let numeric = Set(
        """
        mime-version content-length chunks chunk id arg1 application-filesize logintime flags kid emailenabled stream \
        segment bridging-offsets cseq max-forwards sessionid appid requestflags schannelstate capabilities-flags \
        message-delta inbox-unread folders-unread touneeded abchmigrated mpopenabled routing reliability messaging \
        notification publication
        """.split(separator: " ").map(String.init))

    private static let table: [String: Treatment] = {
        var table: [String: Treatment] = [:]
        func add(_ treatment: Treatment, _ names: String) {
            for name in names.split(separator: " ") { table[String(name)] = treatment }
        }
        add(
            .keep,
            """
            mime-version content-type content-transfer-encoding content-length x-mms-im-format chunks chunk id type arg1 \
            invitation-command session-protocol launch-application connectivity cancel-code application-filesize \
            sender-connect chat-logging emailenabled lang_preference kid flags touneeded abchmigrated mpopenabled logintime \
            message-type service-channel stream segment pipe bridging-offsets cseq max-forwards sessionid appid \
            requestflags schannelstate capabilities-flags bridges bridge listening conn-type tcp-conn-type upnpnat icf \
            nat-trav-msg-type message-delta inbox-unread folders-unread euf-guid application-guid routing reliability \
            messaging notification publication
            """)
        add(
            .account,
            "typinguser recordinguser p2p-dest p2p-src preferredemail to from reply-to from-addr dest-addr via-account"
        )
        add(.name, "p4-context nickname im-display-name")
        add(.hex(.identifier), "message-id call-id session-id x-oim-run-id guid machineguid epid")
        add(.hex(.secret), "nonce hashed-nonce")
        add(
            .token(.secret),
            """
            mspauth sid kv authcookie cookie set-cookie authorization proxy-authorization sessionpassword sessionusername \
            invitation-cookie
            """)
        add(
            .token(.text),
            """
            memberidhigh memberidlow age birthday bdaypre postalcode country gender wallet port portx portx-internal \
            clientport netid ipv4external-port ipv4internal-port troplanretni4vpi trop-lanretni4vpi trop-lanretxe4vpi \
            inbox-url folders-url post-url message-url original-message-id
            """)
        add(
            .addresses,
            """
            clientip ip-address ip-address-internal ipv4external-addrs ipv4internal-addrs ipv6-global \
            ipv4internaladdrsandports ipv4externaladdrsandports ipv6addrsandports serveraddress roster
            """)
        add(.base64(.address), "ip-address-enc64")
        add(
            .backwards,
            """
            srdda-lanretni4vpi srdda-lanretxe4vpi stropdnasrddalanretni4vpi stropdnasrddalanretxe4vpi
            """)
        add(.context, "context")
        add(
            .text,
            """
            application-name application-file src-folder dest-folder subject data mail-data client-name request-data via path body-type \
            folder-name uri dest
            """)
        return table
    }()
}

extension Draft {
    /// Treats header lines up to the first empty one.
    ///
    /// - Returns: where what follows begins.
    mutating func headers(_ range: Range<Int>) -> Int {
        var start = range.lowerBound
        while start < range.upperBound {
            let line = line(from: start, to: range.upperBound)
            start = behind(line, range.upperBound)
            if line.isEmpty { return start }
            header(line)
        }
        return range.upperBound
    }

    /// Treats all of these lines, whether or not empty ones stand between.
    mutating func allHeaders(_ range: Range<Int>) {
        var start = range.lowerBound
        while start < range.upperBound { start = headers(start..<range.upperBound) }
    }

    /// Treats one line; one without a name is text.
    mutating func header(_ line: Range<Int>) {
        guard let colon = bytes[line].firstIndex(of: 0x3A), colon - line.lowerBound <= 48,
            bytes[line.lowerBound..<colon].allSatisfy({ $0.isLetter || $0.isDigit || $0 == 0x2D || $0 == 0x5F })
        else { return treat(line, .text) }
        let value =
            (bytes[(colon + 1)..<line.upperBound].firstIndex { $0 != 0x20 } ?? line.upperBound)..<line.upperBound
        let name = line.lowerBound..<colon
        self.value(value, of: lowered(name))
        // A name that is nobody's might be somebody's words.
        if !HeaderRules.isKnown(lowered(name)) { put(placeholders.letters(bytes[name]), at: name, .text) }
    }

    private mutating func value(_ range: Range<Int>, of name: String) {
        guard !range.isEmpty else { return }
        switch HeaderRules.treatment(of: name) {
        case .keep where name == "x-mms-im-format": format(range)
        case .keep where name == "euf-guid" || name == "application-guid":
            let guid = lowered(range).filter { $0 != "{" && $0 != "}" }
            if !Self.knownPurposes.contains(guid) { treat(range, .hex(.identifier)) }
        case .keep:
            let isKept = HeaderRules.numeric.contains(name) ? isNumeric(range) : isHarmless(range)
            if !isKept { treat(range, .text) }
        case .account: accounts(range)
        case .text where bytes[range].first == 0x3C && bytes[range].last == 0x3E: xml(range)
        case .text where name == "via": via(range)
        case .text where name == "uri" && (holds(range, "/user") || holds(range, "/circle")): return
        case .name: treatEncoded(range, .name)
        case let treatment: treat(range, treatment)
        }
    }

    /// `anna@example.com`, `<msnmsgr:anna@example.com;{guid}>`, `"Anna" <anna@example.com>`.
    private mutating func accounts(_ range: Range<Int>) {
        guard let open = bytes[range].lastIndex(of: 0x3C),
            let close = bytes[open..<range.upperBound].firstIndex(of: 0x3E)
        else {
            return bytes[range].contains(0x20) ? treat(range, .text) : treat(range, .account)
        }
        treat(range.lowerBound..<open, .text)
        let scheme = bytes[open..<close].firstIndex(of: 0x3A).map { $0 + 1 }
        treat((scheme.map { holds(open + 1..<$0, "msnmsgr:") ? $0 : open + 1 } ?? open + 1)..<close, .account)
        treat(close + 1..<range.upperBound, .text)
    }

    /// `MSNSLP/1.0/TLP ;branch={guid}`, or the address of an endpoint.
    private mutating func via(_ range: Range<Int>) {
        if bytes[range].starts(with: "MSNSLP/1.0/TLP".utf8), let guid = bytes[range].firstIndex(of: 0x7B) {
            treat(guid..<range.upperBound, .hex(.identifier))
        } else {
            treat(range, bytes[range].contains(0x20) ? .text : .account)
        }
    }

    /// The look of a text. A font that everybody has says nothing of who uses it.
    private mutating func format(_ range: Range<Int>) {
        for part in parts(of: range, at: [0x3B]) {
            guard let equals = bytes[part].firstIndex(of: 0x3D) else {
                treat(part, .text)
                continue
            }
            let value = equals + 1..<part.upperBound
            let text = String(decoding: PercentEncoding.decode(bytes[value]), as: UTF8.self).lowercased()
            // Effects, colours and the like are six characters at most; fonts are called by names.
            let isFont = bytes[part.lowerBound..<equals].contains { $0 | 0x20 == 0x6E }
            let isHarmless =
                isFont
                ? Self.commonFonts.contains(text)
                : value.count <= 6 && bytes[value].allSatisfy { $0.isDigit || $0.isLetter }
            if !isHarmless { treatEncoded(value, .name) }
        }
    }

    /// Whether a value is numbers and what stands between them.
    private func isNumeric(_ range: Range<Int>) -> Bool {
        bytes[range].allSatisfy { $0.isDigit || Self.numericSigns.contains($0) }
    }

    private static let numericSigns = Set(" .,:;-+".utf8)

    /// Whether a value that is usually harmless looks like it: words, numbers and their signs, nobody's account, and no
    /// digits enough for a telephone number but a session's.
    func isHarmless(_ range: Range<Int>) -> Bool {
        bytes[range].count <= 128
            && bytes[range].allSatisfy { $0.isLetter || $0.isDigit || Self.harmlessSigns.contains($0) }
    }

    func line(from start: Int, to limit: Int) -> Range<Int> {
        let end = bytes[start..<limit].firstIndex(of: 0x0A) ?? limit
        return start..<(end > start && bytes[end - 1] == 0x0D ? end - 1 : end)
    }

    func behind(_ line: Range<Int>, _ limit: Int) -> Int {
        var next = line.upperBound
        if next < limit, bytes[next] == 0x0D { next += 1 }
        if next < limit, bytes[next] == 0x0A { next += 1 }
        return next
    }

    private static let harmlessSigns = Set(" ./-+;=,_:".utf8)
    private static let commonFonts: Set<String> = [
        "arial", "comic sans ms", "courier new", "georgia", "lucida console", "microsoft sans serif", "ms sans serif",
        "ms shell dlg", "ms shell dlg 2", "segoe ui", "sans serif", "simsun", "tahoma", "times new roman",
        "trebuchet ms",
        "verdana",
    ]
    /// What a peer-to-peer invitation is for (p2p.md section 4).
    private static let knownPurposes: Set<String> = [
        "a4268eec-fec5-49e5-95c3-f126696bdbf6", "5d3e02ab-6190-11d3-bbbb-00c04f795683",
        "4bd96fc0-ab17-4425-a14a-439185962dc8", "1c9aa97e-9c05-4583-a3bd-908a196f1e92",
        "41d3e74e-04a2-4b37-96f8-08acdb610874", "6a13af9c-5308-4f35-923a-67e8dda40c2f",
    ]
}
