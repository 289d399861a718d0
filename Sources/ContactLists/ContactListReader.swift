// Follows the commands of a notification connection that change the contact list.

package import Events
internal import MSNP
internal import Payloads

/// Follows the events of the notification connections of one sign-in; `list` is the list after the last event.
package struct ContactListReader: Sendable {
    /// The list as of the last event.
    package private(set) var list = ContactList()
    /// The contacts that the server announced in its answer to `SYN` and that have not arrived yet; nil without one.
    private var missing: Int?
    /// The contact in the last `LST`, to which properties without an account belong.
    private var lastListed: String?

    package init() {}

    /// Takes the next event. Those of other roles change nothing.
    package mutating func take(_ event: Event) {
        guard event.role == .notification else { return }
        if let account = event.signIn?.account { list.account = account }
        switch event.kind {
        case .frame(let frame, let side):
            guard
                let reading = event.annotation?.reading
                    ?? CommandReading(frame, from: side, role: event.role, dialect: event.dialect)
            else { return }
            let fields = CommandFields(frame, reading)
            if side == .server { takeServer(frame, fields, event) } else { takeClient(frame) }
        case .closed: signOut()
        default: break
        }
    }

    private mutating func takeServer(_ frame: Frame, _ fields: CommandFields, _ event: Event) {
        switch frame.verb {
        case "USR":
            guard fields["result"] == "OK" else { return }
            list.account = fields.account() ?? list.account
            if fields["friendly"] != nil { list.name = fields.decoded("friendly") }
        case "SYN": beginList(fields)
        case "LST": takeListed(fields)
        case "LSG": if fields["group_id"] ?? fields["group"] != nil { addGroup(fields) }
        case "ADD", "ADC": add(fields)
        case "REM": remove(fields)
        case "ADG": addGroup(fields)
        case "REG": renameGroup(fields)
        case "RMG": removeGroup(fields)
        case "REA": rename(fields.account(), fields.decoded("friendly"))
        case "SBP": if fields["property"] == "MFN" { rename(contact(fields["contact_guid"]), fields.decoded("value")) }
        case "PRP": if fields["property"] == "MFN" { list.name = fields.decoded("value") ?? list.name }
        case "CHG": list.state = fields["state"] == "FLN" ? nil : fields["state"]
        case "ILN", "NLN": takePresence(fields)
        case "FLN": if let account = fields.account() { change(account, isNew: false) { $0.state = nil } }
        case "UBX": takePersonalData(frame, fields)
        case "NFY": takeNotification(frame, fields)
        case "ADL", "RML": if !frame.payload.isEmpty { takeRoster(frame) }
        case "OUT": signOut()
        default: break
        }
    }

    /// Since MSNP13 the client sends its lists to the server.
    private mutating func takeClient(_ frame: Frame) {
        switch frame.verb {
        case "ADL", "RML": takeRoster(frame)
        case "OUT": signOut()
        default: break
        }
    }

    // MARK: - The list at sign-in

    /// `SYN t version [version] contacts groups`: the list follows; without counts, the client's copy is current.
    private mutating func beginList(_ fields: CommandFields) {
        guard let contacts = fields.number("contacts") else { return }
        list.contacts = [:]
        list.groups = []
        missing = contacts
        list.isComplete = contacts == 0
    }

    private mutating func takeListed(_ fields: CommandFields) {
        // To MSNP7: one list after the other, with the number of its entries, the reverse list last.
        if let code = fields["list"], let index = fields.number("index"), let total = fields.number("total") {
            let lists = ContactListBody.Lists(code: code) ?? []
            if index <= 1 { for account in list.contacts.keys { list.contacts[account]?.lists.subtract(lists) } }
            if lists.rawValue == 8, index == total { list.isComplete = true }
            guard let account = fields.account() else { return }
            change(account) { contact in
                contact.lists.formUnion(lists)
                contact.name = fields.decoded("friendly") ?? contact.name
                if lists.contains(.forward) { contact.groups = fields.list("group_ids") }
            }
            lastListed = account
            return
        }
        guard let account = fields.account() else { return }
        change(account) { contact in
            contact.lists = ContactListBody.Lists(rawValue: fields.number("lists") ?? 0)
            contact.name = fields.decoded("friendly") ?? contact.name
            contact.identifier = fields["contact_guid"] ?? contact.identifier
            contact.groups = fields.list("group_ids") + fields.list("group_guids")
        }
        lastListed = account
        if let rest = missing {
            missing = rest - 1
            if rest <= 1 { list.isComplete = true }
        }
    }

    /// `<ml l="1">…`: the client's list at sign-in, or a change of it.
    private mutating func takeRoster(_ frame: Frame) {
        guard case .roster(let roster)? = Payload(frame) else { return }
        if frame.verb == "ADL", roster.isInitial { list.isComplete = true }
        if roster.isCut { list.isCut = true }
        for entry in roster.contacts {
            var lists = entry.lists
            // MSNP21 has the lists of each service instead.
            for service in entry.services {
                guard case .list(let codes) = service.value else { continue }
                for case .text(let code) in codes { lists.formUnion(ContactListBody.Lists(code: code) ?? []) }
            }
            change(entry.account.lowercased(), isNew: frame.verb == "ADL") { contact in
                if frame.verb == "ADL" { contact.lists.formUnion(lists) } else { contact.lists.subtract(lists) }
                contact.name = entry.name ?? contact.name
            }
        }
    }

    // MARK: - Changes

    private mutating func add(_ fields: CommandFields) {
        let lists = fields["list"].flatMap { ContactListBody.Lists(code: $0) } ?? []
        guard let account = fields.account() ?? contact(fields["guid"]) else { return }
        change(account) { contact in
            contact.lists.formUnion(lists)
            contact.name = fields.decoded("friendly") ?? contact.name
            contact.identifier = fields["guid"] ?? contact.identifier
            if let group = fields["group_id"] ?? fields["group_guid"], !contact.groups.contains(group),
                contact.groups.count < ContactList.mostGroups
            {
                contact.groups.append(group)
            }
        }
    }

    private mutating func remove(_ fields: CommandFields) {
        let lists = fields["list"].flatMap { ContactListBody.Lists(code: $0) } ?? []
        guard let account = fields.account() ?? fields.account("contact") ?? contact(fields["contact"]) else { return }
        change(account, isNew: false) { contact in
            if let group = fields["group_id"] ?? fields["group_guid"] {
                contact.groups.removeAll { $0 == group }
                // To MSNP9, a contact that leaves its last group leaves the list. Later the contact stays.
                guard fields["group_id"] != nil, contact.groups.isEmpty else { return }
            }
            contact.lists.subtract(lists)
            if lists.contains(.forward) { contact.groups = [] }
        }
    }

    private mutating func rename(_ account: String?, _ name: String?) {
        guard let account, let name else { return }
        if account == list.account { list.name = name }
        change(account, isNew: false) { $0.name = name }
    }

    private mutating func addGroup(_ fields: CommandFields) {
        guard let id = fields["group_id"] ?? fields["group_guid"] ?? fields["group"] else { return }
        let name = fields.decoded("friendly") ?? ""
        if let index = list.groups.firstIndex(where: { $0.id == id }) {
            list.groups[index].name = name
        } else if list.groups.count < ContactList.mostGroups {
            list.groups.append(ContactList.Group(id: id, name: name))
        } else {
            list.isCut = true
        }
    }

    private mutating func renameGroup(_ fields: CommandFields) {
        guard let id = fields["group_id"] ?? fields["group_guid"], let name = fields.decoded("friendly"),
            let index = list.groups.firstIndex(where: { $0.id == id })
        else { return }
        list.groups[index].name = name
    }

    private mutating func removeGroup(_ fields: CommandFields) {
        guard let id = fields["group_id"] ?? fields["group_guid"] else { return }
        list.groups.removeAll { $0.id == id }
        for account in list.contacts.keys { list.contacts[account]?.groups.removeAll { $0 == id } }
    }

    // MARK: - Presence

    private mutating func takePresence(_ fields: CommandFields) {
        guard let account = fields.account(), let state = fields["state"] else { return }
        guard account != list.account else {
            // Since MSNP16 the server also sends the state of the account itself.
            list.state = state
            list.name = fields.decoded("friendly") ?? list.name
            return
        }
        change(account) { contact in
            contact.state = state == "FLN" ? nil : state
            contact.name = fields.decoded("friendly") ?? contact.name
        }
    }

    private mutating func takePersonalData(_ frame: Frame, _ fields: CommandFields) {
        guard let account = fields.account(), account != list.account else { return }
        var message: String?
        if case .personal(let data)? = Payload(frame) { message = data.message }
        change(account, isNew: false) { contact in
            contact.message = message.flatMap { $0.isEmpty ? nil : ContactListReader.cut($0) }
        }
    }

    /// `NFY PUT`, MSNP21: the state of an account as XML.
    private mutating func takeNotification(_ frame: Frame, _ fields: CommandFields) {
        guard fields["action"] == "PUT", case .envelope(let envelope)? = Payload(frame),
            let account = envelope.from?.account, !account.isEmpty,
            let user = envelope.xml?.first("user") ?? envelope.xml
        else { return }
        let services = user.children.filter { $0.isNamed("s") }
        let state = services.lazy.compactMap { $0.text(of: "Status") }.first
        let name = services.lazy.compactMap { $0.text(of: "FriendlyName") }.first
        let message = services.lazy.compactMap { $0.text(of: "PSM") }.first
        guard account != list.account else {
            list.state = state ?? list.state
            list.name = name ?? list.name
            return
        }
        change(account, isNew: state != nil) { contact in
            if let state { contact.state = state == "FLN" ? nil : state }
            contact.name = name.map(Self.cut) ?? contact.name
            if let message { contact.message = message.isEmpty ? nil : Self.cut(message) }
        }
    }

    /// After the sign-out, the states of all others are unknown.
    private mutating func signOut() {
        list.state = nil
        for account in list.contacts.keys { list.contacts[account]?.state = nil }
    }

    // MARK: - Contacts

    /// Changes a contact.
    ///
    /// - Parameter isNew: whether it is added if it is not there.
    private mutating func change(_ account: String, isNew: Bool = true, _ change: (inout ContactList.Contact) -> Void) {
        guard account.utf8.count <= 512 else { return }
        if list.contacts[account] == nil {
            guard isNew else { return }
            guard list.contacts.count < ContactList.mostContacts else {
                list.isCut = true
                return
            }
        }
        change(&list.contacts[account, default: ContactList.Contact(account: account)])
    }

    /// The account of the contact with an identifier (MSNP10 to 12).
    private func contact(_ identifier: String?) -> String? {
        guard let identifier else { return nil }
        return list.contacts.values.first { $0.identifier == identifier }?.account
    }

    private static func cut(_ text: String) -> String {
        String(decoding: text.utf8.prefix(ContactList.longestText), as: UTF8.self)
    }
}
