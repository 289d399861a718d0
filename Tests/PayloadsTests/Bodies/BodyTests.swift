// One message of every kind, and what its fields are.

import MSNP
import Payloads
import Testing

@Suite struct BodyTests {
    static let bodies: [(text: String, fields: String)] = [
        (
            """
            MIME-Version: 1.0
            Content-Type: text/plain; charset=UTF-8
            X-MMS-IM-Format: FN=MS%20Sans%20Serif; EF=BI; CO=ff; CS=80; PF=22; RL=1
            P4-Context: Al the pal

            Hello! Grüße
            twice
            """,
            "content_type=text/plain, charset=UTF-8, kind=text, text=Hello! Grüße\r\ntwice, format={font=MS Sans Serif, "
                + "effects=[bold, italic], color=#ff0000, font_charset=#128, pitch=variable, family=swiss, "
                + "right_to_left=yes}, nickname=Al the pal"
        ),
        (
            "MIME-Version: 1.0\nContent-Type: text/x-msmsgscontrol\nTypingUser: alice@example.com\n\n\n",
            "content_type=text/x-msmsgscontrol, kind=typing, account=alice@example.com"
        ),
        (
            "Content-Type: text/x-msmsgscontrol\nRecordingUser: alice@example.com\n",
            "content_type=text/x-msmsgscontrol, kind=recording, account=alice@example.com"
        ),
        (
            "MIME-Version: 1.0\nContent-Type: text/x-msnmsgr-datacast\n\nID: 1\n",
            "content_type=text/x-msnmsgr-datacast, kind=nudge"
        ),
        (
            "Content-Type: text/x-msnmsgr-datacast\n\nID: 2\nData: <msnobj SHA1D=\"a=\"/>\n",
            "content_type=text/x-msnmsgr-datacast, kind=wink, object=<msnobj SHA1D=\"a=\"/>, object_fields={sha1d=a=}"
        ),
        (
            "Content-Type: text/x-msnmsgr-datacast\n\nID: 3\nData: <msnobj/>\n",
            "content_type=text/x-msnmsgr-datacast, kind=voice_clip, object=<msnobj/>"
        ),
        (
            "Content-Type: text/x-msnmsgr-datacast\n\nID: 4\nData: Bob waves\n",
            "content_type=text/x-msnmsgr-datacast, kind=action, text=Bob waves"
        ),
        (
            "Content-Type: text/x-msnmsgr-datacast\n\nID: 17\nData: ?\n",
            "content_type=text/x-msnmsgr-datacast, kind=datacast, id=17, data=?"
        ),
        (
            "Content-Type: text/x-mms-emoticon\n\n(pie)\t<msnobj SHA1D=\"x\"/>\t:3\t<msnobj/>\t",
            "content_type=text/x-mms-emoticon, kind=emoticons, animated=no, emoticons=[{shortcut=(pie), "
                + "object=<msnobj SHA1D=\"x\"/>, object_fields={sha1d=x}}, {shortcut=:3, object=<msnobj/>}]"
        ),
        (
            "Content-Type: image/gif\n\nbase64:R0lG ODlh",
            "content_type=image/gif, kind=ink, format=gif, bytes=#6"
        ),
        (
            "Content-Type: application/x-ms-ink\n\nbase64:?",
            "content_type=application/x-ms-ink, kind=ink, format=isf, damaged=yes"
        ),
        (
            """
            Content-Type: text/x-msmsgsinvite; charset=UTF-8

            Application-Name: File Transfer
            Application-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}
            Invitation-Command: INVITE
            Invitation-Cookie: 33267
            Application-File: notes.txt
            Application-FileSize: 4100
            Connectivity: N
            """,
            "content_type=text/x-msmsgsinvite, charset=UTF-8, kind=invitation, application_name=File Transfer, "
                + "application_guid={5D3E02AB-6190-11d3-BBBB-00C04F795683}, application_guid_name=file, invitation_command=INVITE, "
                + "invitation_cookie=33267, application_file=notes.txt, application_file_size=4100, connectivity=N"
        ),
        (
            "Content-Type: text/x-msmsgsprofile\nEmailEnabled: 1\nkv: 11\nMSPAuth: x$$\nClientIP: 192.0.2.1\n\n",
            "content_type=text/x-msmsgsprofile, kind=profile, email_enabled=1, kv=11, msp_auth=x$$, client_ip=192.0.2.1"
        ),
        (
            """
            Content-Type: text/x-msmsgsemailnotification; charset=UTF-8

            From: =?iso-8859-1?Q?J=FCrgen_=28x=29?= =?utf-8?B?IMOf?=
            Subject: plain =?utf-8?q?caf=C3=A9?= end
            Message-URL: /cgi-bin/getmsg
            """,
            "content_type=text/x-msmsgsemailnotification, charset=UTF-8, kind=mail, occasion=new, "
                + "from=Jürgen (x) ß, subject=plain café end, message_url=/cgi-bin/getmsg"
        ),
        (
            "Content-Type: text/x-msmsgsinitialemailnotification\n\nInbox-Unread: 3\nFolders-Unread: 0\n",
            "content_type=text/x-msmsgsinitialemailnotification, kind=mail, occasion=initial, inbox_unread=3, "
                + "folders_unread=0"
        ),
        (
            "Content-Type: text/x-msmsgsactivemailnotification\n\nSrc-Folder: .!!OIM\nMessage-Delta: 1\n",
            "content_type=text/x-msmsgsactivemailnotification, kind=mail, occasion=changed, src_folder=.!!OIM, "
                + "message_delta=1"
        ),
        (
            "Content-Type: application/x-msmsgsemailnotification\n\nFrom: Bob\n",
            "content_type=application/x-msmsgsemailnotification, kind=mail, occasion=new, from=Bob"
        ),
        (
            """
            Content-Type: text/x-msmsgsoimnotification; charset=UTF-8

            Mail-Data: <MD><E><I>5</I><IU>2</IU><O>1</O><OU>0</OU></E><M><T>11</T><S>6</S><RT>2007-05-14T15:52:53.377Z</RT>
            <RS>0</RS><SZ>950</SZ><E>bob@example.com</E><I>58A7</I><F>09</F><N>=?utf-8?B?Qm9i?=</N></M></MD>
            """,
            "content_type=text/x-msmsgsoimnotification, charset=UTF-8, kind=offline_messages, inbox=#5, "
                + "inbox_unread=#2, other_folders=#1, other_folders_unread=#0, messages=[{from=bob@example.com, name=Bob, "
                + "received=2007-05-14T15:52:53.377Z, id=58A7, size=#950, kind=11, status=6, read=0, folder=09}]"
        ),
        (
            """
            Content-Type: text/x-msmsgsinitialmdatanotification

            Mail-Data: <MD><E><I>5</I><IU>2</IU></E><Q><QTM>409600</QTM><QNM>204800</QNM></Q><M><I>58A7</I><X>y</X></M><Z>1</Z></MD>
            Inbox-URL: /cgi-bin/HoTMaiL
            Folders-URL: /cgi-bin/folders
            Post-URL: http://mail.example.net/
            """,
            "content_type=text/x-msmsgsinitialmdatanotification, kind=offline_messages, inbox=#5, inbox_unread=#2, "
                + "quota={qtm=409600, qnm=204800}, z=1, messages=[{from=, name=, received=, id=58A7, x=y}], "
                + "inbox_url=/cgi-bin/HoTMaiL, folders_url=/cgi-bin/folders, post_url=http://mail.example.net/"
        ),
        (
            "Content-Type: text/x-msmsgsoimnotification\n\nFirst: 1\nMail-Data: too-large\nInbox-URL: /x\n",
            "content_type=text/x-msmsgsoimnotification, kind=offline_messages, too_large=yes, messages=[], first=1, "
                + "inbox_url=/x"
        ),
        (
            "Content-Type: text/x-msmsgsprofile\nLoginTime: 1095174360\nlang_preference: 1033\n\n",
            "content_type=text/x-msmsgsprofile, kind=profile, login_time=1095174360, "
                + "login_time_text=2004-09-14T15:06:00Z, lang_preference=1033, lang_preference_name=en-US"
        ),
        (
            "Content-Type: text/x-msmsgsprofile\nLoginTime: 9999999999\nlang_preference: 99999\n\n",
            "content_type=text/x-msmsgsprofile, kind=profile, login_time=9999999999, lang_preference=99999"
        ),
        (
            "Content-Type: text/x-msmsgsinitialmdatanotification\n\nMail-Data: too-large\n",
            "content_type=text/x-msmsgsinitialmdatanotification, kind=offline_messages, too_large=yes, messages=[]"
        ),
        (
            "Content-Type: text/x-clientcaps\n\nClient-Name: Example/1.0\nChat-Logging: Y\n",
            "content_type=text/x-clientcaps, kind=client, client_name=Example/1.0, chat_logging=Y, chat_logging_name=log"
        ),
        ("Content-Type: text/x-keepalive\n\n", "content_type=text/x-keepalive, kind=keep_alive"),
        (
            "Content-Type: application/x-msmsgssystemmessage\n\nType: 1\nArg1: 5\n",
            "content_type=application/x-msmsgssystemmessage, kind=system, type=1, minutes=#5"
        ),
        (
            "Content-Type: application/x-msnmsgrp2p\nP2P-Dest: bob@example.com\n\n\0\0",
            "content_type=application/x-msnmsgrp2p, kind=peer_to_peer, p2p_dest=bob@example.com"
        ),
        (
            "Content-Type: text/plain\nMessage-ID: {7B}\nChunks: 2\n\nfirst",
            "content_type=text/plain, kind=text, text=first, message_id={7B}, chunks=#2"
        ),
        ("Message-ID: {7B}\nChunk: 1\n\nsecond", "kind=part, message_id={7B}, chunk=#1"),
        (
            "Content-Type: a/b; x=y\nX-Z: 1\nX-Z: 2\nX-Z: 3\n\nq",
            "content_type=a/b, kind=other, x_z=1, x_z_2=2, x_z_3=3"
        ),
    ]

