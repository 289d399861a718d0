// Plain HTTP requests with whole addresses: recognised, cut at every byte, rewritten for a server and for a proxy.

import MSNP
import Testing

@testable import Doors

@Suite struct ForwardedRequestTests {
    private static let text =
        "GET http://Ads.example:8080/a?b=http://c HTTP/1.1\r\nHost: ads.example:8080\r\nProxy-Connection: Keep-Alive\r\n"
        + "Proxy-Authorization: Basic bWU6d29yZA==\r\nConnection: keep-alive,\r\n x-hop\r\nCookie: a=b\r\n\r\n"

    @Test func theServerIsAskedForHoweverItIsCut() {
        let bytes = Array(Self.text.utf8)
        let body = Array("rest".utf8)
        for cut in 0...bytes.count {
            var request = ForwardedRequest(password: ProxyPassword(Array("word".utf8)))
            let steps = request.receive(Array(bytes[..<cut])) + request.receive(Array(bytes[cut...]) + body)
            #expect(steps == [.took(bytes), .ask(HostPort("ads.example", 8080))], "cut at \(cut)")
            #expect(request.answer(.connected).isEmpty && request.takeRest() == body)
        }
    }

    @Test func whatIsForThisProxyIsLeftOut() {
        var request = ForwardedRequest()
        _ = request.receive(Array(Self.text.utf8))
        let rest = "Host: ads.example:8080\r\nCookie: a=b\r\nConnection: close\r\n\r\n"
        #expect(
            String(decoding: request.head(toProxy: true), as: UTF8.self)
                == "GET http://Ads.example:8080/a?b=http://c HTTP/1.1\r\n" + rest)
        #expect(
            String(decoding: request.head(toProxy: false), as: UTF8.self)
                == "GET /a?b=http://c HTTP/1.1\r\n" + rest)
    }

    @Test(arguments: [
        ("http://a.example", "GET / HTTP/1.1\r\n"), ("http://a.example?x", "GET /?x HTTP/1.1\r\n"),
        ("HTTP://a.example/y", "GET /y HTTP/1.1\r\n"),
    ])
    func addressesWithoutPath(_ target: String, _ line: String) {
        var request = ForwardedRequest()
        #expect(request.receive(Array("GET \(target) HTTP/1.1\r\n\r\n".utf8)).last == .ask(HostPort("a.example", 80)))
        #expect(String(decoding: request.head(toProxy: false), as: UTF8.self).hasPrefix(line))
    }

    @Test(arguments: [
        ("GET http://a/", true), ("POST HTTP://", true), ("GET http:/", nil), ("GET ", nil), ("GE", nil),
        ("GET /gateway", false), ("OPTIONS *", false), ("GET https://a/", false), ("GETGETGETGETGETGET", false),
    ])
    func requestsForOtherServers(_ text: String, _ isMeant: Bool?) {
        #expect(ForwardedRequest.isMeant(by: Array(text.utf8)) == isMeant)
    }

    @Test func gatewaysAreLeftToTheGateway() {
        let text = "POST http://gw.example/gateway/gateway.dll?Action=open HTTP/1.1\r\n\r\nVER"
        var request = ForwardedRequest()
        #expect(request.receive(Array(text.utf8)).isEmpty && request.isToGateway)
        #expect(request.takeRest() == Array(text.utf8))
    }

    @Test(arguments: [
        ("GET http:///x HTTP/1.1\r\n\r\n", "400"), ("GET http://a:0/ HTTP/1.1\r\n\r\n", "400"),
        ("GET http://a/ nonsense\r\n\r\n", "400"),
        ("GET http://a/ HTTP/1.1\r\nX: " + String(repeating: "x", count: 70_000), "431"),
    ])
    func whatIsRefused(_ text: String, _ status: String) {
        var request = ForwardedRequest()
        let steps = request.receive(Array(text.utf8))
        guard case .say(let answer)? = steps.dropFirst().first, case .fail? = steps.last else {
            Issue.record("\(steps)")
            return
        }
        #expect(String(decoding: answer.prefix(12), as: UTF8.self) == "HTTP/1.1 \(status)")
        var locked = ForwardedRequest(password: ProxyPassword(Array("word".utf8)))
        let refused = locked.receive(Array("GET http://a/ HTTP/1.1\r\n\r\n".utf8))
        guard case .say(let demand)? = refused.dropFirst().first else { return }
        #expect(demand.starts(with: Array("HTTP/1.1 407".utf8)))
    }
}
