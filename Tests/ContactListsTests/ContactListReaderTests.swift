// The contact list that commands of all dialects leave behind.

import ContactLists
import EventSamples
import Events
import Foundation
import MSNP
import Output
import Payloads
import Testing

@Suite struct ContactListReaderTests {
    /// Takes command lines; `> ` marks those of the client.
    private func reader(_ dialect: UInt8, _ lines: String...) throws -> ContactListReader {
        var reader = ContactListReader()
        for line in lines {
            let isClient = line.hasPrefix("> ")
            let parts = (isClient ? line.dropFirst(2) : line[...]).split(separator: "\n", maxSplits: 1)
            let payload = parts.count > 1 ? String(parts[1]) : ""
            let command = parts[0].replacing("#", with: "\(payload.utf8.count)")
            reader.take(
                try Sample.frame(
                    "\(command)\r\n\(payload)", isClient ? .client : .server, dialect: Dialect(dialect),
                    signIn: SignIn(number: 1, account: "alice@example.com")))
        }
        return reader
    }

    private func text(_ list: ContactList) -> [String] {
        list.sorted.map { contact in
            let parts = [
                contact.account, contact.name ?? "-", contact.lists.names.joined(separator: ","),
                list.groupNames(of: contact).joined(separator: ","), contact.state ?? "-",
            ]
            return parts.joined(separator: " ")
        }
    }

