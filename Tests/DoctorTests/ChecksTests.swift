// What the doctor makes of facts: one row for each result of each check.

import MSNP
import Testing

@testable import Doctor

@Suite struct ChecksTests {
    private static let address = HostPort("127.0.0.1", 1863)

    @Test(arguments: [
        (ListenFact.free, Check.Outcome.ok, ""),
        (.taken(by: PortHolder(process: 7, name: "butterflynet")), .note, ""),
        (.taken(by: PortHolder(process: 7, name: "msnd")), .failed, "kill 7"),
        (.taken(by: nil), .failed, "ss -ltnp 'sport = :1863'"),
        (.denied, .failed, "sudo setcap cap_net_bind_service=+ep $(command -v butterflynet)"),
        (.elsewhere, .failed, "--listen 0.0.0.0:1863"),
        (.failed("too many open files"), .failed, ""),
    ])
    func listening(_ fact: ListenFact, _ outcome: Check.Outcome, _ advice: String) {
        let check = Check.listen(Self.address, fact, command: "butterflynet")
        #expect(check.outcome == outcome && (check.advice.first ?? "") == advice, "\(check)")
    }

    @Test(arguments: [
        ("VER 1 MSNP8 CVR0\r\n", Check.Outcome.ok), ("VER 1 0\r\n", .ok), ("", .note),
        ("HTTP/1.1 400 Bad Request\r\n", .failed), ("<html>", .failed), ("\u{15}\u{3}\u{1}", .failed),
        ("SSH-2.0-OpenSSH_9.2\r\n", .failed),
    ])
    func whatTheServerAnswers(_ answer: String, _ outcome: Check.Outcome) {
        let attempt = UpstreamFact.Attempt(address: Self.address, milliseconds: 3, answer: Array(answer.utf8))
        #expect(Check.upstream(Self.address, .tried([attempt])).outcome == outcome)
    }

    @Test func aServerThatCannotBeReached() {
        let unresolved = Check.upstream(HostPort("no.example", 1863), .unresolved("no such name"))
        #expect(unresolved.outcome == .failed && unresolved.advice == ["getent hosts no.example"])
        let refused = UpstreamFact.Attempt(address: Self.address, failure: "connection refused")
        let check = Check.upstream(Self.address, .tried([refused, refused]))
        #expect(check.outcome == .failed && check.text.contains("connection refused"))
        // One address is enough.
        let reached = UpstreamFact.Attempt(address: Self.address, milliseconds: 2)
        #expect(Check.upstream(Self.address, .tried([refused, reached])).outcome == .ok)
    }

    @Test(arguments: [
        ("127.0.0.1:1863", true), ("192.168.1.20:1863", true), ("[::ffff:192.168.1.20]:1863", true),
        ("localhost:1863", true), ("192.168.1.20:1864", false), ("192.168.1.21:1863", false),
    ])
    func addressesOfTheRelayItself(_ text: String, _ isOwn: Bool) throws {
        let own = OwnAddresses(listen: [HostPort("0.0.0.0", 1863)], interfaces: ["127.0.0.1", "192.168.1.20"])
        #expect(own.contains(try #require(HostPort(text))) == isOwn)
    }

    @Test func aLoopNamesTheLineToRemove() {
        let own = OwnAddresses(listen: [Self.address], interfaces: ["127.0.0.1"])
        let entries = HostsEntry.read("127.0.0.1 localhost\n127.0.0.1\tmessenger.hotmail.com # old\n#1.2.3.4 x\n")
        #expect(entries.map(\.name) == ["localhost", "messenger.hotmail.com"])
        let target = ("--upstream messenger.hotmail.com:1863", [Self.address])
        let check = Check.loop([target], own, names: entries)
        #expect(check.outcome == .failed)
        #expect(check.advice == ["remove “127.0.0.1 messenger.hotmail.com” from the hosts file of this machine"])
        #expect(Check.loop([("--upstream a:1", [HostPort("10.0.0.5", 1863)])], own, names: []).outcome == .ok)
        #expect(Check.loop([], own, names: []).outcome == .skipped)
    }

    @Test func whatClientsAreGiven() {
        let all = HostPort("0.0.0.0", 1863)
        func check(
            _ listen: HostPort, _ advertised: HostPort? = nil, _ interfaces: [InterfaceFact] = [], ipv6: Bool = false
        ) -> Check { Check.advertise(listen: listen, advertised: advertised, interfaces: interfaces, hasIPv6: ipv6) }
        let lan = InterfaceFact(name: "eth0", address: "192.168.1.20", reaches: true)
        #expect(check(all, nil, [lan]).outcome == .ok)
        #expect(check(all, nil, [lan]).text.contains("192.168.1.20:1863"))
        #expect(check(Self.address).advice == ["for clients on other machines: --listen 0.0.0.0:1863"])
        #expect(check(HostPort("fd00::1", 1863)).advice == ["--listen 0.0.0.0:1863"])
        let container = InterfaceFact(name: "eth0", address: "172.17.0.2", reaches: true)
        #expect(check(all, nil, [container]).outcome == .failed)
        #expect(check(all, HostPort("192.0.2.7", 1863), [container]).outcome == .ok)
        let blocked = InterfaceFact(name: "eth0", address: "192.168.1.20", reaches: false)
        #expect(check(all, nil, [blocked]).outcome == .failed)
        #expect(check(all, nil, [], ipv6: true).outcome == .failed)
        #expect(check(all).outcome == .note)
    }

