// The JSON objects of a contact list.

internal import MSNP
package import Output
internal import Payloads

extension JSONObject {
    /// A contact.
    package init(_ contact: ContactList.Contact, in list: ContactList) {
        self.init()
        add("account", contact.account)
        add("name", contact.name)
        add("lists", contact.lists.readableNames)
        add("groups", list.groupNames(of: contact))
        add("status", contact.state)
        add("status_name", contact.stateName)
        add("message", contact.message)
    }

    /// Adds the keys of a whole list: account, state, groups and contacts.
    package mutating func add(_ list: ContactList) {
        add("account", list.account)
        add("name", list.name)
        add("status", list.state)
        add("status_name", list.stateName)
        add(
            "groups",
            list.groups.map { group in
                var object = JSONObject()
                object.add("id", group.id)
                object.add("name", group.name)
                return object
            })
        add("items", list.sorted.map { JSONObject($0, in: list) })
        add("complete", list.isComplete && !list.isCut)
    }
}

extension ContactList {
    /// The account's own state in words: `online`; nil if it is not online.
    package var stateName: String? { state.map { ValueName.ofState($0.utf8) ?? $0 } }
}

extension ContactList.Contact {
    /// The state in words: `online`, `be right back`; nil if offline or unknown.
    package var stateName: String? { state.map { ValueName.ofState($0.utf8) ?? $0 } }
}

extension ContactListBody.Lists {
    /// The names of the lists in words: `forward`, `allow`.
    package var readableNames: [String] { ValueName.ofLists(UInt64(rawValue & 31)) }
}
