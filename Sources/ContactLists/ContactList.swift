// The contact list of an account at one moment: who is on it, in which groups, with which state and name.

package import Payloads

/// A contact list, as the commands of a notification connection show it.
package struct ContactList: Sendable, Hashable {
    /// The account that has the list; nil until a command names it.
    package var account: String?
    /// The account's own display name; nil if unknown.
    package var name: String?
    /// The account's own state, such as `NLN`; nil before the account set one, and after it has signed out.
    package var state: String?
    /// The groups, in the order in which the server sent them.
    package var groups: [Group] = []
    /// The contacts, by account.
    package var contacts: [String: Contact] = [:]
    /// Whether the whole list was sent on the recorded connections. It is not if the client had a copy of it, or fetched
    /// it from the address book service, as clients do since MSNP13: then contacts may have no names and no groups.
    package var isComplete = false
    /// Whether contacts or groups were left out, because there were more than the limits.
    package var isCut = false

    /// The maximum number of contacts. Servers allowed 150 at first, and 1,000 later.
    package static let mostContacts = 20_000
    /// The maximum number of groups; servers allowed 30.
    package static let mostGroups = 1_000
    /// The maximum length of a name or personal message in bytes; longer ones are cut.
    package static let longestText = 2_048

    /// A group of contacts.
    package struct Group: Sendable, Hashable {
        /// A number, or a GUID since MSNP10.
        package var id: String
        package var name: String
    }

    /// A contact.
    package struct Contact: Sendable, Hashable {
        /// The account, in lower case.
        package var account: String
        /// The display name; nil if unknown.
        package var name: String?
        /// The lists with the contact.
        package var lists: ContactListBody.Lists = []
        /// The identifiers of the contact's groups, in order.
        package var groups: [String] = []
        /// The identifier of the contact (MSNP10 to 12).
        package var identifier: String?
        /// The state, such as `NLN`; nil if the contact is offline or its state unknown.
        package var state: String?
        /// The personal message; nil if there is none.
        package var message: String?
    }

    package init() {}

    /// The contacts in the order of their accounts.
    package var sorted: [Contact] { contacts.values.sorted { $0.account < $1.account } }

    /// The names of a contact's groups.
    package func groupNames(of contact: Contact) -> [String] {
        contact.groups.map { id in groups.first { $0.id == id }?.name ?? id }
    }
}

extension ContactListBody.Lists {
    /// The forward list: the people whom the account has added.
    package static let forward = ContactListBody.Lists(rawValue: 1)

    /// The list with a short name: `FL`, `AL`, `BL`, `RL`, `PL`.
    init?(code: String) {
        guard let place = ["FL", "AL", "BL", "RL", "PL"].firstIndex(of: code.uppercased()) else { return nil }
        self.init(rawValue: 1 &<< place)
    }
}
