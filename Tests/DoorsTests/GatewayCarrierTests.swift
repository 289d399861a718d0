// Requests to the relay's gateway, cut at every byte, and HTTP that is none.

import MSNP
import Testing

@testable import Doors

@Suite struct GatewayCarrierTests {
    private static let open =
        "POST http://gateway.example.com/gateway/gateway.dll?Action=open&Server=NS&IP=Messenger.example.com HTTP/1.1\r\nProxy-Connection: Keep-Alive\r\nAccept-Encoding: gzip\r\nContent-Length: 7\r\n\r\nVER 1\r\n"

    static let requests: [(String, GatewayRequest)] = [
        (
            open,
            GatewayRequest(
                action: .open("messenger.example.com"), host: "gateway.example.com", body: Array("VER 1\r\n".utf8))
        ),
        (
            "post /gateway/gateway.dll?SessionID=1.2 HTTP/1.1\r\nHost: 192.0.2.1:8080\r\nContent-Length: 1\r\n\r\nx"
                .replacing("post", with: "POST"),
            GatewayRequest(action: .send, session: "1.2", host: "192.0.2.1", body: [0x78])
        ),
        (
            "POST HTTP://GW.example/Gateway/Gateway.DLL?action=POLL&sessionid=1.2&Lifespan=3 HTTP/1.0\r\nHost: other.example\r\n\r\n",
            GatewayRequest(action: .poll(lifespan: 3), session: "1.2", host: "gw.example")
        ),
        (
            "GET /gateway/gateway.dll?Action=poll&SessionID=1.2 HTTP/1.1\r\n\r\n",
            GatewayRequest(action: .poll(lifespan: nil), session: "1.2")
        ),
    ]

    @Test(arguments: requests) func aRequestHoweverItIsCut(text: String, request: GatewayRequest) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var carrier = GatewayCarrier()
            let outputs = carrier.receive(Array(bytes[..<cut])) + carrier.receive(Array(bytes[cut...]))
            #expect(outputs == [.request(request)], "cut at \(cut)")
            #expect(carrier.isAnswering && !carrier.isIncomplete)
            // The next request waits for the answer.
            #expect(carrier.receive(bytes).isEmpty)
            let next = carrier.answered()
            #expect(!next.closes && next.outputs == [.request(request)])
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", "404"), ("GET http://example.com/ HTTP/1.1\r\n\r\n", "403"),
        ("OPTIONS * HTTP/1.1\r\n\r\n", "404"), ("POST nonsense\r\n\r\n", "400"),
        ("POST /gateway/gateway.dll?SessionID=1.2 HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"),
        ("POST /gateway/gateway.dll?SessionID=1.2 HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n", "400"),
    ]) func whatIsRefused(text: String, status: String) {
        var carrier = GatewayCarrier()
        guard case .refuse(let answer, _)? = carrier.receive(Array(text.utf8)).first else {
            Issue.record("not refused")
            return
        }
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 \(status) "))
        #expect(carrier.isOver && carrier.receive(Array(Self.open.utf8)).isEmpty)
    }

    @Test func aBodyIsNoLongerThanItsLimit() {
        var carrier = GatewayCarrier()
        let length = GatewayCarrier.mostBodyBytes + 1
        let head = "POST /gateway/gateway.dll?SessionID=1.2 HTTP/1.1\r\nContent-Length: \(length)\r\n\r\n"
        let outputs = carrier.receive(Array(head.utf8) + [UInt8](repeating: 0, count: length))
        guard case .refuse? = outputs.first else {
            Issue.record("not refused")
            return
        }
    }

    @Test func aClientThatClosesIsAnsweredLast() {
        var carrier = GatewayCarrier()
        let text = "POST /gateway/gateway.dll?Action=open HTTP/1.1\r\nConnection: close\r\n\r\n"
        #expect(carrier.receive(Array(text.utf8)) == [.request(GatewayRequest(action: .open(nil)))])
        #expect(carrier.answered().closes && carrier.isOver)
    }
}
