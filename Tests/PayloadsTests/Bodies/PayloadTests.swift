// The payloads of all commands that have one, by field.

import MSNP
import Payloads
import Testing

@Suite struct PayloadTests {
    static let payloads: [(line: String, text: String, fields: String)] = [
        (
            "UBX bob@example.com 1 9",
            "<Data><PSM>lunch &amp; tea</PSM><CurrentMedia>\\0Music\\01\\0{0} - {1}\\0Title\\0Artist\\0\\0\\0</CurrentMedia>"
                + "</Data>",
            "personal_message=lunch & tea, media_kind=Music, media_shown=yes, media=Title - Artist, media_format={0} - {1}, "
                + "media_parts=[Title, Artist, , ]"
        ),
        (
            "UBX bob@example.com 1 9",
            "<Data><PSM></PSM><CurrentMedia>Winamp\\0Music\\01\\0{0}\\0Title\\0</CurrentMedia></Data>",
            "personal_message=, media_application=Winamp, media_kind=Music, media_shown=yes, media=Title, media_format={0}, "
                + "media_parts=[Title]"
        ),
        (
            "UBX 1:bob@example.com 9",
            "<Data><PSM>hi</PSM><CurrentMedia></CurrentMedia><EndpointData id=\"{8a}\"><Capabilities>27:48</Capabilities>"
                + "</EndpointData></Data>",
            "personal_message=hi, endpoints=[{id={8a}, capabilities=27:48, "
                + "capabilities_names=[mobile_online, msn8_user, ink_isf, webcam, rtc_video, p2p_v2]}]"
        ),
        (
            "UUX 9 9",
            "<PrivateEndpointData><EpName>OFFICE</EpName><Idle>false</Idle><ClientType>1</ClientType><State>NLN</State>"
                + "</PrivateEndpointData>",
            "endpoints=[{ep_name=OFFICE, idle=false, client_type=1, client_type_name=computer, state=NLN, "
                + "state_name=online}]"
        ),
        (
            "UUX 8 9", "<Data><PSM></PSM><MachineGuid>{45E1}</MachineGuid><SignatureSound>x</SignatureSound></Data>",
            "personal_message=, machine={45E1}, signature_sound=x"
        ),
        (
            "ADL 6 9",
            "<ml l=\"1\"><d n=\"example.com\"><c n=\"bob\" l=\"3\" t=\"1\"/></d><d n=\"yahoo.com\"><c n=\"yan\" l=\"16\" "
                + "t=\"32\"/></d><t><c n=\"tel:+15550100\" l=\"3\"/></t></ml>",
            "initial=yes, contacts=[{account=bob@example.com, lists=[FL, AL], network=msn}, {account=yan@yahoo.com, "
                + "lists=[PL], network=yahoo}, {account=tel:+15550100, lists=[FL, AL]}]"
        ),
        (
            "ADL 9 9",
            "<ml><d n=\"example.com\"><c n=\"bob\" t=\"1\"><s l=\"3\" n=\"IM\"/><s l=\"2\" n=\"PE\"/></c></d></ml>",
            "contacts=[{account=bob@example.com, network=msn, services={im=[FL, AL], pe=[AL]}}]"
        ),
        (
            "RML 0 9", "<ml><d n=\"example.com\"><c n=\"erin\" t=\"1\" l=\"8\" f=\"Erin\"/></d></ml>",
            "contacts=[{account=erin@example.com, lists=[RL], network=msn, name=Erin}]"
        ),
        ("FQY 11 9", "<ml><d n=\"yahoo.com\"><c n=\"zed\"/></d></ml>", "contacts=[{account=zed@yahoo.com}]"),
        (
            "241 13 9", "<ml><d n=\"\"><c n=\"x\" l=\"3\" t=\"1\"/></d></ml>",
            "contacts=[{account=x@, lists=[FL, AL], network=msn}]"
        ),
        ("801 45 5", "0 6 6", "text=0 6 6"),
        (
            "GCF 0 9", "<Policies><Policy type=\"SHIELDS\"><config><block/></config></Policy></Policies>",
            "policies={policy={type=SHIELDS, config={block=}}}"
        ),
        (
            "NOT 9",
            "<NOTIFICATION ver=\"1\" id=\"1\" siteid=\"2\" siteurl=\"http://example.net/\"><TO pid=\"0x1:0x2\" "
                + "name=\"alice@example.com\"/><MSG id=\"3\"><SUBSCR url=\"s.asp\"/><ACTION url=\"a.asp\"/><BODY "
                + "lang=\"1033\"><TEXT>Alert</TEXT></BODY></MSG></NOTIFICATION>",
            "to=alice@example.com, site=http://example.net/, text=Alert, id=1, site_id=2, person=0x1:0x2, message_id=3, "
                + "action=a.asp, subscription=s.asp, language=1033, language_name=en-US, version=1"
        ),
        (
            "UUX 8 9",
            "<Data><UserTileLocation>&lt;msnobj Creator=&quot;a@b&quot; Type=&quot;3&quot; Friendly=&quot;bQBlAAAA&quot;/&gt;"
                + "</UserTileLocation><DDP>%3Cmsnobj%20Type=%227%22/%3E</DDP><Scene>x</Scene><CurrentMedia>odd</CurrentMedia></Data>",
            "user_tile_location=<msnobj Creator=\"a@b\" Type=\"3\" Friendly=\"bQBlAAAA\"/>, user_tile_location_fields={"
                + "creator=a@b, type=3, friendly=bQBlAAAA, type_name=picture, friendly_name=me}, "
                + "ddp=%3Cmsnobj%20Type=%227%22/%3E, ddp_fields={type=7, type_name=dynamic_picture}, scene=x, media=odd"
        ),
        (
            "ADL 9 9", "<ml><d n=\"b.example\"><c n=\"a\" l=\"67\" t=\"77\" sl=\"2\"/></d></ml>",
            "contacts=[{account=a@b.example, lists=[FL, AL, 0x40], network=77, sl=2}]"
        ),
        (
            "ADL 9 9", "<ml><d n=\"b.example\"><c n=\"a\" l=\"-9223372036854775808\"/></d></ml>",
            "contacts=[{account=a@b.example, lists=[0x8000000000000000]}]"
        ),
        (
            "NFY PUT 9",
            "Routing: 1.0\n\nReliability: 1.0\n\nNotification: 1.0\nContent-Type: application/user+xml\n\n"
                + "<user><s n=\"IM\"><Status>AWY</Status><CurrentMedia>\\0Music\\01\\0{0}\\0Song\\0</CurrentMedia></s>"
                + "<s n=\"PE\"><UserTileLocation>&#x3C;msnobj Type=&#x22;3&#x22;/&#x3E;</UserTileLocation></s>"
                + "<sep n=\"PD\"><ClientType>3</ClientType><State>BSY</State></sep>"
                + "<sep n=\"IM\"><TYP>2</TYP><Capabilities>1:32</Capabilities></sep></user>",
            "content=notification, notification=1.0, content_type=application/user+xml, xml={user={s={n=IM, status=AWY, "
                + "status_name=away, current_media=\\0Music\\01\\0{0}\\0Song\\0, current_media_text=Song}, s_2={n=PE, "
                + "user_tile_location=<msnobj Type=\"3\"/>, user_tile_location_fields={type=3, type_name=picture}}, "
                + "sep={n=PD, client_type=3, client_type_name=mobile, state=BSY, state_name=busy}, sep_2={n=IM, typ=2, "
                + "typ_name=website, capabilities=1:32, capabilities_names=[mobile_online, p2p_v2]}}}"
        ),
        (
            "PUT 9 9",
            "Routing: 1.0\n\nReliability: 1.0\n\nPublication: 1.0\nContent-Type: application/circles+xml\n\n"
                + "<circle><roster><id>IM</id><user><id>1:bob@example.com</id></user></roster></circle>",
            "content=publication, publication=1.0, content_type=application/circles+xml, xml={circle={roster={id=IM, "
                + "user={id=1:bob@example.com, id_network=msn, id_account=bob@example.com}}}}"
        ),
        (
            "NOT 9",
            "<NOTIFICATION id=\"0\"><TO name=\"a@b\"><VIA agent=\"messenger\"/></TO><MSG><BODY>&lt;NotificationData&gt;"
                + "&lt;Service&gt;ABCHInternal&lt;/Service&gt;&lt;/NotificationData&gt;</BODY></MSG></NOTIFICATION>",
            "to=a@b, text=<NotificationData><Service>ABCHInternal</Service></NotificationData>, id=0, agent=messenger, "
                + "data={notification_data={service=ABCHInternal}}"
        ),
        (
            "IPG 9", "<NOTIFICATION><FROM name=\"tel:+1\"/><MSG><BODY>hi</BODY></MSG></NOTIFICATION>",
            "from=tel:+1, text=hi"
        ),
        ("PAG 17 bob@example.com 9", "<TEXT xml:space=\"preserve\" enc=\"utf-8\">hi</TEXT>", "text=hi"),
        ("PGD 10 tel:+1 1 9", "call me", "text=call me"),
        ("SDC 18 z@example.com 0x0409 MSMSGS MSMSGS X X Alice 13", "Come and chat", "text=Come and chat"),
        ("QRY 10 PROD0114ES4Z%Q5W 32", "ae79936594a1918def84ea4997163d6c", "answer=ae79936594a1918def84ea4997163d6c"),
        ("UUN 15 bob@example.com 4 14", "goawyplzthxbye", "type=#4, purpose=sign_out, text=goawyplzthxbye"),
        ("UBN bob@example.com 1 9", "<SNM opcode=\"SNM\"/>", "type=#1, purpose=xml, xml={snm={opcode=SNM}}"),
        (
            "UBM yan@yahoo.com 32 alice@example.com 1 1 9", "Content-Type: text/plain; charset=UTF-8\n\nhello",
            "content_type=text/plain, charset=UTF-8, kind=text, text=hello"
        ),
        (
            "SDG 11 9",
            """
            Routing: 1.0
            To: 1:bob@example.com
            From: 1:Alice@example.com;epid={8a}

            Reliability: 1.0
            Stream: 0
            Segment: 2

            Messaging: 2.0
            Message-Type: Text
            Content-Type: text/plain; charset=UTF-8
            X-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=1; PF=0
            Content-Length: 9

            hello bob and what is behind
            """,
            "from={account=alice@example.com, network=msn, endpoint={8a}}, to={account=bob@example.com, network=msn}, "
                + "stream=0, segment=2, content=messaging, message_type=Text, content_type=text/plain, charset=UTF-8, "
                + "kind=text, text=hello bob, format={font=Segoe UI, effects=[], color=#000000, font_charset=#1, "
                + "pitch=default, family=any}"
        ),
        (
            "SDG 0 9",
            "Routing: 1.0\nTo: 1:a@example.com\nFrom: 1:b@example.com\nService-Channel: IM/Online\n\nReliability: 1.0\n\n"
                + "Messaging: 2.0\nMessage-Type: Control/Typing\nContent-Length: 0\n\n",
            "from={account=b@example.com, network=msn}, to={account=a@example.com, network=msn}, "
                + "service_channel=IM/Online, content=messaging, message_type=Control/Typing, kind=typing"
        ),
        (
            "SDG 0 9",
            "Routing: 1.0\nTo: 1:a@example.com\n\nReliability: 1.0\n\nMessaging: 2.0\nMessage-Type: Signal/P2P\n"
                + "Content-Type: text/plain\nContent-Length: 71\n\nBYE MSNMSGR:a@example.com MSNSLP/1.0\nCall-ID: {1}\n\nHashed-Nonce: {2}\n",
            "to={account=a@example.com, network=msn}, content=messaging, message_type=Signal/P2P, "
                + "content_type=text/plain, kind=peer_to_peer, "
                + "peer={slp={method=BYE, request_to=a@example.com, call_id={1}, body={hashed_nonce={2}}}}"
        ),
        (
            "NFY PUT 9",
            "Routing: 1.0\nTo: 1:a@example.com\nFrom: 9:00-9@live.com;via=x;path=IM\n\nReliability: 1.0\n\n"
                + "Notification: 1.0\nNotifNum: 2\nUri: /circle\nContent-Type: application/circles+xml\nContent-Length: 37\n\n"
                + "<circle><roster>a</roster></circle>   ",
            "from={account=00-9@live.com, network=circle, via=x, path=IM}, to={account=a@example.com, network=msn}, "
                + "content=notification, notification=1.0, notif_num=2, uri=/circle, content_type=application/circles+xml, "
                + "content_length=37, xml={circle={roster=a}}"
        ),
        (
            "PUT 12 OK 9", "Routing: 1.0\nTo: 1:a@example.com\n\nReliability: 1.0\n\n",
            "to={account=a@example.com, network=msn}"
        ),
    ]

