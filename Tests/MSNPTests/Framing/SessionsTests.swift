// Whole worked sessions: every frame has the length that the page gives it.

import MSNP
import TestSupport
import Testing

@Suite struct SessionsTests {
    @Test func ownSessionsFrameAsWritten() {
        let connections = workedConnections(in: ownSessions)
        #expect(connections.count == 13)
        expectFrames(of: connections)
    }

    @Test func sharedSessionsFrameAsWritten() {
        guard let page = SharedFolder.text("protocol/sessions.md", neededFor: "the worked sessions of every dialect")
        else { return }
        let connections = workedConnections(in: page)
        #expect(connections.count >= 30)
        #expect(Set(connections.map(\.dialect.number)) == [0, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 15, 18, 21])
        expectFrames(of: connections)
        for connection in connections.suffix(8) {
            for side in Side.allCases { expectEverySplit(connection.sample(side, dialect: nil)) }
        }
    }

    @Test(
        arguments: workedConnections(in: ownSessions).flatMap { connection in
            Side.allCases.map { connection.sample($0, dialect: connection.dialect) }
        }) func ownSessionsFrameTheSameHoweverTheyAreCut(_ sample: Sample)
    { expectEverySplit(sample) }

    /// In the connection's dialect and without knowing it, whole, in drips, and with two different cuts.
    private func expectFrames(of connections: [WorkedConnection], sourceLocation: SourceLocation = #_sourceLocation) {
        for connection in connections {
            for side in Side.allCases {
                for dialect in [connection.dialect, nil] {
                    let sample = connection.sample(side, dialect: dialect)
                    for cut in [Cut.whole, .window, .drip(1), .drip(1_460), .lengths([1, 40, 3, 7])] {
                        let outcome = read(sample, cut)
                        guard outcome.parts != sample.parts || outcome.fault != nil else { continue }
                        let place = zip(outcome.parts, sample.parts).first { $0 != $1 }
                        let difference = "\(sample.name), \(cut): \(place as Any), \(outcome.fault as Any)"
                        Issue.record("\(difference)", sourceLocation: sourceLocation)
                        return
                    }
                }
            }
        }
    }
}

/// Invented accounts and addresses for documentation, in the notation of `SessionNotation.swift`.
let ownSessions = """
    # Sign-in of MSNP2
    ```msnp 2
    # == DS
    C: VER 0 MSNP2
    S: VER 0 MSNP2
    C: USR 2 MD5 I ann@example.com
    S: XFR 2 NS 203.0.113.10
    # == NS
    C: USR 5 MD5 I ann@example.com
    S: USR 5 MD5 S 989048851.1851137130
    S: USR 6 OK ann@example.com Ann
    S: LST 7 BL 12 0 0
    S: 218 12
    S: OUT OTH
    ```
    # Lists of MSNP7
    ```msnp 7
    # == NS
    C: SYN 8 26
    S: PRP 8 27 PHW\u{20}
    S: LSG 8 27 1 2 0 Other%20Contacts 0
    S: CHL 0 12345678901234567890
    C: QRY 10 msmsgs@msnmsgr.com 32
    $ 8ba1bb9d6dbf624fee31a2053af5fdd0
    S: QRY 10
    C: SDC 18 zed@example.com 0x0409 MSMSGS MSMSGS X X  13
    $ Come and chat
    S: NOT 17
    | <NOTIFICATION/>
    ```
    # Presence of MSNP8 and a chat
    ```msnp 8
    # == NS
    S: SYN 8 27 2 2
    S: LST bob@example.com Bob 11 0,1
    S: ILN 9 AWY bob@example.com Bob 24
    C: XFR 15 SB
    S: XFR 15 SB 203.0.113.20:1863 CKI 17.26.32
    # == SB
    C: USR 1 ann@example.com 17.26.32
    S: USR 1 OK ann@example.com Ann
    S: CAL 2 RINGING 11752013
    C: MSG 3 N 64
    | MIME-Version: 1.0
    | Content-Type: text/plain
    | 
    $ Grüße aus Köln
    S: ACK 3
    S: 217 7
    S: BYE bob@example.com 1
    # == SB
    C: ANS 1 bob@example.com 849.52 11752013
    S: IRO 1 1 1 ann@example.com Ann
    S: ANS 1 OK
    S: MSG ann@example.com Ann 8
    x 00 0d 0a 4d 53 47 20 ff
    ```
    # MSNP11 and 12
    ```msnp 11
    # == NS
    C: GCF 9 Shields.xml
    S: GCF 9 Shields.xml 7
    $ <config
    C: UUX 10 4
    $ <a/>
    S: UUX 10 0
    S: UBX bob@example.com 0
    S: OUT RCT 5
    ```
    ```msnp 12
    # == NS
    S: LST N=bob@example.com F=Bob C=d6deeacd-7849-4de4-93c5-d130915d0042 11 1
    S: UUX 10
    S: NLN NLN bob@example.com Bob 0 0
    S: 913 31
    ```
    # MSNP15
    ```msnp 15
    # == NS
    S: GCF 0 4
    $ <P/>
    S: ADL 6 OK
    S: UBX bob@example.com 1 4
    $ <D/>
    S: 241 13 6
    $ <ml/>!
    S: 204 9 0
    C: UUM 14 yan@example.com 32 1 4
    $ text
    S: UUN 15 OK
    S: FLN bob@example.com 1 0
    # == SB
    S: JOI bob@example.com Bob 1985855532
    S: 217 7
    ```
    # MSNP18
    ```msnp 18
    # == NS
    S: NLN NLN 1:bob@example.com Bob 2789003324:48 0
    S: UBX 1:bob@example.com;via=9:1@example.com 4
    $ <D/>
    S: NFY PUT 6
    | a: b
    C: SDG 14 4
    $ text
    # == SB
    S: JOI bob@example.com;{8a1b4b43-0000-4000-8000-000000000002} Bob 2789003324:48
    ```
    # MSNP21
    ```msnp 21
    # == NS
    S: XFR 3 NS 203.0.113.11:1863 U D VmVyc2lvbjogMQ0KWGZyQ291bnQ6IDINCg==
    S: CHL 0 1663122458434562624782678054
    S: 801 11 5
    $ 0 6 6
    S: PUT 12 OK 6
    | a: b
    S: DEL 13 OK
    S: QNG 42
    ```
    """