    @Test(arguments: [
        ("0.0.0.0:1863", nil, ["192.168.1.20"], "192.168.1.20:1863"), ("0.0.0.0:1863", nil, [], "127.0.0.1:1863"),
        ("127.0.0.1:1870", nil, ["192.168.1.20"], "127.0.0.1:1870"),
        ("0.0.0.0:1863", "192.0.2.7:1999", ["192.168.1.20"], "192.0.2.7:1999"),
    ])
    func whatClientsType(_ listen: String, _ advertised: String?, _ interfaces: [String], _ wanted: String) throws {
        let choice = ClientAddress.choice(
            listen: try #require(HostPort(listen)), advertised: advertised.flatMap { HostPort($0) },
            interfaces: interfaces)
        #expect(choice.description == wanted)
    }

    @Test func hostsAndProxies() {
        let entries = HostsEntry.read("10.0.0.9 messenger.hotmail.com other\n")
        let check = Check.hostsFile(entries, path: "/etc/hosts", upstream: nil)
        #expect(check.outcome == .note && check.text.contains("10.0.0.9 messenger.hotmail.com"))
        #expect(Check.hostsFile(entries, path: "/etc/hosts", upstream: "other").advice.count == 1)
        #expect(Check.hostsFile([], path: "/etc/hosts", upstream: nil).outcome == .ok)
        let proxies = Check.proxies([("http_proxy", "http://user:secret@proxy:3128")])
        #expect(proxies.outcome == .note && !proxies.text.contains("secret"))
        #expect(proxies.advice == ["unset http_proxy"] && Check.proxies([]).outcome == .ok)
    }

    @Test func firewallRules() {
        var fact = TransparentFact()
        #expect(Check.transparent(fact, port: 1863).outcome == .skipped)
        fact.rules = "table inet a {\n\ttcp dport 1863 redirect to :18630\n}\n"
        #expect(Check.transparent(fact, port: 1863).outcome == .ok)
        for rule in ["redirect to :1863", "tproxy to :1863 meta mark set 1", "dnat ip to 10.0.0.1:1863"] {
            fact.rules = "table inet a {\n\ttcp dport 1863 \(rule)\n}\n"
            #expect(Check.transparent(fact, port: 1863).outcome == .note, "\(rule)")
        }
        fact.isInNamespace = true
        #expect(Check.transparent(fact, port: 1863).outcome == .failed)
    }

    @Test func theArchive() {
        #expect(Check.archive(nil, ArchiveFact()).outcome == .skipped)
        var fact = ArchiveFact(isWritable: true, freeBytes: 1 << 30)
        #expect(Check.archive("a", fact).outcome == .ok)
        fact.freeBytes = 1 << 20
        #expect(Check.archive("a", fact).outcome == .failed)
        fact = ArchiveFact(exists: true, isWritable: true, freeBytes: 10 << 30, bytes: 1 << 30, seconds: 86_400)
        #expect(fact.daysLeft == 10 && Check.archive("a", fact).text.contains("10 days"))
        fact.recordedBy = [12]
        #expect(Check.archive("a", fact).text.contains("process 12"))
        fact.faults = ["row 3 missing from index"]
        #expect(Check.archive("a", fact).outcome == .failed)
        fact = ArchiveFact(exists: true, isWritable: false)
        #expect(Check.archive("a", fact).outcome == .failed)
        fact.failure = "it is not an SQLite file"
        #expect(Check.archive("a", fact).text.contains("not an SQLite file"))
    }

    @Test(arguments: [
        ("Date: Thu, 01 Jan 1970 00:00:00 GMT", 0), ("date: Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Date: Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000), ("Date: nonsense", nil), ("Dated: x", nil),
        ("Date: Sun, 06 Nov 99999999999999999999 08:49:37 GMT", nil),
    ])
    func httpDates(_ line: String, _ seconds: Int?) {
        #expect(Check.date(in: Array("HTTP/1.1 200 OK\r\n\(line)\r\n\r\n".utf8)) == seconds)
    }

    @Test func clockAndLimits() {
        #expect(Check.clock(server: nil, now: 5).outcome == .skipped)
        #expect(Check.clock(server: 1_000, now: 1_030).outcome == .ok)
        #expect(Check.clock(server: 1_000, now: 2_000).text.contains("1000 s ahead"))
        let few = LimitsFact(softFiles: 64, hardFiles: 64, somaxconn: 4_096)
        #expect(Check.limits(few, connections: 12).outcome == .failed)
        let short = LimitsFact(softFiles: 1_024, hardFiles: 65_536, somaxconn: 16)
        #expect(Check.limits(short, connections: 30_000).outcome == .note)
        let good = LimitsFact(softFiles: 1_024, hardFiles: 65_536, somaxconn: 4_096)
        #expect(Check.limits(good, connections: 30_000).outcome == .ok)
    }

    @Test func listenersInTheTablesOfTheSystem() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:0747 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
               1: 0100007F:0747 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1
               2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1
            """
        #expect(PortHolder.inodes(in: table, listeningAt: 1863) == ["4711"])
        #expect(PortHolder.inodes(in: "damaged", listeningAt: 1863) == [])
    }
}
