// Paths, queries and bodies of requests.

import Archive
import Events
import Testing

@testable import Web

@Suite struct RequestTests {
    @Test(arguments: [
        "/", "/talks", "/live", "/files", "/findings", "/search", "/export", "/s6", "/c14", "/r1", "/v17", "/c14.12",
        "/s6/talk", "/c1/ladder", "/v3/findings", "/r9/files",
    ])
    func viewsAreTheShell(_ path: String) { #expect(Route(path) == .shell) }

    /// Attack row 17.
    @Test(arguments: [
        "", "x", "//", "/nope", "/s0", "/s-1", "/S6", "/s06", "/c14.", "/c14.0", "/c14.12.1", "/v1.2", "/s6/", "/s6/x",
        "/s6/talk/x", "/../etc/passwd", "/%2e%2e/etc/passwd", "/s6%00", "/s99999999999999999999", "/assets/../x",
        "/index.html", "/api/v2/", "/api", "/api/v1/events/c1.1/x", "/api/v1/events/C1.1", "/api/v1/sign-ins/c1",
        "/api/v1/connections/s1", "/download/", "/health/", "/" + String(repeating: "a", count: 8_192),
    ])
    func everythingElseIsNothing(_ path: String) { #expect(Route(path) == .nothing) }

    @Test func addressesOfTheInterface() {
        #expect(Route("/api/v1") == .data(.program) && Route("/api/v1/") == .data(.program))
        #expect(Route("/api/v1/session") == .session)
        #expect(Route("/api/v1/sign-ins/s6") == .data(.signIn(.signIn(6))))
        #expect(Route("/api/v1/sign-ins/r1") == .data(.signIn(.recording(1))))
        let address = EventAddress(connection: 14, number: 12)
        #expect(Route("/api/v1/events/c14.12") == .data(.event(address)))
        #expect(Route("/api/v1/events/c14.12/bytes") == .data(.bytes(address)))
        #expect(Route("/assets/app.js") == .asset("app.js") && Route("/download/abc") == .download("abc"))
    }

    private func error(_ query: String, _ read: (Parameters) throws -> Void = { _ in }) -> RequestError? {
        do {
            try read(Parameters(query, known: ["a", "b"]))
            return nil
        } catch {
            return error as? RequestError
        }
    }

    @Test func wrongParametersAreNamed() throws {
        let values = try Parameters("a=x+y%2Bz&b=", known: ["a", "b"])
        #expect(try values.text("a") == "x y+z" && values.text("b") == "")
        #expect(error("a=1&a=2")?.parameter == "a")
        #expect(error("c=1").map { $0.parameter == nil && $0.name == "bad_parameter" } == true)
        #expect(error("a=%FF")?.status == 400)
        #expect(error("a=" + String(repeating: "x", count: 8_192))?.refusal == .tooLarge)
        #expect(error("a=" + String(repeating: "x", count: 2_049)) { _ = try $0.text("a") }?.parameter == "a")
        for text in ["0", "501", "-1", "1.5", "01", "+1", "x", "", "99999999999999999999"] {
            #expect(
                error("a=\(text)") { _ = try $0.number("a", in: 1...500, standard: 1) }?.parameter == "a", "\(text)")
        }
        #expect(error("a=2") { _ = try $0.flag("a") }?.parameter == "a")
        #expect(error("a=1&b=1") { try $0.requireOneOf(["a", "b"]) }?.parameter == "b")
    }

    @Test func bodiesAreSmallObjects() throws {
        let text = #"{ "of" : "s6\u00e9\n", "redacted":true,"leave_out":["c1", "c2"], "x": null }"#
        let body = try BodyObject(Array(text.utf8))
        #expect(try body.text("of") == "s6é\n" && body.flag("redacted") && body.texts("leave_out") == ["c1", "c2"])
        #expect(try body.text("x") == nil && body.text("y") == nil && !body.flag("y") && body.texts("y").isEmpty)
        #expect(throws: RequestError.self) { try body.flag("of") }
        #expect(try BodyObject(Array("{}".utf8)).text("a") == nil)
    }

    @Test(arguments: [
        "", "[]", "{", "{}}", #"{"a"}"#, #"{"a":1}"#, #"{"a":{}}"#, #"{"a":"b"#, #"{"a":"\x"}"#, #"{"a":"\ud800"}"#,
        #"{"a":"1","a":"2"}"#, #"{"a":["b",1]}"#, "{\"a\":\"\u{1}\"}", #"{"a":"b",}"#, "null", #"{a:"b"}"#,
    ])
    func otherBodiesAreRefused(_ text: String) {
        #expect(throws: RequestError.self) { try BodyObject(Array(text.utf8)) }
    }

    @Test(arguments: [
        ("holiday", ["holiday"]), ("  see you ", ["see", "you"]), (#"a "see you" b"#, ["a", "see you", "b"]),
        (#"a "see"#, ["a", "see"]), ("", []), (#""""#, []), ("你好", ["你好"]),
    ])
    func searchWords(_ text: String, _ expected: [String]) { #expect(SearchWords.split(text) == expected) }
}
