// Two sessions of one number whose data goes one way: Bob asks Ann for her picture, and Ann offers Bob a file.

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct OneNumberOneWayTests {
    private static let (ann, bob) = ("ann@example.com", "bob@example.com")
    private static let number: UInt32 = 1_804_289_383

    /// How packets identify the session of their data.
    enum Signs: CaseIterable { case both, flags, footers, nothing, contradictory }

    /// Where the exchanges are captured.
    enum Boards: CaseIterable {
        /// Both on one switchboard.
        case one
        /// Each on its own, with the same identifiers of messages.
        case two
        /// Each is agreed on on its own; all data goes over the second one.
        case secondCarries
        /// The switchboard is captured at both clients.
        case views
    }

    /// How two such exchanges look.
    struct Case: Sendable, CustomTestStringConvertible {
        var version = PeerVersion.one
        var signs = Signs.both
        var boards = Boards.one
        var isOneCall = true
        var sizes = (picture: 700, file: 900)
        /// Who ends the file's session.
        var isFileClosedByAnn = true
        var testDescription: String {
            "\(version) \(signs) \(boards) \(isOneCall ? "one call" : "two calls") \(sizes) \(isFileClosedByAnn)"
        }
    }

    static let cases: [Case] = {
        var cases: [Case] = []
        for boards in Boards.allCases {
            for isOneCall in [true, false] {
                for signs in Signs.allCases {
                    cases.append(Case(signs: signs, boards: boards, isOneCall: isOneCall, isFileClosedByAnn: isOneCall))
                }
                // With equal sizes only the packets identify the session.
                for signs in [Signs.both, .flags, .footers] {
                    cases.append(
                        Case(
                            signs: signs, boards: boards, isOneCall: isOneCall, sizes: (800, 800),
                            isFileClosedByAnn: false))
                }
                for sizes in [(700, 900), (800, 800)] {
                    cases.append(Case(version: .two, boards: boards, isOneCall: isOneCall, sizes: sizes))
                }
            }
        }
        return cases
    }()

    /// One step of an exchange: what is sent, by whom, on which switchboard.
    struct Step {
        var packet: Bytes
        var isByAnn: Bool
        var board: Int
        var isVersion2 = false
    }

    static let picture: Bytes = {
        var dice = SeededGenerator(seed: 41)
        return dice.bytes(1_000)
    }()
    static let file: Bytes = {
        var dice = SeededGenerator(seed: 42)
        return dice.bytes(1_000)
    }()

    private static func text(_ text: Bytes, _ message: UInt32, isByAnn: Bool, _ board: Int, _ what: Case) -> Step {
        let packet =
            what.version == .two
            ? Made.packet2(session: 0, package: UInt16(message), type: 1, remaining: 0, text)
            : Made.packet1(session: 0, message: message, offset: 0, size: UInt64(text.count), text)
        return Step(packet: packet, isByAnn: isByAnn, board: board, isVersion2: what.version == .two)
    }

    private static func data(_ data: Bytes, isFile: Bool, message: UInt32, _ board: Int, _ what: Case) -> [Step] {
        let flags: UInt32 =
            switch what.signs {
            case .both, .flags: isFile ? 0x1000030 : 0x20
            case .footers, .nothing: 0
            // Some call everything an object.
            case .contradictory: 0x20
            }
        let footer: UInt32 = what.signs == .flags || what.signs == .nothing ? 0 : isFile ? 2 : 12
        let half = data.count / 2
        return [0..<half, half..<data.count].map { range in
            let part = Bytes(data[range])
            let type: UInt8 = (isFile ? 6 : 4) + (range.lowerBound == 0 ? 1 : 0)
            let packet =
                what.version == .two
                ? Made.packet2(
                    session: number, package: UInt16(message), type: type,
                    remaining: UInt64(data.count - range.upperBound), part)
                : Made.packet1(
                    session: number, message: message, offset: UInt64(range.lowerBound), size: UInt64(data.count), part,
                    flags: flags, footer: footer)
            return Step(packet: packet, isByAnn: true, board: board, isVersion2: what.version == .two)
        }
    }

    /// Invitation, answer, data and end of one of the two.
    static func exchange(isFile: Bool, _ what: Case) -> [Step] {
        let data = Bytes(isFile ? file.prefix(what.sizes.file) : picture.prefix(what.sizes.picture))
        let (inviter, invitee) = isFile ? (ann, bob) : (bob, ann)
        let call = what.isOneCall || !isFile ? "{6B8B4567}" : "{327B23C6}"
        let isApart = what.boards == .two || what.boards == .secondCarries
        let board = isFile && isApart ? 2 : 1
        let digest = MadeDigest.of(data).base64
        let context =
            isFile
            ? Made.offer("a.bin", size: UInt64(data.count))
            : Bytes(Made.object(3, size: data.count, creator: ann, more: " SHA1D=\"\(digest)\"").utf8)
        let invite = Made.invite(
            from: inviter, to: invitee, session: number, call: call, guid: isFile ? Made.fileGUID : Made.objectGUID,
            app: isFile ? 2 : 12, context: context)
        let answer = Made.answer(from: invitee, to: inviter, session: number, call: call)
        let isClosedByAnn = isFile && what.isFileClosedByAnn
        let (closer, other) = isClosedByAnn ? (ann, bob) : (bob, ann)
        let bye = Made.slp(
            "BYE MSNMSGR:\(other) MSNSLP/1.0", from: closer, to: other, call: call, type: "sessionclosebody",
            body: "SessionID: \(number)\r\n")
        let first: UInt32 = isFile ? 20 : 10
        var steps = [
            text(invite, first, isByAnn: isFile, board, what), text(answer, first + 1, isByAnn: !isFile, board, what),
        ]
        if !isFile, what.version == .one {
            let zeros = Made.packet1(session: number, message: 499, offset: 0, size: 4, [0, 0, 0, 0], footer: 12)
            steps.append(Step(packet: zeros, isByAnn: true, board: board))
        }
        let message: UInt32 = isFile && what.boards != .two ? 501 : 500
        let carrier = what.boards == .secondCarries ? 2 : board
        steps += Self.data(data, isFile: isFile, message: message, carrier, what)
        return steps + [text(bye, first + 2, isByAnn: isClosedByAnn, board, what)]
    }

    /// All ways to put two rows of steps into one; of each row the order stays.
    static func orders(_ one: [Step], _ two: [Step]) -> [[Step]] {
        var orders: [[Step]] = []
        for choice in 0..<1 << (one.count + two.count) where choice.nonzeroBitCount == two.count {
            var rest = (one[...], two[...])
            orders.append(
                (0..<one.count + two.count).compactMap { place in
                    choice >> place & 1 == 1 ? rest.1.popFirst() : rest.0.popFirst()
                })
        }
        return orders
    }

    static func replay(_ steps: [Step], _ what: Case, _ reading: inout Reading) {
        for connection in what.boards == .one ? 1...1 : 1...2 {
            let own = what.boards == .views && connection == 1 ? ann : bob
            reading.receive(Made.line("USR 1 \(own) 1.2"), on: connection, side: .client)
        }
        for step in steps {
            let (from, to) = step.isByAnn ? (ann, bob) : (bob, ann)
            let frame = Made.frame(step.packet, from: from, to: to, isVersion2: step.isVersion2)
            guard what.boards == .views else {
                reading.receive(frame, on: step.board, side: step.isByAnn ? .server : .client)
                continue
            }
            reading.receive(frame, on: 1, side: step.isByAnn ? .client : .server)
            reading.receive(frame, on: 2, side: step.isByAnn ? .server : .client)
        }
        reading.finish()
    }

    /// Each of the two comes whole, as what it is, in every order of the two exchanges.
    @Test(arguments: cases) func allOrders(_ what: Case) {
        let all = Self.orders(Self.exchange(isFile: false, what), Self.exchange(isFile: true, what))
        #expect(all.count == (what.version == .one ? 462 : 252))
        // All orders of each case take minutes.
        let isEvery =
            what.boards == .one && what.isOneCall && [.both, .nothing].contains(what.signs)
            && what.sizes.picture != what.sizes.file
        let orders = all.enumerated().filter { isEvery || $0.offset % 23 == 3 }.map(\.element)
        let data: [String: Bytes] = [
            "picture": Bytes(Self.picture.prefix(what.sizes.picture)), "file": Bytes(Self.file.prefix(what.sizes.file)),
        ]
        let times = what.boards == .views ? 2 : 1
        var wrong = 0
        for order in orders {
            var reading = Reading()
            Self.replay(order, what, &reading)
            var checking = Reading(.checking { MadeDigest() })
            Self.replay(order, what, &checking)
            let isRight =
                reading.findings == [] && checking.findings == []
                && reading.ended.map(\.kind).sorted()
                    == Array(repeating: "file", count: times) + Array(repeating: "picture", count: times)
                && reading.ended.allSatisfy {
                    $0.data == data[$0.kind] && $0.sender == Self.ann && $0.recipient == Self.bob && $0.reason == nil
                        && $0.name == ($0.kind == "file" ? "a.bin" : nil) && !$0.isCancelled
                }
            if !isRight { wrong += 1 }
        }
        #expect(wrong == 0, "of \(orders.count) orders")
    }

    /// Packets of one size that do not identify their session: the data is of the session that waits for some.
    @Test(arguments: [false, true], [0, 2, 3, 4, 5]) func whoWaitsForDataGetsIt(_ isFileFirst: Bool, _ others: Int) {
        // How much of the first exchange goes in front of the other one's invitation; its answer and data come last.
        let what = Case(signs: .nothing, sizes: (800, 800))
        let first = Self.exchange(isFile: isFileFirst, what)
        let second = Self.exchange(isFile: !isFileFirst, what)
        let (before, after) = (Array(first[..<others]), Array(first[others...]))
        var reading = Reading()
        Self.replay(before + second[..<1] + after + second[1...], what, &reading)
        #expect(reading.findings == [])
        #expect(reading.ended.map(\.kind) == (isFileFirst ? ["file", "picture"] : ["picture", "file"]))
        #expect(
            reading.ended.allSatisfy {
                $0.data == ($0.kind == "file" ? Self.file : Self.picture).prefix(800).map(\.self)
            })
    }

    /// Of each, a session is closed: that whose data came, by either side, and then the other.
    @Test func whoIsClosed() {
        let what = Case(signs: .both)
        let picture = Self.exchange(isFile: false, what)
        let file = Self.exchange(isFile: true, what)
        // Both send BYE for the picture while the file is on its way; then the file is broken off.
        let bye = Made.slp(
            "BYE MSNMSGR:\(Self.bob) MSNSLP/1.0", from: Self.ann, to: Self.bob, call: "{6B8B4567}",
            type: "sessionclosebody", body: "")
        let byAnn = [30, 31].map { Self.text(bye, $0, isByAnn: true, 1, what) }
        for isBrokenOff in [false, true] {
            var steps = picture.dropLast() + file[..<3] + picture.suffix(1) + byAnn[..<1]
            steps += isBrokenOff ? byAnn[1...] : file[3...]
            var reading = Reading()
            Self.replay(Array(steps), what, &reading)
            #expect(reading.findings == [])
            #expect(reading.ended.map(\.kind) == ["picture", "file"])
            #expect(reading.ended.map(\.isComplete) == [true, !isBrokenOff])
            #expect(reading.ended.map(\.reason) == [nil, isBrokenOff ? "cancelled by the sender" : nil])
        }
    }

    /// Both go over one direct link, whose nonce was announced for the file.
    @Test(arguments: Signs.allCases, [(700, 900), (800, 800)]) func overALink(_ signs: Signs, _ sizes: (Int, Int)) {
        guard signs == .both || signs == .flags || sizes.0 != sizes.1 else { return }
        let what = Case(signs: signs, sizes: (picture: sizes.0, file: sizes.1))
        let (picture, file) = (Self.exchange(isFile: false, what), Self.exchange(isFile: true, what))
        let isData = { (step: Step) in step.packet.starts(with: little(Int(Self.number), 4)) }
        let nonce = Bytes(1...16)
        let way = Made.slp(
            "MSNSLP/1.0 200 OK", from: Self.bob, to: Self.ann, call: "{6B8B4567}", type: "transrespbody",
            body: "Bridge: TCPv1\r\nListening: true\r\nNonce: \(GUID(little: ByteSlice(nonce))?.description ?? "")\r\n")
        let texts = (picture.dropLast() + file.dropLast()).filter { !isData($0) }
        for packets in Self.orders(picture.filter(isData), file.filter(isData)) {
            var reading = Reading()
            for step in texts + [Self.text(way, 40, isByAnn: false, 1, what)] {
                let (from, to) = step.isByAnn ? (Self.ann, Self.bob) : (Self.bob, Self.ann)
                reading.receive(Made.frame(step.packet, from: from, to: to), side: step.isByAnn ? .server : .client)
            }
            let handshake = Made.packet1(
                session: 0, message: 1, offset: 0, size: 0, [], flags: 0x100, footer: nil, tail: nonce)
            // Links have no footers.
            for packet in [Bytes("foo\0".utf8), handshake] + packets.map({ Bytes($0.packet.dropLast(4)) }) {
                reading.receive(
                    linkPacket(packet), as: .peerData, on: 2, role: .peerToPeer, side: .client)
            }
            reading.finish()
            #expect(reading.findings == [])
            #expect(Set(reading.ended.map(\.kind)) == ["picture", "file"] && reading.ended.count == 2)
            for transfer in reading.ended {
                let data = transfer.kind == "file" ? Self.file.prefix(sizes.1) : Self.picture.prefix(sizes.0)
                #expect(transfer.data == Bytes(data) && transfer.sender == Self.ann && transfer.method == .direct)
            }
        }
    }
}
