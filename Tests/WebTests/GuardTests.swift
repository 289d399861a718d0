// Which requests reach a handler.

import Testing

@testable import Web

@Suite struct GuardTests {
    private let rules = Guard(port: 1865, extraOrigins: ["https://msn.example.org"])

    private func head(_ change: (inout RequestHead) -> Void = { _ in }) -> RequestHead {
        var head = RequestHead()
        head.hosts = ["127.0.0.1:1865"]
        change(&head)
        return head
    }

    @Test(arguments: [
        "127.0.0.1:1865", "localhost:1865", "[::1]:1865", "LOCALHOST:1865", "msn.example.org", "MSN.example.org",
    ])
    func hostsThatNameThisServer(_ host: String) {
        #expect(rules.refusal(of: head { $0.hosts = [host] }, in: .data) == nil)
    }

    /// Attack row 1.
    @Test(arguments: [
        ["evil.test:1865"], [], ["127.0.0.1:1865", "127.0.0.1:1865"], ["127.0.0.1.evil.test:1865"],
        ["localhost.:1865"], ["127.0.0.1"], ["127.0.0.1:1866"], ["0.0.0.0:1865"], [""], ["127.0.0.1:1865 "],
        ["msn.example.org:1865"], ["127.1:1865"], ["user@127.0.0.1:1865"],
    ])
    func allOthersAreRefusedEverywhere(_ hosts: [String]) {
        for area in [Area.shell, .asset, .data, .signIn, .download, .health, .nothing] {
            let head = head {
                $0.hosts = hosts
                $0.method = area == .signIn ? "POST" : "GET"
            }
            #expect(rules.refusal(of: head, in: area) == .wrongHost)
        }
    }

    @Test(arguments: [
        ("http://127.0.0.1:1865", nil), ("http://localhost:1865", nil), ("https://msn.example.org", nil),
        ("http://127.0.0.1:1866", Refusal.wrongOrigin), ("null", .wrongOrigin),
        ("https://127.0.0.1:1865", .wrongOrigin),
        ("http://evil.test", .wrongOrigin), ("", .wrongOrigin), ("http://127.0.0.1:1865/", .wrongOrigin),
    ])
    func origins(_ origin: String, _ expected: Refusal?) {
        for (method, area) in [("GET", Area.data), ("POST", .posted)] {
            let head = head {
                $0.origins = [origin]
                $0.method = method
            }
            #expect(rules.refusal(of: head, in: area) == expected)
        }
    }

    @Test func theOriginIsNotComparedWithTheHost() {
        let head = head {
            $0.hosts = ["evil.test:1865"]
            $0.origins = ["http://evil.test:1865"]
        }
        #expect(rules.refusal(of: head, in: .data) == .wrongHost)
    }

    /// Attack row 2.
    @Test(arguments: [
        ("same-origin", "cors", "empty", Area.data, nil), ("none", "navigate", "document", .data, Refusal.wrongOrigin),
        ("same-site", "no-cors", "empty", .data, .wrongOrigin), ("cross-site", "cors", "empty", .data, .wrongOrigin),
        ("same-site", "no-cors", "script", .asset, .wrongOrigin), ("same-origin", "cors", "script", .asset, nil),
        ("none", "navigate", "document", .shell, nil), ("cross-site", "navigate", "document", .shell, nil),
        ("same-site", "navigate", "iframe", .shell, .wrongOrigin),
        ("cross-site", "no-cors", "image", .shell, .wrongOrigin),
        ("none", "navigate", "document", .download, .wrongOrigin),
        ("cross-site", "navigate", "document", .download, .wrongOrigin),
        ("same-site", "navigate", "document", .download, .wrongOrigin),
        ("same-origin", "navigate", "document", .download, nil), ("", "", "", .data, .wrongOrigin),
    ])
    func whatBrowsersSay(_ site: String, _ mode: String, _ destination: String, _ area: Area, _ expected: Refusal?) {
        let head = head {
            $0.fetchSite = site
            $0.fetchMode = mode
            $0.fetchDestination = destination
        }
        #expect(rules.refusal(of: head, in: area) == expected)
    }

    @Test func effectsNeedAWordOnWhereTheyComeFrom() {
        #expect(rules.refusal(of: head { $0.method = "POST" }, in: .signIn) == .wrongOrigin)
        let ways: [(inout RequestHead) -> Void] = [
            { $0.origins = ["http://127.0.0.1:1865"] }, { $0.fetchSite = "same-origin" },
            { $0.authorizations = ["Bearer abc"] },
        ]
        for way in ways {
            let head = head {
                $0.method = "POST"
                way(&$0)
            }
            #expect(rules.refusal(of: head, in: .signIn) == nil)
        }
    }

    @Test(arguments: ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"])
    func otherMethods(_ method: String) {
        #expect(rules.refusal(of: head { $0.method = method }, in: .shell) == .wrongMethod)
    }

    @Test func preflightsBodiesAndServiceWorkers() {
        #expect(rules.refusal(of: head { $0.method = "OPTIONS" }, in: .data) == .wrongOrigin)
        #expect(rules.refusal(of: head { $0.hasBody = true }, in: .data) == .bodyNotAllowed)
        #expect(rules.refusal(of: head { $0.hasBody = true }, in: .posted) == .wrongMethod)
        #expect(rules.refusal(of: head { $0.isForServiceWorker = true }, in: .asset) == .notFound)
        #expect(rules.refusal(of: head(), in: .nothing) == .notFound)
    }

    @Test func cookiesByName() {
        var head = RequestHead()
        head.cookies = ["a=1; butterflynet-1865=x; b=2", "butterflynet-1865=y", "butterflynet-1865"]
        #expect(head.values(ofCookie: "butterflynet-1865") == ["x", "y"])
        #expect(head.values(ofCookie: "butterflynet-186").isEmpty)
    }

    @Test(arguments: [
        ([], nil), (["Bearer abc"], "abc"), (["bearer abc"], "abc"), (["Basic abc"], nil), (["Bearer"], nil),
        (["Bearer a", "Bearer b"], nil),
    ])
    func bearers(_ fields: [String], _ expected: String?) {
        var head = RequestHead()
        head.authorizations = fields
        #expect(head.bearer == expected)
    }
}
