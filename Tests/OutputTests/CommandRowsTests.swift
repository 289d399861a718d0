// Every row of the commands table: an example of each, at both ends of its range of dialects, read back by name.

import Analysis
import EventSamples
import Events
import Foundation
import MSNP
import Testing

@testable import Output

@Suite struct CommandRowsTests {
    /// What an argument looks like on the wire, and the fields that it must give.
    private struct Example {
        var token: String
        var expected: [String: Any]

        init(_ token: String, _ expected: [String: Any]) {
            self.token = token
            self.expected = expected
        }
    }

    /// An example for each kind of argument; written here and not taken from the program, so that it can be wrong.
    private static func example(_ name: String, verb: String) -> Example {
        let state = Example("AWY", ["state": "AWY", "state_name": "away"])
        switch name {
        case "TrID", "TrID|0": return Example("27", ["trid": 27])
        case "state": return verb == "FND" ? Example("state=WA", ["state": "WA"]) : state
        case "email", "email;{machine-guid}":
            guard name.contains(";") else { return Example("eve@example.com", ["email": "eve@example.com"]) }
            let guid = "{00000000-0000-4000-8000-000000000001}"
            return Example(
                "eve@example.com;\(guid)",
                [
                    "email": "eve@example.com;\(guid)", "email_account": "eve@example.com", "email_endpoint": guid,
                ])
        case "network:email":
            return Example(
                "1:eve@example.com",
                [
                    "email": "1:eve@example.com", "email_network": "1", "email_network_name": "msn",
                    "email_account": "eve@example.com",
                ])
        case "friendly": return Example("Eve%20%C3%A9", ["friendly": "Eve%20%C3%A9", "friendly_text": "Eve \u{E9}"])
        case "value": return Example("555%2012", ["value": "555%2012", "value_text": "555 12"])
        case "property": return Example("PHM", ["property": "PHM", "property_name": "mobile phone"])
        case "caps":
            return Example(
                "268435500",
                ["caps": "268435500", "caps_names": ["ink_gif", "ink_isf", "multi_part_messages", "msnc1"]])
        case "caps:extcaps":
            return Example(
                "2789003324:48",
                [
                    "caps": "2789003324:48",
                    "caps_names": [
                        "ink_gif", "ink_isf", "webcam", "multi_part_messages", "has_space", "direct_im", "winks",
                        "voice_clips", "secure_channel", "sip_invitations", "tunnelled_sip", "p2p_turn",
                        "p2p_bootstrap_uun", "msnc10", "rtc_video", "p2p_v2",
                    ],
                ])
        case "lcid": return Example("0x0407", ["lcid": "0x0407", "lcid_name": "de-DE"])
        case "list", "FL|AL|BL|RL": return Example("AL", ["list": "AL", "list_name": "allow"])
        case "list-bits": return Example("11", ["lists": "11", "lists_names": ["forward", "allow", "reverse"]])
        case "network": return Example("32", ["network": "32", "network_name": "yahoo"])
        case "network-bits": return Example("33", ["networks": "33", "networks_names": ["msn", "yahoo"]])
        case "from-network": return Example("1", ["from_network": "1", "from_network_name": "msn"])
        case "to-network": return Example("2", ["to_network": "2", "to_network_name": "ocs"])
        case "msnobj":
            let object = "%3Cmsnobj%20Type=%223%22%20Friendly=%22bQBlAAAA%22/%3E"
            return Example(
                object,
                [
                    "msnobj": object, "msnobj_text": "<msnobj Type=\"3\" Friendly=\"bQBlAAAA\"/>",
                    "msnobj_fields": [
                        "type": "3", "type_name": "picture", "friendly": "bQBlAAAA", "friendly_name": "me",
                    ],
                ])
        case "type":
            let name = verb == "UUM" || verb == "UBM" ? "text" : "xml"
            return Example("1", ["type": "1", "type_name": name])
        case "device": return Example("2", ["device": "2", "device_name": "watch"])
        case "icon-url":
            return Example("http%3A//a", ["icon_url": "http%3A//a", "icon_url_text": "http://a"])
        case "params":
            let pairs = "lc=1033,id=507,ru=http%3A%2F%2Fa"
            return Example(
                pairs,
                ["params": pairs, "params_fields": ["lc": "1033", "lc_name": "en-US", "id": "507", "ru": "http://a"]])
        case "restricted": return Example("1", ["restricted": "1", "restricted_name": "child's account"])
        case "reason": return Example("OTH", ["reason": "OTH", "reason_name": "signed in elsewhere"])
        case "hex-digest|password":
            return Example(String(repeating: "0a", count: 16), [:])
        case "{machine-guid}":
            let guid = "{8a1b4b43-0000-4000-8000-000000000001}"
            return Example(guid, ["machine_guid": guid])
        case "U|N|A", "U|N|A|S", "U|N|A|D|S": return Example("A", ["ack": "A", "ack_name": "always"])
        case "N=email": return Example("N=eve@example.com", ["email": "eve@example.com"])
        case "F=friendly": return Example("F=Eve%20E", ["friendly": "Eve%20E", "friendly_text": "Eve E"])
        case "C=contact-guid": return Example("C=a1b2", ["contact_guid": "a1b2"])
        case "C=guid": return Example("C=a1b2", ["guid": "a1b2"])
        case "N=email|C=guid": return Example("N=eve@example.com", ["email": "eve@example.com"])
        case "OTH|SSD|MIG|TOU|RCT": return Example("RCT", ["reason": "RCT", "reason_name": "come again later"])
        case "hop-base64":
            return Example("VmVyc2lvbjogMQ==", ["hop_base64": "VmVyc2lvbjogMQ==", "hop_base64_text": "Version: 1"])
        case "code":
            return Example("16777989", ["code": "16777989", "code_name": "received"])
        default: return fixed[name] ?? Example("x-\(name.prefix { $0.isLetter })", [:])
        }
    }

