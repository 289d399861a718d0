// The contact list of MSNP13 and later: clients send it, in XML (commands.tsv).

import MSNP
import Payloads

extension MessengerService {
    /// The largest list in a command, in bytes (payload-rules.md, P6, has 7,500).
    private static let contactListLimit = 16_384

    /// Adds contacts (`ADL`), removes them (`RML`), or answers on which network they are (`FQY`).
    mutating func changeContactList(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        let payload = request.frame.payload
        let document = XML.document(payload)
        guard payload.count <= Self.contactListLimit, document.first("ml") != nil else {
            return refuse("241", trID, id)
        }
        let body = ContactListBody(document)
        let contacts = body.contacts.compactMap { contact in
            Request.account(contact.account).map { (account: $0, isOnList: contact.lists.contains(.init(rawValue: 1))) }
        }
        switch request.verb {
        case "FQY":
            let answer = XMLText.contactList(contacts.map(\.account), attributes: " t=\"1\"")
            send("FQY \(trID) \(answer.count)", payload: answer, to: id)
        case "RML":
            for contact in contacts where contact.isOnList { peers[id]?.contacts.remove(contact.account) }
            send("RML \(trID) OK", to: id)
        default:
            let new = Set(contacts.filter(\.isOnList).map(\.account)).subtracting(peer.contacts.union([peer.account]))
            guard peer.contacts.count + new.count <= Self.listLimit else { return send("210 \(trID)", to: id) }
            peers[id]?.contacts.formUnion(new)
            send("ADL \(trID) OK", to: id)
            for contact in new.sorted() {
                if peer.presence.state != "FLN" { sendInitialPresence(contact, trID, to: id) }
                announceAddition(of: contact, by: peer.account)
            }
        }
    }
}
