"""Makes captures in which every text that others choose is an attack: raw-IP pcap files."""
import base64
import hashlib
import struct
import zlib

HIT = "window.pageHit=1"
# What people try: markup, script, addresses, style, escapes, directions, and what looks like our own signs.
ATTACKS = [
    f"<script>{HIT}</script>", f"<img src=x onerror={HIT}>", f"\"><svg onload={HIT}>", f"'><iframe src=javascript:{HIT}>",
    f"javascript:{HIT}", f"</pre></style></script><script>{HIT}</script>", "<a href='http://evil.example/'>x</a>", "<style>*{display:none}</style>",
    "<base href=//evil.example/>", "<meta http-equiv=refresh content=0;url=//evil.example/>", f"{{{{constructor.constructor('{HIT}')()}}}}", f"${{{HIT}}}",
    "url(http://evil.example/x.png)", f"expression({HIT})", "\u202e\u2066evil\u2069", "\u2069\u202e turned", "\u200b\u200d\u00ad\ufeff", "e" + "\u0301" * 10_000,
    "A" * 3000, "\u2028\u2029\u0085", "\u2039secret:aaaaaa\u203a", "\U000e0041\U000e0042", f"<math><mtext></form><form><mglyph><style></math><img src onerror={HIT}>", "&lt;script&gt;",
    f"<svg><script>{HIT}</script></svg>", f"<svg><animate onbegin={HIT} attributeName=x dur=1s>", f"<body onload={HIT}>", f"<details open ontoggle={HIT}>",
    f"<input autofocus onfocus={HIT}>", f"<video><source onerror={HIT}>", f"<iframe srcdoc='<script>parent.pageHit=1</script>'>", f"<object data=javascript:{HIT}>",
    "<embed src=//evil.example/x.swf>", "<form action=//evil.example/><button>x", "<link rel=stylesheet href=//evil.example/x.css>", "<img src=//evil.example/x.png>",
    f"<template><script>{HIT}</script></template>", f"<noscript><p title=\"</noscript><img src=x onerror={HIT}>\">", f"<xmp></xmp><img src=x onerror={HIT}>", f"<textarea></textarea><img src=x onerror={HIT}>",
    f"<!--><img src=x onerror={HIT}>-->", f"<![CDATA[<script>{HIT}</script>]]>", f"]]><script>{HIT}</script>", f"<?xml-stylesheet href='javascript:{HIT}'?>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", f"%3Cscript%3E{HIT}%3C/script%3E", f"\\u003cscript\\u003e{HIT}\\u003c/script\\u003e", f"+ADw-script+AD4-{HIT}+ADw-/script+AD4-",
    f"\\\"}};{HIT};//", f"</title><script>{HIT}</script>", "data:text/html,<script>opener.pageHit=1</script>", f"vbscript:{HIT}",
    f"&#60;script&#62;{HIT}&#60;/script&#62;", f"click p1 \"javascript:{HIT}\"", f"end;click p0 call {HIT}", "%%{init: {'securityLevel': 'loose'}}%%",
    "__proto__", "constructor", "../../../../etc/passwd", f"x:expression({HIT});background:url(javascript:{HIT})",
    "\u0001\u001b[31m\u001b]0;title\u0007\u007f", "\u202d\u2068\u200f\u061c", "C:\\windows\\evil.exe", "\U0001f98b\u200d\ufe0f\u20e3",
]


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Connection:
    def __init__(self, packets, client, port=1863):
        self.packets, self.client, self.port = packets, client, port
        self.next = {"C": 1000, "S": 5000}
        self.send("C", b"", 2)
        self.next["C"] += 1
        self.send("S", b"", 18)
        self.next["S"] += 1
        self.send("C", b"", 16)

    def send(self, side, data, flags=24):
        source, target = (self.client, self.port) if side == "C" else (self.port, self.client)
        hosts = (b"\xc0\0\2\1", b"\xc6\x33\x64\1") if side == "C" else (b"\xc6\x33\x64\1", b"\xc0\0\2\1")
        other = "S" if side == "C" else "C"
        tcp = struct.pack(">HHIIBBHHH", source, target, self.next[side], 0 if flags == 2 else self.next[other], 80, flags, 65535, 0, 0) + data
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, *hosts)
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.packets.append(head + tcp)
        if flags == 24:
            self.next[side] += len(data)

    def say(self, side, line, payload=None):
        data = encoded(line) + b"\r\n" + (payload or b"")
        for start in range(0, len(data), 1200):
            self.send(side, data[start:start + 1200])

    def message(self, side, line, headers, text):
        payload = b"MIME-Version: 1.0\r\n" + encoded(headers) + b"\r\n\r\n" + encoded(text)
        self.say(side, f"{line} {len(payload)}", payload)