    @Test func oneListAfterTheOtherToMSNP7() throws {
        let reader = try reader(
            7, "USR 4 OK alice@example.com Alice%20A 1", "SYN 5 12", "LSG 5 12 1 2 0 Friends 0",
            "LSG 5 12 2 2 1 Work 0",
            "LST 5 FL 12 1 2 anna@example.com Anna 0,1", "LST 5 FL 12 2 2 ben@example.org Ben%20B 1",
            "LST 5 AL 12 1 1 anna@example.com Anna", "LST 5 BL 12 0 0", "LST 5 RL 12 1 1 carl@example.net Carl",
            "ILN 6 BSY anna@example.com Anna%21")
        #expect(
            text(reader.list) == [
                "anna@example.com Anna! FL,AL Friends,Work BSY", "ben@example.org Ben B FL Work -",
                "carl@example.net Carl RL  -",
            ])
        #expect(reader.list.isComplete && reader.list.name == "Alice A" && reader.list.account == "alice@example.com")
    }

    @Test func oneLineForEachContactInMSNP8() throws {
        let lines = [
            "SYN 5 12 2 1", "LSG 0 Other%20Contacts 0", "LST anna@example.com Anna 11 0",
        ]
        #expect(try reader(8, lines[0], lines[1], lines[2]).list.isComplete == false)
        let reader = try reader(
            8, lines[0], lines[1], lines[2], "LST ben@example.org Ben 4", "NLN AWY anna@example.com Anna 0",
            "> CHG 7 NLN 0", "CHG 7 NLN 0")
        #expect(
            text(reader.list) == ["anna@example.com Anna FL,AL,RL Other Contacts AWY", "ben@example.org Ben BL  -"])
        #expect(reader.list.isComplete && reader.list.state == "NLN")
    }

    @Test func identifiersAndGroupsSinceMSNP10() throws {
        let reader = try reader(
            12, "SYN 8 a b 2 1", "LSG Friends g-1", "LST N=anna@example.com F=Anna C=c-1 3 1 g-1",
            "LST N=ben@example.org F=Ben 8 1", "ADC 9 FL N=carl@example.net F=Carl C=c-2", "ADC 10 FL C=c-2 g-1",
            "SBP 11 c-1 MFN Annie", "ADG 12 Work g-2", "ADC 13 FL C=c-1 g-2", "REG 14 g-2 Job", "REM 15 FL c-1 g-1",
            "PRP 16 MFN Alice")
        #expect(
            text(reader.list) == [
                "anna@example.com Annie FL,AL Job -", "ben@example.org Ben RL  -", "carl@example.net Carl FL Friends -",
            ])
        #expect(reader.list.name == "Alice")
        let removed = try self.reader(
            12, "SYN 8 a b 1 1", "LSG Friends g-1", "LST N=anna@example.com F=Anna C=c-1 3 1 g-1", "REM 9 FL c-1",
            "RMG 10 g-1")
        #expect(text(removed.list) == ["anna@example.com Anna AL  -"] && removed.list.groups.isEmpty)
    }

    @Test func changesToMSNP9() throws {
        let reader = try reader(
            8, "SYN 5 12 1 2", "LSG 0 Friends 0", "LSG 3 Work 0", "LST anna@example.com Anna 3 0,3",
            "REM 6 FL 13 anna@example.com 0", "REA 7 14 anna@example.com Annie", "ADD 0 RL 15 dave@example.com Dave",
            "ADD 8 FL 16 dave@example.com Dave 3", "REG 9 17 3 Job 0", "REM 10 AL 18 anna@example.com")
        #expect(text(reader.list) == ["anna@example.com Annie FL Job -", "dave@example.com Dave FL,RL Job -"])
        let gone = try self.reader(
            8, "SYN 5 12 1 1", "LSG 0 Friends 0", "LST anna@example.com Anna 1 0", "REM 6 FL 13 anna@example.com 0")
        #expect(text(gone.list) == ["anna@example.com Anna   -"])
    }

    @Test func theClientSendsItsListSinceMSNP13() throws {
        let reader = try reader(
            15,
            "> ADL 5 #\n<ml l=\"1\"><d n=\"example.com\"><c n=\"Anna\" l=\"3\" t=\"1\"/><c n=\"ben\" l=\"2\" t=\"1\"/></d></ml>",
            "ADL 5 OK", "> RML 6 #\n<ml><d n=\"example.com\"><c n=\"ben\" l=\"2\" t=\"1\"/></d></ml>",
            "ADL 0 #\n<ml><d n=\"example.net\"><c n=\"carl\" t=\"1\" l=\"8\" f=\"Carl\"/></d></ml>",
            "ILN 7 IDL anna@example.com 1 Anna 0",
            "UBX anna@example.com 1 #\n<Data><PSM>at the lake</PSM><CurrentMedia></CurrentMedia></Data>")
        #expect(
            text(reader.list) == [
                "anna@example.com Anna FL,AL  IDL", "ben@example.com -   -", "carl@example.net Carl RL  -",
            ])
        #expect(reader.list.isComplete && reader.list.contacts["anna@example.com"]?.message == "at the lake")
    }

    @Test func addressesWithNetworksSinceMSNP18() throws {
        let reader = try reader(
            18, "NLN BSY 1:anna@example.com Anna 0:0", "NLN NLN 1:alice@example.com;{1} Alice 0:0",
            "NLN NLN 1:ben@example.org;via=9:circle@live.com Ben 0:0", "FLN 1:ben@example.org 0:0")
        #expect(text(reader.list) == ["anna@example.com Anna   BSY", "ben@example.org Ben   -"])
        #expect(reader.list.state == "NLN")
        let published = try self.reader(
            21,
            "NFY PUT #\nRouting: 1.0\r\nTo: 1:alice@example.com\r\nFrom: 1:anna@example.com\r\n\r\nReliability: 1.0\r\n\r\n"
                + "Notification: 1.0\r\nContent-Type: application/user+xml\r\n\r\n"
                + "<user><s n=\"PE\"><FriendlyName>Anna</FriendlyName></s><s n=\"IM\"><Status>AWY</Status></s></user>")
        #expect(text(published.list) == ["anna@example.com Anna   AWY"])
    }

    @Test func aClientWithACopyGetsNoList() throws {
        let reader = try reader(8, "> SYN 5 12", "SYN 5 12", "ILN 6 NLN anna@example.com Anna 0")
        #expect(reader.list.isComplete == false && text(reader.list) == ["anna@example.com Anna   NLN"])
    }

    @Test func statesEndWithTheSignIn() throws {
        var reader = try reader(8, "CHG 4 NLN 0", "NLN NLN anna@example.com Anna 0", "FLN ben@example.org")
        #expect(reader.list.contacts["anna@example.com"]?.state == "NLN")
        #expect(reader.list.contacts["ben@example.org"] == nil)
        reader.take(try Sample.frame("OUT OTH\r\n", .server))
        #expect(reader.list.state == nil && reader.list.contacts["anna@example.com"]?.state == nil)
    }

    @Test func hostileListsStayBounded() throws {
        var reader = ContactListReader()
        for number in 0...(ContactList.mostContacts + 10) {
            reader.take(try Sample.frame("NLN NLN c\(number)@example.com x 0\r\n", .server))
        }
        for number in 0...(ContactList.mostGroups + 10) {
            reader.take(try Sample.frame("LSG \(number) x 0\r\n", .server))
        }
        #expect(reader.list.contacts.count == ContactList.mostContacts)
        #expect(reader.list.groups.count == ContactList.mostGroups && reader.list.isCut)
        let long = String(repeating: "a", count: 100_000)
        reader.take(try Sample.frame("NLN NLN c1@example.com \(long) 0\r\n", .server))
        #expect(reader.list.contacts["c1@example.com"]?.name?.utf8.count == ContactList.longestText)
        reader.take(try Sample.frame("NLN NLN \(long)@example.com x 0\r\n", .server))
        #expect(reader.list.contacts.count == ContactList.mostContacts)
        for line in ["LST", "ADC 1", "REM 1 FL", "LSG", "REG 1", "RMG 1", "SYN 1", "UBX", "ADL 0 0", "NFY PUT 0"] {
            reader.take(try Sample.frame("\(line)\r\n", .server))
        }
    }

    @Test func theJSONHasNamesForAllCodes() throws {
        let reader = try reader(
            8, "SYN 5 12 1 1", "LSG 0 Friends 0", "LST anna@example.com Anna 3 0", "NLN BRB anna@example.com Anna 0")
        var object = JSONObject()
        object.add(reader.list)
        let value = try #require(
            try JSONSerialization.jsonObject(with: Data(object.bytes)) as? [String: Any])
        let contact = try #require((value["items"] as? [[String: Any]])?.first)
        #expect(contact["lists"] as? [String] == ["forward", "allow"] && contact["groups"] as? [String] == ["Friends"])
        #expect(contact["status"] as? String == "BRB" && contact["status_name"] as? String == "be right back")
        #expect(value["complete"] as? Bool == true)
    }
}
