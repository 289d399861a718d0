// Commands with the same few secret words in every place where clients and servers put such words.

import Foundation
import MSNP

/// The words, and ways to write them.
enum SecretCorpus {
    static let account = "Quagga.Zebra@Okapi-Mail.example"
    static let name = "Quagga Zebra ☂"
    static let text = "meet me at Okapi Station ☂"
    static let secret = "t=53Okapi*Secret!7Zq&p=OkapiPart9x"
    static let guid = "{5a1e0c3d-77aa-4b1c-9d0e-8badf00dcafe}"
    static let host = "203.0.113.207"
    static let digits = "15551234567"
    static let hash = "T2thcGlaZWJyYVF1YWdnYTEyMw="
    static let file = "Okapi Budget 2009.xls"

    /// What must not be left of any of them.
    static let words = [
        account, "Quagga.Zebra", name, "Quagga Zebra", "Quagga%20Zebra", text, "Okapi Station", secret,
        "53Okapi*Secret!7Zq",
        "OkapiPart9x", guid, "5a1e0c3d-77aa", host, digits, hash, file, "Okapi Budget", "Okapi-Mail",
    ]

    static let index = Search.Index(words)

    static func percent(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    static let object =
        "<msnobj Creator=\"\(account)\" Size=\"24539\" Type=\"3\" Location=\"\(file)\" Friendly=\"\(wide(name))\" SHA1D=\"\(hash)\" SHA1C=\"\(hash)\"/>"

    /// UTF-16 in base64, as in `Friendly`.
    static func wide(_ text: String) -> String { Data(utf16(text) + [0, 0]).base64EncodedString() }

    static func utf16(_ text: String) -> [UInt8] {
        text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    /// The context of a file offer: 574 bytes, and a picture behind them.
    static let fileOffer: String = {
        var bytes: [UInt8] = [0x3E, 2, 0, 0, 2, 0, 0, 0, 0x10, 0x27, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        bytes += utf16(file)
        bytes += [UInt8](repeating: 0, count: 570 - bytes.count) + [0xFF, 0xFF, 0xFF, 0xFF] + text.utf8
        return Data(bytes).base64EncodedString()
    }()

    static func message(_ type: String, _ headers: String, _ body: String) -> String {
        "MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\(headers)\r\n\(body)"
    }

    /// An invitation in MSNSLP.
    static func invitation(context: String) -> String {
        let body =
            "EUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\nSessionID: 1980589\r\nAppID: 12\r\nContext: \(context)\r\n"
            + "NetID: -1388627126\r\nNonce: \(guid)\r\nIPv4External-Addrs: \(host)\r\nIPv4Internal-Addrs: 10.0.0.1 \(host)\r\n"
            + "srddA-lanretnI4vPI: \(String(host.reversed()))\r\nSessionPassword: \(secret)\r\nQuaggaHeader: \(text)\r\n\r\n\0"
        return
            "INVITE MSNMSGR:\(account);\(guid) MSNSLP/1.0\r\nTo: <msnmsgr:\(account);\(guid)>\r\nFrom: <msnmsgr:\(account)>\r\n"
            + "Via: MSNSLP/1.0/TLP ;branch=\(guid)\r\nCSeq: 0 \r\nCall-ID: \(guid)\r\nMax-Forwards: 0\r\n"
            + "Content-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// A line with its payload and its length.
    static func framed(_ line: String, _ payload: [UInt8]) -> [UInt8] {
        Array("\(line) \(payload.count)\r\n".utf8) + payload
    }

    static func framed(_ line: String, _ payload: String) -> [UInt8] { framed(line, Array(payload.utf8)) }

    /// Commands of one line.
    static let lines: [(Side, String)] = [
        (.client, "CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 7.0.0816 MSMSGS \(account)"),
        (.client, "USR 3 TWN I \(account)"), (.client, "USR 3 MD5 S 0123456789abcdef0123456789abcdef"),
        (.client, "USR 3 CTP S \(percent(secret))"), (.client, "USR 3 CTP S Okapi=\(digits)"),
        (.client, "USR 4 TWN S \(secret)"),
        (.client, "USR 4 SSO S \(secret) \(hash) \(guid)"), (.client, "USR 4 SHA A \(base64(secret))"),
        (.client, "USR 1 \(account);\(guid) \(secret)"), (.server, "USR 5 OK \(account) \(percent(name)) 1 0"),
        (.server, "USR 5 OK \(account) \(percent(account)) 1"),
        (.server, "USR 5 OK \(account) \(name.replacing(" ", with: "_"))"),
        (.server, "XFR 3 NS \(host):1863 0 \(host):1863"),
        (.server, "XFR 9 SB \(host):1863 CKI \(secret) U messenger.msn.com 1"),
        (.server, "RNG 11 \(host):1863 CKI \(secret) \(account) \(percent(name)) U messenger.msn.com 1"),
        (.client, "ANS 1 \(account);\(guid) \(secret) 11752013"),
        (.server, "LST FL 3 1 1 \(account) \(percent(name)) 0"), (.server, "LST \(account) \(percent(name)) 11 0,3"),
        (
            .server,
            "LST N=\(account) F=\(percent(name)) C=\(guid.dropFirst().dropLast()) 11 1 \(guid.dropFirst().dropLast())"
        ),
        (.server, "LSG 7 1 1 0 \(percent(name)) 0"), (.server, "LSG \(percent(name)) \(guid.dropFirst().dropLast())"),
        (.server, "PRP PHH \(digits)"), (.client, "PRP 4 MFN \(percent(name))"),
        (.server, "BPR \(account) PHM \(digits)"),
        (.server, "BPR 7 \(account) PHM \(percent("+" + digits))"),
        (.client, "SBP 5 \(guid.dropFirst().dropLast()) MFN \(percent(name))"),
        (.client, "ADD 4 FL \(account) \(percent(name)) 0"), (.client, "ADC 4 FL N=\(account) F=\(percent(name))"),
        (.client, "REM 4 FL \(guid.dropFirst().dropLast())"), (.client, "REA 4 \(account) \(percent(name))"),
        (.client, "ADG 4 \(percent(name)) 0"), (.client, "REG 4 0 \(percent(name)) 0"),
        (.client, "FND 4 fname=\(percent(name)) lname=\(percent(name)) city=Okapi-Mail state=- country=US"),
        (.client, "CHG 4 NLN 268435508 \(percent(object))"), (.server, "CHG 4 NLN 268435508 \(percent(object))"),
        (.server, "ILN 4 NLN \(account) \(percent(name)) 268435508 \(percent(object))"),
        (
            .server,
            "NLN NLN \(account) 1 \(percent(name)) 268435508 \(percent(object)) \(percent("http://" + host + "/x"))"
        ),
        (.server, "NLN NLN 1:\(account);via=9:\(account) \(name.replacing(" ", with: "")) 268435508:48 0"),
        (.server, "FLN 1:\(account) 0:0"), (.server, "JOI \(account);\(guid) \(percent(name)) 268435508:48"),
        (.server, "IRO 1 1 2 \(account) \(percent(name)) 268435508"), (.server, "BYE \(account);\(guid) 1"),
        (.client, "CAL 2 \(account)"), (.client, "SND 2 \(account) 0x0409 MSNMSGR MSMSGS"),
        (.server, "URL 3 /cgi-bin/\(digits) https://\(host)/ppsecure?auth=OkapiPart9x 2"), (.server, "928 \(name)"),
        (.server, "SBS 0 \(base64(text))"), (.client, "USR \(account) \(digits)"),
        (.server, "LKP 4 \(account) \(percent(text))"),
        (.server, "NLN NLN \(account) one raw name too many \(percent(name)) \(digits) \(digits) \(digits) 5"),
    ]

    /// Messages and other commands with payloads.
    static let payloads: [(Side, [UInt8])] = [
        (
            .server,
            framed(
                "MSG \(account) \(percent(name))",
                message(
                    "text/plain; charset=UTF-8",
                    "P4-Context: \(name)\r\nX-MMS-IM-Format: FN=\(percent(name)); EF=; CO=0; CS=0; PF=22\r\nQuagga-Zebra: \(secret)\r\n",
                    text))
        ),
        (.server, framed("MSG \(account) x", message("text/x-msmsgscontrol", "TypingUser: \(account)\r\n", "\r\n"))),
        (.client, framed("MSG 4 N", message("text/x-msnmsgr-datacast", "", "ID: 2\r\nData: \(object)\r\n"))),
        (.client, framed("MSG 4 N", message("text/x-msnmsgr-datacast", "", "ID: 4\r\nData: \(text)\r\n"))),
        (.client, framed("MSG 4 N", message("text/x-mms-emoticon", "", "\(name)\t\(object)\t\(text)\t\(object)\t"))),
        (.client, framed("MSG 4 N", message("image/gif", "", "base64:\(base64(text))"))),
        (.client, framed("MSG 4 N", message("text/x-clientcaps", "", "Client-Name: \(text)\r\nChat-Logging: Y\r\n"))),
        (
            .client,
            framed(
                "MSG 4 N",
                message(
                    "text/x-msmsgsinvite; charset=UTF-8", "",
                    "Application-Name: File Transfer\r\nApplication-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}\r\nInvitation-Command: ACCEPT\r\nInvitation-Cookie: 33267\r\nApplication-File: \(file)\r\nIP-Address: \(host)\r\nIP-Address-Internal: \(host)\r\nIP-Address-Enc64: \(base64(host))\r\nPort: 6891\r\nAuthCookie: \(digits)\r\n\r\n"
                ))
        ),
        (
            .server,
            framed(
                "MSG Hotmail Hotmail",
                message(
                    "text/x-msmsgsprofile; charset=UTF-8",
                    "LoginTime: 1085516065\r\nMemberIdHigh: \(digits)\r\npreferredEmail: \(account)\r\nPostalCode: \(digits)\r\nsid: \(digits)\r\nMSPAuth: \(secret)\r\nClientIP: \(host)\r\nNickname: \(name)\r\n",
                    ""))
        ),
        (
            .server,
            framed(
                "MSG Hotmail Hotmail",
                message(
                    "text/x-msmsgsemailnotification; charset=UTF-8", "",
                    "From: \(name)\r\nMessage-URL: /cgi-bin/\(secret)\r\nSubject: \(text)\r\nFrom-Addr: \(account)\r\nDest-Folder: Okapi-Mail\r\n"
                ))
        ),
        (
            .server,
            framed(
                "MSG Hotmail Hotmail",
                message(
                    "text/x-msmsgsinitialmdatanotification",
                    "Mail-Data: <MD><E><I>3</I></E><M><T>11</T><RT>0</RT><Q>Okapi-Mail</Q><E>\(account)</E><N>\(text)</N></M></MD>\r\n",
                    ""))
        ),
        (
            .server,
            framed(
                "UBX \(account) 1",
                "<Data><PSM>\(text)</PSM><CurrentMedia>\\0Music\\01\\0{0} - {1}\\0\(text)\\0\(name)</CurrentMedia><MachineGuid>\(guid)</MachineGuid><EndpointData id=\"\(guid)\"><Capabilities>2789003324:48</Capabilities></EndpointData><PrivateEndpointData id=\"\(guid)\"><EpName>\(name)</EpName><State>NLN</State></PrivateEndpointData><Okapi-Mail x=\"\(text)\">\(text)</Okapi-Mail></Data>"
            )
        ),
        (
            .client,
            framed(
                "UUX 4",
                "<Data><PSM>\(text) &lt;\(account)&gt;</PSM><DDP>\(object.replacing("<", with: "&lt;").replacing("\"", with: "&quot;"))</DDP></Data>"
            )
        ),
        (
            .client,
            framed(
                "ADL 4",
                "<ml l=\"1\"><d n=\"Okapi-Mail.example\"><c n=\"Quagga.Zebra\" l=\"3\" t=\"1\" f=\"\(name)\"><s l=\"3\" n=\"IM\"/></c></d></ml>"
            )
        ),
        (
            .server,
            framed(
                "NOT",
                "<NOTIFICATION ver=\"2\" id=\"\(digits)\" siteid=\"45705\" siteurl=\"http://\(host)\"><TO pid=\"0x00:0x01\" name=\"\(account)\"/><MSG id=\"0\"><ACTION url=\"/a?\(secret)\"/><BODY lang=\"3076\"><![CDATA[\(text)]]><!-- \(account) --></BODY></MSG></NOTIFICATION>"
            )
        ),
        (.client, framed("PGD 4 tel:+\(digits) 1", "<TEXT xml:space=\"preserve\" enc=\"utf-8\">\(text)</TEXT>")),
        (.client, framed("SDC 4 \(account) 0x0409 MSNMSGR MSMSGS X X \(percent(name))", text)),
        (
            .client,
            framed("UUM 4 \(account) 32 1", message("text/plain; charset=UTF-8", "Dest-Agent: client\r\n", text))
        ),
        (.server, framed("UBM \(account) 32 \(account) 1 1", message("text/plain; charset=UTF-8", "", text))),
        (.server, framed("UBN \(account);\(guid) 3", invitation(context: base64(object + "\0")))),
        (.server, framed("UBN \(account) 5", "463803701;\(host):1863")),
        (
            .server,
            framed(
                "UBN \(account) 2", "SIP/2.0 200 OK\r\nFrom: <sip:\(account)>\r\n\r\nc=IN IP4 \(host)\r\na=\(text)\r\n")
        ),
        (
            .server,
            framed("UBN \(account) 1", "<SNM opcode=\"SNM\"><Sender>\(account)</Sender><R>\(base64(account))</R></SNM>")
        ),
        (
            .client,
            framed(
                "SDG 9",
                "Routing: 1.0\r\nTo: 1:\(account);path=IM\r\nFrom: 1:\(account);epid=\(guid)\r\n\r\nReliability: 1.0\r\nStream: 0\r\n\r\nMessaging: 2.0\r\nMessage-Type: Text\r\nContent-Type: text/plain; charset=UTF-8\r\nIM-Display-Name: \(name)\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
            )
        ),
        (
            .client,
            framed(
                "PUT 9",
                "Routing: 1.0\r\nTo: 1:\(account)\r\nFrom: 1:\(account);epid=\(guid)\r\n\r\nReliability: 1.0\r\n\r\nPublication: 1.0\r\nUri: /user\r\nContent-Type: application/user+xml\r\nContent-Length: 99\r\n\r\n<user><s n=\"PE\"><UserTileLocation>\(object.replacing("<", with: "&lt;"))</UserTileLocation><FriendlyName>\(name)</FriendlyName><PSM>\(text)</PSM></s><sep n=\"IM\" epid=\"\(guid)\"><EpName>\(name)</EpName></sep></user>"
            )
        ),
        (.server, framed("241 4", "<ml><d n=\"Okapi-Mail.example\"><c n=\"Quagga.Zebra\" t=\"1\"/></d></ml>")),
        (.client, framed("QRY 9 PROD0090YUAUV{2B", "0123456789abcdef0123456789abcdef")),
    ]
}