    @Test(arguments: payloads) func fields(_ sample: (line: String, text: String, fields: String)) throws {
        #expect(try line(payload(sample.line, sample.text).fields) == sample.fields)
    }

    @Test func nothingIsNothing() throws {
        let frame = try #require(Frame(Array("UBX bob@example.com 0\r\n".utf8)))
        #expect(Payload(frame) == nil)
    }

    /// What the fuzzer found: a name after the first that came twice, and again behind many others.
    @Test func noNameStandsTwice() throws {
        let names = ["a", "a", "b"] + (0..<40).map { "c\($0)" } + ["b", "a", "c7", "a_2"]
        let text = names.map { "<\($0)>1</\($0)>" }.joined()
        let fields = try payload("GCF 0 9", text).fields
        #expect(fields.count == names.count && Set(fields.map(\.name)).count == names.count)
    }

    @Test func maskedBytesGiveMaskedFields() throws {
        let frame = try #require(
            Frame(Array("MSG Hotmail Hotmail 9\r\n".utf8) + "Content-Type: text/x-msmsgsprofile\nkv: 7\n".wire))
        let masked = "Content-Type: text/x-msmsgsprofile\nkv: ***\n".wire
        let read = try #require(Payload(frame, payload: ByteSlice(masked)))
        #expect(line(read.fields).hasSuffix("kv=***"))
    }

    @Test func aMediaFormatCannotGrow() throws {
        let parts = (0..<20).map { _ in String(repeating: "{1}", count: 30) }.joined(separator: "\\0")
        let format = String(repeating: "{0}", count: 60)
        let text = "<Data><CurrentMedia>\\0Music\\01\\0\(format)\\0\(parts)\\0</CurrentMedia></Data>"
        let size = try line(payload("UBX b@example.com 9", text).fields).utf8.count
        #expect(size < 60 * 100 + 2_000)
    }
}