def encoded(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def percent(text, most=2400):
    digits = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in encoded(text))[:most]
    return digits[:-1] if digits[-1:] == "%" else digits[:-2] if digits[-2:-1] == "%" else digits


def line(text, most=200):
    """The text as far as a header or a line can hold it."""
    return text.replace("\r", "").replace("\n", "")[:most]


def word(text, most=500):
    """The text as far as an argument can hold it unencoded."""
    return line(text.replace(" ", ""), most) or "x"


def xml(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def verb(attack):
    letters = "".join(character for character in attack.upper() if "A" <= character <= "Z")
    return (letters + "XXX")[:3]


ANNA, BEN = "anna@example.com", "ben1@example.org"
FILES, OBJECTS = "5D3E02AB-6190-11D3-BBBB-00C04F795683", "A4268EEC-FEC5-49E5-95C3-F126696BDBF6"


def slp(start, to, sender, call, kind, body):
    body += "\r\n\0"
    head = [start, f"To: <msnmsgr:{to}>", f"From: <msnmsgr:{sender}>", f"Via: MSNSLP/1.0/TLP ;branch={{{call}}}", "CSeq: 0 ", f"Call-ID: {{{call}}}", "Max-Forwards: 0",
            "Content-Type: application/x-msnmsgr-" + kind, f"Content-Length: {len(encoded(body))}", "", ""]
    return encoded("\r\n".join(head) + body)


def p2p(board, side, identifier, data, session=0, flags=0, footer=0, chunk=1100):
    for at in range(0, max(1, len(data)), chunk):
        part = data[at:at + chunk]
        packet = struct.pack("<IIQQII", session, identifier, at, len(data), len(part), flags) + struct.pack("<IIQ", 0x1234 + identifier, 0, 0) + part + struct.pack(">I", footer)
        to = BEN if side == "C" else ANNA
        payload = encoded(f"MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: {to}\r\n\r\n") + packet
        board.say(side, f"MSG {7000 + identifier} D {len(payload)}" if side == "C" else f"MSG {BEN} Ben {len(payload)}", payload)


def file_offer(name, size):
    name = name.encode("utf-16-le", "surrogatepass")[:518]
    return struct.pack("<IIQI", 574, 2, size, 1) + name + b"\0" * (520 - len(name) + 30) + b"\xff" * 4


def invite(board, side, number, guid, app, session, context, text=""):
    body = f"EUF-GUID: {{{guid}}}\r\nSessionID: {session}\r\nAppID: {app}\r\n{text}Context: {base64.b64encode(context).decode()}\r\n"
    ends = (ANNA, BEN) if side == "C" else (BEN, ANNA)
    p2p(board, side, number, slp(f"INVITE MSNMSGR:{ends[1]} MSNSLP/1.0", ends[1], ends[0], f"CA11-{number}", "sessionreqbody", body))


def say_text(board, attack, headers="Content-Type: text/plain; charset=UTF-8", side="S", sender=None):
    board.message(side, f"MSG {BEN} {sender or 'Ben'}" if side == "S" else f"MSG {8000 + len(attack) % 900} N", headers, attack)


def notification(side, head, text):
    return lambda ns, _, number, attack: ns.say(side, f"{head.format(number=number)} {len(encoded(text(attack)))}", encoded(text(attack)))


# Where others choose a text: on the notification server (ns) or on a switchboard (sb).
PLACES = {
    "name of a contact": lambda ns, sb, n, attack: ns.say("S", f"LST N=ben{n}@example.org F={percent(attack)} C=00000000-0000-0000-0000-{n:012d} 3 {n}"),
    "name of a group": lambda ns, sb, n, attack: ns.say("S", f"LSG {percent(attack)} {n}"),
    "name of somebody online": lambda ns, sb, n, attack: ns.say("S", f"NLN NLN ben{n}@example.org {percent(attack)} 0"),
    "account": lambda ns, sb, n, attack: ns.say("S", f"NLN NLN {word(attack, 100)}@example.org Ben 0"),
    "status": lambda ns, sb, n, attack: ns.say("S", f"NLN {word(attack)} ben{n}@example.org Ben 0"),
    "picture of somebody online": lambda ns, sb, n, attack: ns.say("S", f"NLN NLN ben{n}@example.org Ben 0 {percent(f'<msnobj Creator={chr(34)}{xml(attack)}{chr(34)} Size={chr(34)}1{chr(34)} Type={chr(34)}3{chr(34)}/>')}"),
    "property": lambda ns, sb, n, attack: ns.say("S", f"PRP MFN {percent(attack)}"),
    "unencoded argument": lambda ns, sb, n, attack: ns.say("S", f"PRP {word(attack)} {word(attack)}"),
    "personal message, markup": notification("S", "UBX ben{number}@example.org", lambda attack: f"<Data><PSM>{attack}</PSM></Data>"),
    "personal message, escaped": notification("S", "UBX ben{number}@example.org", lambda attack: f"<Data><PSM>{xml(attack)}</PSM></Data>"),
    "song": notification("S", "UBX ben{number}@example.org", lambda attack: f"<Data><PSM></PSM><CurrentMedia>{xml(attack)}</CurrentMedia></Data>"),
    "XML of a notification": notification("S", "NOT", lambda attack: f"<NOTIFICATION ver='1' id='1'><TO name='{xml(attack)}'/><MSG><BODY>{xml(attack)}</BODY></MSG></NOTIFICATION>"),
    "mail": lambda ns, sb, n, attack: ns.message("S", "MSG Hotmail Hotmail", "Content-Type: text/x-msmsgsemailnotification; charset=UTF-8", f"From: {line(attack)}\r\nSubject: {line(attack)}\r\nMessage-URL: {line(attack)}\r\n"),
    "program of a client": lambda ns, sb, n, attack: ns.say("C", f"CVR {n + 100} 0x0409 winnt 5.1 i386 {word(attack, 100)} 7.0 MSMSGS {ANNA}"),
    "name of somebody who joins": lambda ns, sb, n, attack: sb.say("S", f"JOI cy{n}@example.org {percent(attack)} 0"),
    "name of a sender": lambda ns, sb, n, attack: say_text(sb, "hello", sender=percent(attack)),
    "text": lambda ns, sb, n, attack: say_text(sb, attack),
    "own text": lambda ns, sb, n, attack: say_text(sb, attack, side="C"),
    "font": lambda ns, sb, n, attack: say_text(sb, "in a font", f"Content-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN={percent(attack, 900)}; EF=B; CO=0; CS=0; PF=22"),
    "colour and effects": lambda ns, sb, n, attack: say_text(sb, "in a colour", f"Content-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Arial; EF={word(attack, 60)}; CO={word(attack, 60)}; CS=0; PF=22"),
    "unknown header": lambda ns, sb, n, attack: say_text(sb, "with a header", f"{line(attack)}: {line(attack)}\r\nContent-Type: text/plain; charset=UTF-8"),
    "character set": lambda ns, sb, n, attack: say_text(sb, "in a character set", f"Content-Type: text/plain; charset={line(attack, 100)}"),
    "type of a message": lambda ns, sb, n, attack: say_text(sb, attack, f"Content-Type: {line(attack)}"),
    "who is typing": lambda ns, sb, n, attack: say_text(sb, "\r\n", f"Content-Type: text/x-msmsgscontrol\r\nTypingUser: {line(attack)}"),
    "invitation": lambda ns, sb, n, attack: say_text(sb, f"Application-Name: {line(attack)}\r\nApplication-GUID: {{{FILES}}}\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: {33000 + n}\r\nApplication-File: {line(attack)}\r\nApplication-FileSize: 12\r\n", "Content-Type: text/x-msmsgsinvite; charset=UTF-8"),
    "emoticon": lambda ns, sb, n, attack: say_text(sb, f"{line(attack, 40)}\t<msnobj Creator=\"{xml(line(attack, 60))}\" Size=\"1\" Type=\"2\" Location=\"{xml(line(attack, 40))}\" Friendly=\"AAA=\" SHA1D=\"AAAA\"/>\t", "Content-Type: text/x-mms-emoticon"),
    "verb": lambda ns, sb, n, attack: sb.say("C", f"{verb(attack)} {n + 500} {line(attack, 900)}"),
    "what a finding quotes": lambda ns, sb, n, attack: ns.say("S", f"ILN {n + 200} {word(attack, 300)} ben{n}@example.org Ben 0"),
    "file by P2P": lambda ns, sb, n, attack: invite(sb, "S", 300 + n, FILES, 2, 900 + n, file_offer(line(attack, 250), 12)),
    "P2P words": lambda ns, sb, n, attack: invite(sb, "S", 500 + n, OBJECTS, 1, 1200 + n, encoded(f'<msnobj Creator="{xml(line(attack, 60))}" Size="9" Type="3" Location="{xml(line(attack, 60))}" Friendly="AAA=" SHA1D="AAAA" SHA1C="AAAA"/>\0'), f"X-Note: {line(attack)}\r\n"),
    "offline message": lambda ns, sb, n, attack: ns.message("S", "MSG Hotmail Hotmail", "Content-Type: text/x-msmsgsoimnotification; charset=UTF-8", f"Mail-Data: <MD><M><E>{xml(line(attack, 100))}</E><N>{xml(line(attack))}</N><SZ>1</SZ></M></MD>\r\n"),
}


def write_packets(path, packets):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        for index, packet in enumerate(packets):
            file.write(struct.pack("<IIII", 1_120_000_000 + index // 50, index % 50 * 20000, len(packet), len(packet)) + packet)


def sign_in(packets):
    ns = Connection(packets, 40001)
    ns.say("C", "VER 1 MSNP12 CVR0")
    ns.say("S", "VER 1 MSNP12")
    ns.say("C", f"CVR 2 0x0409 winnt 5.1 i386 <script>{HIT}</script> 7.0 MSMSGS {ANNA}")
    ns.say("C", f"USR 3 TWN I {ANNA}")
    ns.say("S", "USR 3 TWN S lc=1033,id=507")
    ns.say("C", "USR 4 TWN S t=5a8f0b2c9d&p=31337deadbeef")
    ns.say("S", f"USR 4 OK {ANNA} 1 0")
    return ns


def switchboard(packets, name=ATTACKS[0], other=ATTACKS[1]):
    sb = Connection(packets, 40002)
    sb.say("C", f"USR 1 {ANNA} 17262740.50653")
    sb.say("S", f"USR 1 OK {ANNA} {percent(name)}")
    sb.say("C", f"CAL 2 {BEN}")
    sb.say("S", "CAL 2 RINGING 11752013")
    sb.say("S", f"JOI {BEN} {percent(other)} 0")
    return sb


def write(path, attacks=None):
    """Every attack in every place. `attacks` makes the attack of a place out of its name instead."""
    packets = []
    ns, sb = sign_in(packets), switchboard(packets)
    for number, attack in enumerate(ATTACKS if attacks is None else [None]):
        for place, put in PLACES.items():
            put(ns, sb, number, attack if attacks is None else attacks(place))
    # A line without a blank, as long as a message can be.
    if attacks is None:
        say_text(sb, "W" * 60_000)
    write_packets(path, packets)


def write_small(path, words="a short talk"):
    """A switchboard with one message, for a recording whose file has a hostile name."""
    packets = []
    sb = switchboard(packets, "Anna", "Ben")
    say_text(sb, words)
    write_packets(path, packets)


# --- Pictures ------------------------------------------------------------------------------------------------------

def png(width=2, height=2, more=b""):
    def part(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixels = b"".join(b"\0" + b"\x22\x88\xdd" * 2 for _ in range(2))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + part(b"IDAT", zlib.compress(pixels)) + part(b"IEND", b"") + more


def gif(width=1, height=1, frame=(1, 1), comment=b""):
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    note = b"\x21\xfe" + bytes([len(comment)]) + comment + b"\0" if comment else b""
    return head + note + b"\x2c" + struct.pack("<HHHH", 0, 0, *frame) + b"\0\x02\x02\x44\x01\0;"


# A GIF that is JavaScript as well: its width and height are "= 1", and a comment of the script begins and ends around the picture.
SCRIPT = b"*/window.pageHit=1;/*"
POLYGLOT = b"GIF89a=\n1\n;/*\x21\xfe" + bytes([len(SCRIPT)]) + SCRIPT + b"\0\x2c\0\0\0\0\x01\0\x01\0\x80\0\0\0\xff\xff\xff\x02\x02\x44\x01\0;*/"

PICTURES = {
    "harmless": png(), "svg": f"<svg xmlns='http://www.w3.org/2000/svg' onload='{HIT}'><script>{HIT}</script></svg>".encode(), "html": f"<!DOCTYPE html><script>{HIT}</script>".encode(),
    "png and html": png(more=f"<!DOCTYPE html><script>{HIT}</script>".encode()), "gif and script": POLYGLOT, "huge png": png(60_000, 60_000), "huge gif": gif(60_000, 60_000),
    "huge frame": gif(1, 1, (60_000, 60_000)), "empty": png(0, 0),
}


def write_pictures(path):
    """Display pictures, whole, each by P2P."""
    packets = []
    sb = switchboard(packets, "Anna", "Ben")
    for number, data in enumerate(PICTURES.values()):
        digest = base64.b64encode(hashlib.sha1(data).digest()).decode()
        object_ = f'<msnobj Creator="{ANNA}" Size="{len(data)}" Type="3" Location="TFR{number}.tmp" Friendly="AAA=" SHA1D="{digest}" SHA1C="AAAA"/>\0'
        session = 70 + number
        invite(sb, "S", 10 * number + 1, OBJECTS, 1, session, object_.encode())
        p2p(sb, "C", 10 * number + 2, slp(f"MSNSLP/1.0 200 OK", BEN, ANNA, f"CA11-{10 * number + 1}", "sessionreqbody", f"SessionID: {session}\r\n"))
        p2p(sb, "C", 10 * number + 3, b"\0\0\0\0", session, footer=1)
        p2p(sb, "C", 10 * number + 4, data, session, 0x20, 1)
    write_packets(path, packets)
