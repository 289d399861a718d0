// Parses contact lists: the XML payload of ADL, RML and FQY (MSNP13 and later; commands.tsv).

/// A parsed `<ml l="1"><d n="example.com"><c n="alice" l="3" t="1"/></d></ml>`.
package struct ContactListBody: Sendable, Hashable {
    /// `l="1"`: the first list after sign-in, complete or one part of it.
    package var isInitial: Bool
    package var contacts: [Contact]
    /// Whether contacts beyond the limit were left out.
    package var isCut: Bool

    package struct Contact: Sendable, Hashable {
        /// The e-mail address, or a phone number as `tel:+…`.
        package var account: String
        /// `l`: the lists that contain the contact, or that ADL adds it to or RML removes it from.
        package var lists: Lists
        /// `t`: the network's number; 1 is MSN.
        package var network: Int?
        /// `f`: the display name, sent when a stranger has added this account.
        package var name: String?
        /// `s`, MSNP21: the lists of each service.
        package var services: [Field]
        /// All other attributes.
        var rest: [Field] = []

        var fields: [Field] {
            var fields = FieldList()
            fields.add("account", account)
            if !lists.names.isEmpty { fields.add("lists", .list(lists.names.map { .text($0) })) }
            fields.add("network", network.map(Self.network))
            fields.add("name", name)
            if !services.isEmpty { fields.add("services", .fields(services)) }
            for field in rest { fields.add(field.name, field.value) }
            return fields.all
        }

        /// The name of a network by its number (p2p.md section 6); the number itself if it has no known name.
        static func network(_ number: Int) -> String {
            switch number {
            case 1: "msn"
            case 2: "ocs"
            case 4: "telephone"
            case 8: "mni"
            case 9: "circle"
            case 10: "temporary_group"
            case 11: "cid"
            case 13: "connect"
            case 14: "remote"
            case 16: "smtp"
            case 32: "yahoo"
            default: "\(number)"
            }
        }
    }

    /// The lists of a contact, as a bit set.
    package struct Lists: OptionSet, Sendable, Hashable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// The protocol's names of the lists; bits without a name are one hexadecimal number at the end.
        package var names: [String] {
            let known = ["FL", "AL", "BL", "RL", "PL"]
            let names = known.enumerated().filter { rawValue & 1 &<< $0.offset != 0 }.map(\.element)
            let rest = UInt(bitPattern: rawValue) & ~31
            return rest == 0 ? names : names + ["0x" + String(rest, radix: 16)]
        }
    }

    /// The maximum number of contacts read; real payloads have a few hundred.
    private static let most = 10_000

    /// Reads a parsed payload; whatever is missing in it is empty.
    package init(_ document: XML) {
        let root = document.first("ml")
        isInitial = root?[attribute: "l"] == "1"
        contacts = []
        isCut = false
        for domain in root?.children ?? [] {
            // Phone numbers are in `<t>`, which has no domain.
            let suffix = domain.isNamed("d") ? "@" + (domain[attribute: "n"] ?? "") : ""
            for element in domain.children where element.isNamed("c") {
                guard contacts.count < Self.most else {
                    isCut = true
                    return
                }
                contacts.append(Self.contact(element, suffix))
            }
        }
    }

    private static func contact(_ element: XML, _ suffix: String) -> Contact {
        var services = FieldList()
        for service in element.children where service.isNamed("s") {
            let lists = Lists(rawValue: service[attribute: "l"].flatMap { Int($0) } ?? 0)
            services.add(named: service[attribute: "n"] ?? "", .list(lists.names.map { .text($0) }))
        }
        var rest = FieldList()
        for attribute in element.attributes where !["n", "l", "t", "f"].contains(attribute.name.lowercased()) {
            PayloadMeaning.add(FieldList.snake(attribute.name), attribute.value, to: &rest)
        }
        return Contact(
            account: (element[attribute: "n"] ?? "") + suffix,
            lists: Lists(rawValue: element[attribute: "l"].flatMap { Int($0) } ?? 0),
            network: element[attribute: "t"].flatMap { Int($0) }, name: element[attribute: "f"],
            services: services.all, rest: rest.all)
    }

    /// The contacts as named fields.
    package var fields: [Field] {
        var fields = FieldList()
        if isInitial { fields.add("initial", .flag(true)) }
        fields.add("contacts", .list(contacts.map { .fields($0.fields) }))
        if isCut { fields.add("cut", .flag(true)) }
        return fields.all
    }
}