    @Test(arguments: bodies) func fields(_ body: (text: String, fields: String)) {
        #expect(line(message(body.text).fields) == body.fields)
    }

    @Test(arguments: [
        ("ff", "#ff0000"), ("ff0000", "#0000ff"), ("ff00", "#00ff00"), ("0", "#000000"), ("80ff", "#ff8000"),
        ("1", "#010000"), ("AbCdEf", "#efcdab"), ("ff00000080", nil), ("", nil), ("-1", nil), ("red", nil),
    ])
    func colors(_ color: (wire: String, text: String?)) {
        #expect(TextStyle(ByteSlice("CO=\(color.wire)".utf8)).colorText == color.text)
    }

    @Test func aStyleHasNoFixedOrder() {
        let style = TextStyle(ByteSlice("RL=1;CO=1;PF=0;EF=suBI;FN=Times%20New%20Roman%3B;XX=1;=;;CS=0".utf8))
        #expect(style.font == "Times New Roman;" && style.isRightToLeft && style.colorText == "#010000")
        #expect(style.effects == [.bold, .italic, .underlined, .struckThrough])
    }

    @Test func oddShapes() {
        // No empty line, no body; no line end at the end; nothing at all.
        #expect(line(message("Content-Type: text/plain").fields) == "content_type=text/plain, kind=text, text=")
        #expect(line(message("").fields) == "kind=other")
        #expect(line(message("just words").fields) == "kind=other")
        #expect(line(message("\nbody").fields) == "kind=text, text=body")
        // Names and types in any case, the first of several counts.
        let upper = message("CONTENT-TYPE: TEXT/PLAIN\ncontent-type: x/y\n\nhi")
        #expect(upper.type == "text/plain")
    }

    @Test func hostileSizes() {
        let lines = (0..<5_000).map { "H\($0): x" }.joined(separator: "\n")
        #expect(message("\(lines)\n\nbody").fields.count == 200 + 2)
        let emoticons = String(repeating: "a\tb\t", count: 10_000)
        guard case .emoticons(let list, _) = message("Content-Type: text/x-mms-emoticon\n\n\(emoticons)").body else {
            Issue.record("no emoticons")
            return
        }
        #expect(list.count == 200)
        #expect(message("Content-Type: text/plain\nMessage-ID: a\nChunks: 99999999999\n\nx").part == nil)
    }
}