    private static var fixed: [String: Example] {
        [
            "MD5|CTP": Example("MD5", ["package": "MD5", "package_name": "digest of the password"]),
            "MD5": Example("MD5", ["package": "MD5"]),
            "TWN": Example("TWN", ["package": "TWN"]), "SSO": Example("SSO", ["package": "SSO"]),
            "SHA": Example("SHA", ["package": "SHA"]), "CKI": Example("CKI", ["package": "CKI"]),
            "I": Example("I", ["stage": "I"]), "S": Example("S", ["stage": "S"]), "A": Example("A", ["stage": "A"]),
            "OK": Example("OK", ["result": "OK"]), "RINGING": Example("RINGING", ["result": "RINGING"]),
            "NS": Example("NS", ["server_kind": "NS"]), "SB": Example("SB", ["server_kind": "SB"]),
            "0": Example("0", ["zero": "0"]), "1": Example("1", ["one": "1"]), "0|1": Example("1", ["flag": "1"]),
            "X": Example("X", ["reserved": "X"]),
            "AL|BL": Example("BL", ["setting": "BL", "setting_name": "everybody else is blocked"]),
            "A|N": Example("N", ["setting": "N"]), "ON|OFF": Example("ON", ["setting": "ON"]),
            "PUT|DEL": Example("PUT", ["action": "PUT"]), "MSNFTP": Example("MSNFTP", ["protocol": "MSNFTP"]),
            "U": Example("U", ["transport": "U"]),
            "U|G": Example("G", ["transport": "G", "transport_name": "http gateway"]),
            "D": Example("D", ["flag": "D"]), "dialect": Example("MSNP8", [:]), "number": Example("7", ["number": "7"]),
            "host:port": Example("10.0.0.5:1863", ["address": "10.0.0.5:1863"]),
            "host": Example("10.0.0.5:1863", ["address": "10.0.0.5:1863"]),
            "current-host:port": Example("10.0.0.6:1863", ["current_address": "10.0.0.6:1863"]),
            "session-id": Example("11752013", ["session_id": "11752013"]),
            "list-version": Example("12", ["list_version": "12"]), "index": Example("1", ["index": 1]),
            "total": Example("2", ["total": 2]),
            "size": Example("77", ["size": 77]),
            "contacts": Example("3", ["contacts": 3]), "groups": Example("2", ["groups": 2]),
            "minutes": Example("5", ["minutes": 5]), "seconds-to-next": Example("50", ["seconds_to_next": 50]),
            "fname=x": Example("fname=Eve", ["fname": "Eve"]), "lname=x": Example("lname=E", ["lname": "E"]),
            "city=x": Example("city=Ulm", ["city": "Ulm"]), "country=x": Example("country=DE", ["country": "DE"]),
            "state=x": Example("state=BW", ["state": "BW"]),
            "client-ver": Example("7.0.0816", ["client_ver": "7.0.0816"]),
            "library": Example("MSNMSGR", ["library": "MSNMSGR"]), "os-type": Example("winnt", ["os_type": "winnt"]),
            "product-id": Example("PROD", ["product_id": "PROD"]), "challenge": Example("123", ["challenge": "123"]),
            "Hotmail": Example("Hotmail", ["sender": "Hotmail"]),
            "(empty)": Example("", ["codebase": ""]),
        ]
    }

