// The address of the login server becomes the relay's, and nothing else changes.

import MSNP
import Testing

@testable import Doors

@Suite struct SignInEditorTests {
    private static let relay = HostPort("192.0.2.7", 1863)

    private static func answer(_ login: String, _ name: String = "PassportURLs") -> String {
        "HTTP/1.1 200 OK\r\nServer: IIS\r\n\(name): DARealm=Passport.Net,\(login),DAReg=http://reg.example/\r\n"
            + "Content-Length: 4\r\n\r\nDALo"
    }

    /// What is sent of an answer that comes in parts of this size.
    private static func edit(
        _ text: String, _ size: Int = .max, address: HostPort = relay
    ) -> (text: String, changes: [SignInEditor.Change]) {
        var editor = SignInEditor(address: address)
        var sent: [UInt8] = []
        var changes: [SignInEditor.Change] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let (bytes, new) = editor.edit(Array(rest.prefix(size)).span)
            sent += bytes
            changes += new
            rest = rest.dropFirst(size)
        }
        return (String(decoding: sent + editor.finish(), as: UTF8.self), changes)
    }

    @Test(arguments: [
        ("DALogin=login.example.net/login2.srf", "DALogin=192.0.2.7:1863/login2.srf"),
        ("DALogin=http://login.example.net/login2.srf", "DALogin=http://192.0.2.7:1863/login2.srf"),
        ("dalogin=login.example.net:8080/login.srf?lc=1033", "dalogin=192.0.2.7:1863/login.srf?lc=1033"),
    ])
    func theHostIsReplaced(_ before: String, _ after: String) {
        for name in ["PassportURLs", "passporturls"] {
            let text = Self.answer(before, name) + Self.answer(before, name)
            for size in [1, 2, 3, 50, .max] {
                let (sent, changes) = Self.edit(text, size)
                #expect(sent == Self.answer(after, name) + Self.answer(after, name))
                #expect(changes.count == 2)
            }
        }
    }

    @Test func portEightyIsNotNamed() {
        let (sent, changes) = Self.edit(
            Self.answer("DALogin=login.example.net/login2.srf"), address: HostPort("192.0.2.7", 80))
        #expect(sent == Self.answer("DALogin=192.0.2.7/login2.srf"))
        guard case .rewritten(_, _, let from, let to)? = changes.first else {
            Issue.record("no change")
            return
        }
        #expect(from == "login.example.net" && to == "192.0.2.7")
    }

    @Test(arguments: [
        "DALogin=https://login.example.net/login2.srf", "DALogin=login.example.net/ppsecure/sha1auth.srf",
    ])
    func whatTheRelayCannotServeIsLeft(_ login: String) {
        let (sent, changes) = Self.edit(Self.answer(login), 3)
        #expect(sent == Self.answer(login))
        guard case .left(address: "login.example.net", _)? = changes.first, changes.count == 1 else {
            Issue.record("\(changes)")
            return
        }
    }

    /// Nothing in bodies, in other headers, and in what is no HTTP; no byte is lost or kept back for ever.
    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\nPassportURLs: DALogin=login.example.net/login2.srf\r\n12345678",
        "HTTP/1.1 200 OK\r\nX-PassportURLs: DALogin=login.example.net/login2.srf\r\n\r\n",
        "HTTP/1.1 200 OK\r\nPassportURLs: DALogin=,XDALogin=a.example/login2.srf\r\n\r\n",
        "HTTP/1.1 200 OK\r\nPassportURLs: DALog", "PassportURLs: DALogin=login.example.net/login2.srf\r\n\r\n", "HTT",
    ])
    func everythingElsePasses(_ text: String) {
        for size in [1, 5, .max] {
            let (sent, changes) = Self.edit(text, size)
            #expect(sent == text && changes.isEmpty)
        }
    }
}
