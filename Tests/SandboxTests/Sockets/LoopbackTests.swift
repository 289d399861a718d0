// The sandbox and scripted clients over real sockets on loopback.

import MSNP
import NIOCore
import NIOPosix
import Testing

@testable import Sandbox

@Suite struct LoopbackTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    @Test func theDemoChatIsRedirectedThreeTimes() async throws {
        let sandbox = try await Sandbox.start(on: group)
        let clients = try await DemoChat.run(door: sandbox.dispatch, group: group)
        for client in clients {
            let switchboards = [sandbox.switchboard, sandbox.switchboard]
            #expect(client.addresses == [sandbox.dispatch, sandbox.notification] + switchboards)
        }
        #expect(Set(clients.map(\.dialect)) == [Dialect(7), Dialect(12)])
        await sandbox.stop()
    }

    @Test(arguments: 2...12)
    func everyDialectChatsWithTheNewest(dialect: Int) async throws {
        let sandbox = try await Sandbox.start(on: group)
        let old = ScriptedClient(
            account: "old@example.com", dialect: Dialect(UInt8(dialect)), server: sandbox.dispatch, group: group)
        let new = ScriptedClient(
            account: "new@example.com", dialect: Dialect(12), server: sandbox.notification, group: group)
        try await old.signIn()
        try await new.signIn()
        async let invitation: Void = new.acceptInvitation()
        try await old.openConversation(with: new.account)
        try await invitation
        try await old.sendTyping()
        try await old.sendText("çà et là 🦋")
        var received = new.received.makeAsyncIterator()
        #expect(await received.next() == "çà et là 🦋")
        await new.leave()
        await old.signOut()
        await new.signOut()
        #expect(await received.next() == nil)
        await sandbox.stop()
    }

    @Test(arguments: [2, 7, 9, 12])
    func oneClientAloneChatsWithTheEchoContact(dialect: Int) async throws {
        let sandbox = try await Sandbox.start(on: group, hasEcho: true)
        let client = ScriptedClient(
            account: "alone@example.com", dialect: Dialect(UInt8(dialect)), server: sandbox.dispatch, group: group)
        try await client.signIn()
        try await client.openConversation(with: EchoContact.account)
        var received = client.received.makeAsyncIterator()
        #expect(await received.next()?.hasPrefix("Say anything and I repeat it.") == true)
        try await client.sendTyping()
        try await client.sendText("çà et là 🦋")
        #expect(await received.next() == "çà et là 🦋")
        try await client.sendText("picture")
        let start = dialect < 9 ? "Clients of MSNP\(dialect) do not support pictures" : "Here is one: (fly)"
        #expect(await received.next()?.hasPrefix(start) == true)
        await client.signOut()
        await sandbox.stop()
    }

    @Test func theLastWordsArriveWhateverElseTheClientSays() async throws {
        let sandbox = try await Sandbox.start(on: group)
        let link = try await ClientSocket.connect(
            to: sandbox.dispatch, on: group, before: .now() + .seconds(60)
        ) { _, _ in false }
        link.send("VER 1 MSNP8 CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSMSGS 5.0.0540 MSMSGS a@example.com")
        link.send("USR 3 TWN I a@example.com")
        for number in 4...200 { link.send("SYN \(number) 0") }
        let answer = try await link.first("XFR", before: .now() + .seconds(60)) { $0.verb == "XFR" }
        let line = "XFR 3 NS \(sandbox.notification) 0 \(sandbox.dispatch)"
        #expect(String(decoding: answer.line, as: UTF8.self) == line)
        await link.close()
        await sandbox.stop()
    }

    @Test func ofUnreadCommandsTheLatestThousandAreKept() async throws {
        let sandbox = try await Sandbox.start(on: group)
        let link = try await ClientSocket.connect(
            to: sandbox.notification, on: group, before: .now() + .seconds(60)
        ) { _, _ in false }
        link.send("VER 1 MSNP8 CVR0")
        for _ in 1...1_000 { link.send("PNG") }
        link.send("CVR 2 0x0409 winnt 5.1 i386 MSMSGS 5.0.0540 MSMSGS a@example.com")
        _ = try await link.first("CVR", before: .now() + .seconds(60)) { $0.verb == "CVR" }
        await #expect(throws: ScriptError.self) {
            _ = try await link.first("VER", before: .now()) { $0.verb == "VER" }
        }
        _ = try await link.first("QNG", before: .now()) { $0.verb == "QNG" }
        await link.close()
        await sandbox.stop()
    }

    @Test func whatIsNoProtocolIsHungUpOn() async throws {
        let sandbox = try await Sandbox.start(on: group)
        let link = try await ClientSocket.connect(to: sandbox.notification, on: group, before: .now() + .seconds(60)) {
            _, _ in
            false
        }
        link.send("hello?")
        await #expect(throws: ScriptError.self) {
            _ = try await link.first("nothing", before: .now() + .seconds(10)) { _ in true }
        }
        await sandbox.stop()
    }

    @Test func theDemoChatSaysWhyItFails() async throws {
        let sandbox = try await Sandbox.start(on: group)
        await sandbox.stop()
        await #expect(throws: (any Error).self) { try await DemoChat.run(door: sandbox.dispatch, group: group) }
    }

    @Test func aTakenPortIsAnError() async throws {
        let sandbox = try await Sandbox.start(on: group)
        await #expect(throws: (any Error).self) {
            try await Sandbox.start(on: group, notificationPort: Int(sandbox.dispatch.port))
        }
        await sandbox.stop()
    }

    @Test func aClientWithoutConversationCannotSpeak() async throws {
        let sandbox = try await Sandbox.start(on: group)
        let client = ScriptedClient(
            account: "a@example.com", dialect: Dialect(8), server: sandbox.dispatch, group: group)
        await #expect(throws: ScriptError.self) { try await client.sendText("x") }
        try await client.signIn()
        await #expect(throws: ScriptError.self) { try await client.openConversation(with: "b@example.com") }
        await client.signOut()
        await sandbox.stop()
    }
}
