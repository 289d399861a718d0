// The redaction rules for MSN's XML: known element and attribute names, and the values that may stay in each.

/// Rules for attributes and for the contents of elements.
enum XMLRules {
    /// The rule for an attribute; nil if its values are always replaced.
    static func rule(of name: String, in element: String) -> Rule? {
        switch (element, name) {
        case ("s", "n"), ("sep", "n"): .keep(services, else: .text)
        case ("text", "xml:space"): .keep(.list("preserve default"), else: .text)
        default: attributeRules[name]
        }
    }

    private static let attributeRules: [String: Rule] = {
        var table: [String: Rule] = [:]
        func add(_ rule: Rule, _ names: String...) { for name in names { table[name] = rule } }
        add(.replace(.account), "creator")
        add(.replace(.base64(.identifier)), "friendly", "sha1c")
        add(.replace(.digest), "sha1d")
        add(.keep(.listSum), "l")
        add(.keep(.network), "t")
        add(.keep(.number(ArgumentRules.shortLength), else: .size), "size")
        add(.keep(.number(99)), "type", "pri", "flags")
        add(.keep(.list("1 2 1.0 2.0")), "ver", "version")
        add(.keep(.localeNumber), "lang", "lcid")
        add(.keep(.list("SNM SAM"), else: .text), "opcode")
        add(.keep(.count), "maj", "min", "minbld", "maxbld")
        add(.keep(.list("utf-8 utf-16"), else: .text), "enc", "encoding")
        return table
    }()

    /// Rules for the contents of elements. The contents of all other elements are replaced.
    static let contents: [String: Rule] = {
        var table: [String: Rule] = [:]
        func add(_ rule: Rule, _ names: String...) { for name in names { table[name] = rule } }
        add(.keep(.state, else: .text), "state")
        add(.keep(.clientType, else: .text), "clienttype")
        add(.keep(.capabilities, else: .capabilities), "capabilities", "capability")
        add(.keep(.yesOrNo, else: .text), "idle")
        // Counts of mail by kind.
        add(.keep(.count, else: .text), "e", "i", "iu", "o", "ou", "q", "qtm", "qnm", "s", "sz", "t", "mfs")
        add(.keep(.mailTime, else: .text), "rt")
        add(.keep(.list(".!!OIM"), else: .text), "f")
        return table
    }()

    static let mediaKinds = HarmlessValues.list("Music Games Office")
    private static let services = HarmlessValues.list("IM PE PD PL PF SN PS")

    /// Known element names. Unknown names might be personal text.
    static let elements = words(
        """
        action annotation annotations app apps bdy block body c capabilities capability cat cid circle cli clienttype \
        colorscheme config contact currentmedia d data ddp dom e endpoint endpointdata epname f from friendlyname i id idle \
        iu l locations m machineguid md mfs ml mobile msg msnobj n name notification nt o ou p policies policy presence \
        privateendpointdata props psm q qnm qtm recipient resolve rnt roster rs rt s scene sep shield shields \
        signaturesound sn snm state status su subscr sz t text to tx user userlocation usertilelocation value via viewer
        """)
    static let attributes = words(
        """
        act agent avatarid bdr c checksum contentid contenttype creator deny email enc encoding epid f flags friendly \
        friendlyname id l lang lcid location machineguid maj maxbld member min minbld n name nid opcode pid pri role service \
        sha1c sha1d siteid siteurl size src stamp t type uri url ver version via xml:space xmlns
        """)

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }
}