    @Test func everyRowHasAnExampleThatIsReadByName() throws {
        var rows = 0
        for form in CommandForm.all where form.mostArguments != nil && !form.repeatsRequest {
            rows += 1
            let last = min(form.dialects.upperBound, Dialect(21))
            for dialect in Set([max(form.dialects.lowerBound, Dialect(2)), max(last, Dialect(2))]) {
                for everything in [true, false] { try check(form, dialect, everything: everything) }
            }
        }
        #expect(rows > 170, "the table has \(rows) rows with a syntax")
    }

    private func check(_ form: CommandForm, _ dialect: Dialect, everything: Bool) throws {
        let verb = form.verb?.description ?? "217"
        let parameters = form.parameters.filter { everything || !$0.isOptional }
        let hasPayload = parameters.last?.name == "length"
        let body =
            switch verb {
            case "QRY": String(repeating: "0a", count: 16)
            case "ADL", "RML", "FQY", "UBX", "UUX", "NOT", "IPG", "GCF": "<Data/>"
            case "SDG", "PUT", "DEL", "NFY": "Routing: 1.0\r\n\r\nReliability: 1.0\r\n\r\n"
            default: "Content-Type: text/plain\r\n\r\nx"
            }
        let payload = hasPayload ? body : ""
        var line = verb
        var expected: [String: Any] = [:]
        for parameter in parameters {
            if parameter.name == "length" {
                line += " \(payload.utf8.count)"
                expected["length"] = payload.utf8.count
                continue
            }
            let example = Self.example(parameter.name, verb: verb)
            line += " \(example.token)"
            for (key, value) in example.expected where expected[key] == nil { expected[key] = value }
        }
        let frame = try #require(Frame(Array("\(line)\r\n\(payload)".utf8)), "\(line)")
        let role = form.roles.contains(.notification) ? Role.notification : form.roles.first ?? .notification
        var event = Sample.event(.frame(frame, from: form.side), role: role, dialect: dialect)
        var analyzer = FrameAnalyzer(connection: 3)
        let findings = analyzer.take(&event).compactMap { kind -> String? in
            if case .finding(let finding) = kind, finding.name.text != "content_type_missing" {
                finding.text
            } else {
                nil
            }
        }
        #expect(findings.isEmpty, "\(line) in \(dialect): \(findings)")
        #expect(
            event.annotation?.reading?.isInDialect == true && event.annotation?.reading?.isInRole == true, "\(line)")
        let json = try JSONLine(event)
        let fields = json["fields"] as? [String: Any] ?? [:]
        for (key, value) in expected where !Self.isSecret(key, verb) {
            let found = fields[key]
            let isSame = (found as? NSObject)?.isEqual(value) ?? false
            // Another row of the same dialect may read the same line otherwise.
            if event.annotation?.reading?.form.parameters == form.parameters {
                #expect(isSame, "\(line) in \(dialect): \(key) is \(String(describing: found)), not \(value)")
            }
        }
        #expect(parameters.isEmpty || !fields.isEmpty, "\(line)")
    }

    private static func isSecret(_ key: String, _ verb: String) -> Bool {
        ["cookie", "ticket", "answer", "auth_cookie"].contains(key)
    }
}
