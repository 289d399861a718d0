// Who is in a conversation, by the commands of its switchboard connection.

import MSNP
import Testing

@Suite struct ParticipantsTests {
    /// Takes lines; a line of the client begins with `C: `, all others are the server's.
    private static func take(_ lines: String...) -> (Participants, [Participants.Change]) {
        var participants = Participants()
        var changes: [Participants.Change] = []
        for line in lines {
            let isClient = line.hasPrefix("C: ")
            let bytes = Array((isClient ? String(line.dropFirst(3)) : line).utf8) + [0x0D, 0x0A]
            guard let frame = Frame(bytes), let command = Command(frame, from: isClient ? .client : .server) else {
                continue
            }
            if let change = participants.take(command) { changes.append(change) }
        }
        return (participants, changes)
    }

    @Test func theyComeInOrderAndLeave() {
        let (participants, changes) = Self.take(
            "C: ANS 1 Ann@x.example 12.3 4711", "IRO 1 1 2 Bob@x.example Bob", "IRO 1 2 2 cid@x.example Cid",
            "JOI dan@x.example Dan", "BYE bob@x.example", "BYE cid@x.example 1", "BYE eve@x.example")
        #expect(participants.own == "ann@x.example" && participants.session == "4711")
        #expect(participants.others == ["dan@x.example"])
        #expect(participants.everybody(but: "dan@x.example") == ["ann@x.example"])
        #expect(
            changes == [
                .present("bob@x.example"), .present("cid@x.example"), .joined("dan@x.example"),
                .left("bob@x.example", isIdle: false), .left("cid@x.example", isIdle: true),
            ])
    }

    /// A line names each place of an account, and one more the account alone (commands.tsv, `IRO`).
    @Test func aPersonIsThereUntilTheLastPlaceHasLeft() {
        let joined = [
            "C: USR 1 ann@x.example;{a1} 12.3", "JOI ann@x.example;{a2} Ann 1:1", "JOI bob@x.example;{b1} Bob 1:1",
            "JOI bob@x.example;{b2} Bob 1:1", "JOI bob@x.example Bob 1:1",
        ]
        func others(_ lines: [String]) -> [String] {
            var participants = Participants()
            for line in joined + lines {
                let isClient = line.hasPrefix("C: ")
                let bytes = Array((isClient ? String(line.dropFirst(3)) : line).utf8) + [0x0D, 0x0A]
                if let command = Frame(bytes).flatMap({ Command($0, from: isClient ? .client : .server) }) {
                    _ = participants.take(command)
                }
            }
            return participants.others
        }
        #expect(others([]) == ["bob@x.example"])
        #expect(others(["BYE bob@x.example;{b1}"]) == ["bob@x.example"])
        #expect(others(["BYE bob@x.example;{b1}", "BYE bob@x.example;{b1}"]) == ["bob@x.example"])
        #expect(others(["BYE bob@x.example;{b1}", "BYE bob@x.example;{b2}"]) == [])
        #expect(others(["BYE bob@x.example"]) == [])
    }

    @Test func howManyAreRememberedIsBounded() {
        var participants = Participants()
        for number in 0..<2_000 {
            guard let frame = Frame(Array("JOI u\(number)@x.example N\r\n".utf8)),
                let command = Command(frame, from: .server)
            else { continue }
            _ = participants.take(command)
        }
        #expect(participants.others.count == 1_000)
    }
}
