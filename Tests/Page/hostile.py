"""Makes a capture in which every text that others choose is an attack: a raw-IP pcap file, one packet a message."""
import struct

ATTACKS = [
    "<script>window.pageHit=1</script>", "<img src=x onerror=window.pageHit=1>", "\"><svg onload=window.pageHit=1>", "'><iframe src=javascript:window.pageHit=1>",
    "javascript:window.pageHit=1", "</pre></style></script><script>window.pageHit=1</script>", "<a href='http://evil.example/'>x</a>", "<style>*{display:none}</style>",
    "<base href=//evil.example/>", "<meta http-equiv=refresh content=0;url=//evil.example/>", "{{constructor.constructor('window.pageHit=1')()}}", "${window.pageHit=1}",
    "url(http://evil.example/x.png)", "expression(window.pageHit=1)", "\u202e\u2066evil\u2069", "\u2069\u202e turned", "\u200b\u200d\u00ad\ufeff", "e" + "\u0301" * 400,
    "A" * 3000, "\u2028\u2029\u0085", "\u2039secret:aaaaaa\u203a", "\U000e0041\U000e0042", "<math><mtext></form><form><mglyph><style></math><img src onerror=window.pageHit=1>", "&lt;script&gt;",
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
        data = (line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass")) + b"\r\n" + (payload or b"")
        for start in range(0, len(data), 1200):
            self.send(side, data[start:start + 1200])

    def message(self, side, line, headers, text):
        payload = ("MIME-Version: 1.0\r\n" + headers + "\r\n\r\n" + text).encode("utf-8", "surrogatepass")
        self.say(side, f"{line} {len(payload)}", payload)


def percent(text):
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def write(path):
    packets = []
    ns = Connection(packets, 40001)
    ns.say("C", "VER 1 MSNP12 CVR0")
    ns.say("S", "VER 1 MSNP12")
    ns.say("C", "CVR 2 0x0409 winnt 5.1 i386 <script>window.pageHit=1</script> 7.0 MSMSGS anna@example.com")
    ns.say("C", "USR 3 TWN I anna@example.com")
    ns.say("S", "USR 3 OK anna@example.com 1 0")
    for number, attack in enumerate(ATTACKS):
        name = percent(attack)[:2400]
        ns.say("S", f"LSG {name} {number}")
        ns.say("S", f"LST N=ben{number}@example.org F={name} C=00000000-0000-0000-0000-{number:012d} 3 {number}")
        ns.say("S", f"NLN NLN ben{number}@example.org {name} 0 {name}")
        ns.say("S", f"PRP MFN {name}")
        words = attack.replace(" ", "")[:500]
        ns.say("S", f"NLN {words} {words}@example.org {words} 0")
        xml = f"<Data><PSM>{attack}</PSM><CurrentMedia>{attack}</CurrentMedia></Data>".encode("utf-8", "surrogatepass")
        ns.say("S", f"UBX ben{number}@example.org {len(xml)}", xml)
        escaped = f"<Data><PSM>{attack.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</PSM></Data>".encode("utf-8", "surrogatepass")
        ns.say("S", f"UBX ben{number}@example.org {len(escaped)}", escaped)
    sb = Connection(packets, 40002)
    sb.say("C", "USR 1 anna@example.com 17.99")
    sb.say("S", f"USR 1 OK anna@example.com {percent(ATTACKS[0])}")
    sb.say("C", "CAL 2 ben1@example.org")
    sb.say("S", "CAL 2 RINGING 11752013")
    sb.say("S", f"JOI ben1@example.org {percent(ATTACKS[1])} 0")
    for number, attack in enumerate(ATTACKS):
        line = attack.replace("\r", "").replace("\n", "")
        sb.message("S", f"MSG ben1@example.org {percent(attack)[:2400]}", f"Content-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN={percent(attack)[:900]}; EF=B; CO={line[:60]}; CS=0; PF=22", attack)
        sb.message("C", f"MSG {number + 10} N", f"{line[:200]}: {line}\r\nContent-Type: text/plain; charset={line[:100]}", attack)
        sb.message("S", "MSG ben1@example.org Ben", f"Content-Type: {line[:200]}", attack)
        sb.message("S", "MSG ben1@example.org Ben", f"Content-Type: text/x-msmsgscontrol\r\nTypingUser: {line}", "\r\n")
        sb.message("S", "MSG ben1@example.org Ben", "Content-Type: text/x-msmsgsinvite; charset=UTF-8", f"Application-Name: {line}\r\nApplication-GUID: {{5D3E02AB-6190-11d3-BBBB-00C04F795683}}\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: {33000 + number}\r\nApplication-File: {line}\r\nApplication-FileSize: 12\r\n")
        sb.message("S", "MSG ben1@example.org Ben", "Content-Type: text/x-mms-emoticon", f"{line[:40]}\t<msnobj Creator=\"{line[:60]}\" Size=\"1\" Type=\"2\" Location=\"{line[:40]}\" Friendly=\"AAA=\" SHA1D=\"AAAA\"/>\t")
        sb.say("C", f"{words_of(attack)} {number + 500} {line[:900]}")
        sb.say("S", f"9{number:02d} {number + 500}")
    time = 1_120_000_000
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
        for index, packet in enumerate(packets):
            file.write(struct.pack("<IIII", time + index // 50, index % 50 * 20000, len(packet), len(packet)) + packet)


def words_of(attack):
    letters = "".join(character for character in attack.upper() if "A" <= character <= "Z")
    return (letters + "XXX")[:3]
