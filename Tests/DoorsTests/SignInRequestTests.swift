// Which requests go to the service for sign-ins.

import Doors
import Testing

@Suite struct SignInRequestTests {
    @Test(arguments: [
        "GET /rdr/pprdr.asp HTTP/1.1\r\n", "POST /RST.srf HTTP/1.1\r\n", "POST /RST2.srf HTTP/1.0\n",
        "GET http://nexus.example.net/rdr/pprdr.asp HTTP/1.1\r\n", "POST /NotRST.srf?x=1 HTTP/1.1\r\n",
        "POST http://omega.example.net:80/ABService/ABService.asmx?a=/b HTTP/1.1\r\n",
        "GET /Login2.srf?lc=1033 HTTP/1.1\r\n",
        "GET /Config/MsgrConfig.asmx?op=GetClientConfig HTTP/1.1\r\n", "POST /OimWS/oim.asmx HTTP/1.1\r\n",
    ]) func services(_ line: String) {
        let bytes = Array(line.utf8)
        for end in bytes.indices { #expect(SignInRequest.begins(Array(bytes[..<end])) == nil) }
        #expect(SignInRequest.begins(bytes) == true)
    }

    @Test(arguments: [
        "POST /gateway/gateway.dll?Action=open&Server=NS&IP=a HTTP/1.1\r\n", "GET / HTTP/1.1\r\n", "GET\r\n", "\n",
        "GET http://evil.example.net?/rst.srf HTTP/1.1\r\n", "GET /x/rst.srf HTTP/1.1\r\n",
        "GET /?/abservice/ HTTP/1.1\r\n",
        "GET http:// HTTP/1.1\r\n",
    ]) func others(_ line: String) { #expect(SignInRequest.begins(Array(line.utf8)) == false) }

    @Test func aLineWithoutEnd() {
        #expect(SignInRequest.begins([UInt8](repeating: 0x41, count: 4_095)) == nil)
        #expect(SignInRequest.begins([UInt8](repeating: 0x41, count: 4_096)) == false)
        let long = "GET /rst.srf \(String(repeating: "x", count: 5_000)) HTTP/1.1\r\n"
        #expect(SignInRequest.begins(Array(long.utf8)) == false)
    }
}
