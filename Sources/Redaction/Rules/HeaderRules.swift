// The redaction rules for header fields by name. Values of unknown fields are replaced.

internal import MSNP

/// Rules for header fields of MIME, invitations, MSNSLP and MSNP21's blocks.
enum HeaderRules {
    /// The rule for a lowercase name.
    static func rule(of name: String) -> Rule { table[name] ?? .replace(.text) }

    /// Whether a known name starts with these bytes.
    static func mayBegin(_ part: ByteSlice) -> Bool {
        let start = String(decoding: part, as: UTF8.self).lowercased()
        return table.keys.contains { $0.hasPrefix(start) }
    }

    /// Whether MSN's own programs use this name.
    static func isKnown(_ name: String) -> Bool { table[name] != nil }

    /// All known names.
    static let names = table.keys.sorted()

    private static let table: [String: Rule] = {
        var table: [String: Rule] = [:]
        func add(_ rule: Rule, _ names: String) {
            for name in names.split(whereSeparator: \.isWhitespace) { table[String(name)] = rule }
        }
        // MIME
        add(.keep(.list("1.0")), "mime-version")
        add(.keep(.words(HarmlessValues.mediaTypes), else: .text), "content-type")
        add(.keep(.list("7bit 8bit binary base64 quoted-printable"), else: .text), "content-transfer-encoding")
        add(.keep(.port), "content-length")
        add(.keep(.number(999)), "chunks chunk")
        add(.replace(.text), "x-mms-im-format")
        add(.keep(.number(99)), "id type kid")
        add(.keep(.count), "arg1 message-delta inbox-unread folders-unread")
        add(.keep(.list("Y N S")), "chat-logging")
        // Profiles
        add(.keep(.flag), "emailenabled touneeded abchmigrated mpopenabled")
        add(.keep(.localeNumber), "lang_preference")
        add(.keep(.words(["ack"])), "flags")
        // Invitations
        add(.keep(.list("INVITE ACCEPT CANCEL")), "invitation-command")
        add(.keep(.list("SM1")), "session-protocol")
        add(.keep(.yesOrNo), "launch-application sender-connect")
        add(.keep(.list("Y N")), "connectivity")
        add(
            .keep(.list("REJECT REJECT_NOT_INSTALLED TIMEOUT FTTIMEOUT FAIL OUTBANDCANCEL")), "cancel-code")
        add(.keep(.number(ArgumentRules.shortLength), else: .size), "application-filesize")
        add(.keep(.port), "port portx portx-internal clientport ipv4external-port ipv4internal-port")
        add(.keep(backwardsPort), "trop-lanretni4vpi trop-lanretxe4vpi troplanretni4vpi troplanretxe4vpi")
        // MSNSLP
        add(.keep(.number(99)), "cseq max-forwards requestflags schannelstate capabilities-flags")
        add(.replace(.session), "sessionid")
        add(.keep(.number(999)), "appid")
        add(.keep(.purpose, else: .hex(.identifier)), "euf-guid application-guid")
        add(.keep(.all(of: "TRUDPv1 TCPv1 SBBridge TURNv1 UDPv1"), else: .text), "bridges bridge")
        add(.keep(.yesOrNo), "listening upnpnat icf")
        add(
            .keep(
                .list(
                    """
                    Direct-Connect Port-Restrict-NAT Restrict-NAT IP-Restrict-NAT Symmetric-NAT Unknown-Connect Unknown-NAT \
                    Firewall
                    """), else: .text), "conn-type tcp-conn-type")
        add(
            .keep(
                .list(
                    """
                    WLX-Nat-Trav-Msg-Direct-Connect-Req WLX-Nat-Trav-Msg-Direct-Connect-Resp \
                    WLX-Nat-Trav-Msg-Updated-Connecting-Port
                    """), else: .text), "nat-trav-msg-type")
        // MSNP21
        add(.keep(.list("1.0 2.0")), "routing reliability messaging notification publication")
        add(.keep(.messageType, else: .text), "message-type")
        add(.keep(.list("IM/Online IM/Offline IM/Mobile PD"), else: .text), "service-channel")
        add(.keep(.count), "stream segment pipe")
        add(.keep(.list("/user /circle"), else: .text), "uri")
        // Personal data
        add(
            .replace(.account),
            "typinguser recordinguser p2p-dest p2p-src preferredemail to from reply-to from-addr dest-addr via-account")
        add(.replace(.name), "p4-context nickname im-display-name")
        add(.replace(.hex(.identifier)), "message-id call-id session-id x-oim-run-id guid machineguid epid")
        add(.replace(.nonce), "nonce hashed-nonce")
        add(
            .replace(.token(.secret)),
            """
            mspauth sid kv authcookie cookie set-cookie authorization proxy-authorization sessionpassword sessionusername \
            invitation-cookie
            """)
        add(
            .replace(.token(.text)),
            """
            memberidhigh memberidlow age birthday bdaypre postalcode country gender wallet netid logintime \
            inbox-url folders-url post-url message-url original-message-id bridging-offsets
            """)
        add(
            .replace(.addresses),
            """
            clientip ip-address ip-address-internal ipv4external-addrs ipv4internal-addrs ipv6-global \
            ipv4internaladdrsandports ipv4externaladdrsandports ipv6addrsandports serveraddress roster
            """)
        add(.replace(.base64(.address)), "ip-address-enc64")
        add(
            .replace(.reversedAddresses),
            "srdda-lanretni4vpi srdda-lanretxe4vpi stropdnasrddalanretni4vpi stropdnasrddalanretxe4vpi")
        add(.replace(.context), "context")
        add(
            .replace(.text),
            """
            application-name application-file src-folder dest-folder subject data mail-data client-name request-data via path \
            body-type folder-name dest
            """)
        return table
    }()

    private static let backwardsPort = HarmlessValues.value { HarmlessValues.port.holds(ByteSlice($0.reversed())) }
}
