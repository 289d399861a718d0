// The contact lists of the sign-ins at one moment, for `contacts --at`.

internal import Analysis
import Archive
internal import ContactLists
internal import Events
internal import Output

/// Writes the contact list of each sign-in as of one moment.
struct ContactListAt {
    let moment: Timestamp
    let isJSON: Bool
    let width: Int?
    let zone: TimeZoneRules

    /// The contact list of a sign-in at the moment.
    func list(of signIn: SignInSummary, in source: Archive) throws -> ContactList {
        var reader = ContactListReader()
        guard let id = signIn.id else { return reader.list }
        try source.replay(id, .none) { event in
            guard event.time <= moment else { return false }
            reader.take(event)
            return true
        }
        var list = reader.list
        list.account = list.account ?? signIn.account
        return list
    }

    func append(_ list: ContactList, of signIn: SignInSummary, to bytes: inout [UInt8]) {
        guard !isJSON else {
            var object = JSONObject()
            object.add("event", "contact_list")
            object.add("id", signIn.id?.description)
            object.add("time", moment.rfc3339)
            object.add(list)
            bytes += object.bytes
            bytes.append(0x0A)
            return
        }
        let parts = [
            signIn.id?.description, moment.text(in: zone), list.account, list.name.map { "(\($0))" },
            list.stateName ?? "not online",
            list.isComplete ? nil : "list incomplete in the recording", list.isCut ? "cut" : nil,
        ]
        bytes.append(visible: parts.compactMap(\.self).joined(separator: "  "))
        bytes.append(0x0A)
        var table = TextTable([.left, .left, .left, .left, .left, .left, .left], width: width)
        for contact in list.sorted {
            table.append(
                [
                    " ", contact.account, contact.name ?? "", contact.stateName ?? "",
                    list.groupNames(of: contact).joined(separator: ", "),
                    contact.lists.readableNames.joined(separator: ", "), contact.message ?? "",
                ], to: &bytes)
        }
        table.finish(&bytes)
    }
}
