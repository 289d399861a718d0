// The filter language of the contract.

import EventSamples
import Events
import MSNP
import Testing

@testable import Query

@Suite struct FilterTests {
    static let hello = "Content-Type: text/plain\r\n\r\nHappy Holiday"

    /// Events by name.
    private static func event(_ name: String) throws -> Event {
        switch name {
        case "MSG":
            try Sample.frame(
                "MSG bob@x.example Bob%20B \(hello.utf8.count)\r\n\(hello)", .server, role: .switchboard,
                dialect: Dialect(9), signIn: SignIn(number: 2, account: "alice@x.example"))
        case "XFR": try Sample.frame("XFR 15 SB\r\n")
        case "PNG": try Sample.frame("PNG\r\n", conn: 30)
        case "RNG": try Sample.frame("RNG 1 10.0.0.6:1863 CKI 1.2 a@b.example N\r\n", .server)
        case "opened": Sample.event(.opened(Endpoints(client: "10.1.1.1:5", server: "10.0.0.5:1863")))
        case "finding": Sample.event(.finding(Finding(.cookieUnknown, "Somebody came.", side: .client)))
        case "noise": Sample.event(.noise(Noise(bytes: [1, 2, 3], reason: .notMSNP, offset: 0), from: .client))
        case "message":
            Sample.event(
                .message(
                    Message(
                        from: "bob@x.example", to: ["alice@x.example"], bytes: Array("Happy holiday".utf8),
                        conversation: "11",
                        side: .server)))
        default: Sample.event(.listening(HostPort("127.0.0.1", 1863)), conn: 0)
        }
    }

    /// Filters that no message and no finding can match are known.
    @Test(arguments: [
        ("verb == MSG", true), ("verb == MSG and text contains a", true), ("args contains a or trid == 3", true),
        ("verb", true), ("payload_bytes > 3 and not verb == MSG", true), ("verb != MSG", false),
        ("not verb == MSG", false), ("verb == MSG or text contains a", false), ("text contains a", false),
        ("dir == s2c", false), ("not verb", false),
    ])
    func filtersOfCommands(source: String, isOfCommands: Bool) throws {
        let filter = try Filter(source)
        #expect(filter.isOfCommands == isOfCommands)
        guard isOfCommands else { return }
        for name in ["opened", "finding", "noise", "message", ""] { #expect(!filter.matches(try Self.event(name))) }
    }

    @Test(arguments: [
        ("verb == MSG and dir == s2c", "MSG", "XFR"), ("role == SB", "MSG", "XFR"), ("role == sb", "MSG", "XFR"),
        ("text contains \"holiday\"", "MSG", "XFR"), ("text contains 'HOLIDAY'", "message", "XFR"),
        ("conn == 3", "XFR", "PNG"), ("trid >= 10", "XFR", "PNG"), ("trid > 15", "", "XFR"),
        ("trid < 16", "XFR", "PNG"), ("trid <= 14", "", "XFR"), ("trid = 15", "XFR", "PNG"),
        ("verb in {XFR RNG}", "XFR", "MSG"), ("verb in {XFR, RNG}", "RNG", "MSG"), ("verb in {}", "", "RNG"),
        ("has payload", "MSG", "XFR"), ("not has payload", "XFR", "MSG"), ("!has payload", "XFR", "MSG"),
        ("has trid", "XFR", "RNG"), ("has account", "MSG", "XFR"), ("account == Alice@X.example", "MSG", "XFR"),
        ("sign_in == 2", "MSG", "XFR"), ("dialect == msnp9", "MSG", "XFR"), ("holiday", "MSG", "XFR"),
        ("Happy Holiday", "MSG", "XFR"), ("\"happy holiday\"", "message", "XFR"), ("\"Bob B\"", "MSG", "XFR"),
        ("verb == XFR or verb == RNG", "RNG", "MSG"), ("verb==XFR||verb==RNG", "XFR", "MSG"),
        ("not (verb == MSG or verb == XFR)", "RNG", "XFR"), ("verb != MSG", "XFR", "MSG"),
        ("verb == MSG and (dir == c2s or role == SB)", "MSG", "XFR"), ("verb == MSG && dir == s2c", "MSG", "XFR"),
        ("verb == XFR or verb == MSG and dir == c2s", "XFR", "MSG"),
        ("(verb == XFR or verb == MSG) and dir == s2c", "MSG", "XFR"), ("VERB == msg AND DIR == S2C", "MSG", "XFR"),
        ("args contains SB", "XFR", "PNG"), ("args == 15", "XFR", "PNG"), ("args != 15", "PNG", "XFR"),
        ("payload contains happy", "MSG", "XFR"),
        ("payload_bytes > 10", "MSG", "XFR"), ("bytes == 5", "PNG", "XFR"), ("bytes == 3", "noise", "PNG"),
        ("type == text/plain", "MSG", "XFR"), ("event == message", "message", "MSG"),
        ("event in {opened closed}", "opened", "MSG"), ("client contains 10.1.1.1", "opened", "MSG"),
        ("server == 10.0.0.5:1863", "opened", "MSG"), ("name == cookie_unknown", "finding", "MSG"),
        ("cookie_unknown", "finding", "MSG"), ("reason == not_msnp", "noise", "MSG"),
        ("from == bob@x.example", "message", "MSG"), ("to == alice@x.example", "message", "MSG"),
        ("conversation == 11", "message", "MSG"), ("time >= 2005-05-06", "MSG", ""), ("dir == c2s", "finding", "MSG"),
        ("role == NS", "XFR", "listening"), ("event == listening", "listening", "opened"),
    ])
    func expressions(expression: String, fits: String, fitsNot: String) throws {
        let filter = try Filter(expression)
        if !fits.isEmpty { #expect(filter.matches(try Self.event(fits)), "\(expression) must match \(fits)") }
        if !fitsNot.isEmpty {
            #expect(!filter.matches(try Self.event(fitsNot)), "\(expression) must not match \(fitsNot)")
        }
    }

    @Test(arguments: [
        ("", 1, "empty"), ("verb ==", 8, "value"), ("verb == MSG and", 16, "incomplete"), ("verd == MSG", 1, "“verb”"),
        ("verb == MSG and rolle == SB", 17, "“role”"), ("has paylod", 5, "“payload”"), ("has", 4, "field"),
        ("(verb == MSG", 13, "bracket"), ("verb == MSG)", 12, "bracket"), ("verb in XFR", 9, "list"),
        ("verb in {XFR", 13, "closed"), ("text contains \"holiday", 15, "quotation"), ("== MSG", 1, "not allowed"),
        ("verb == == MSG", 9, "value"), ("a and and b", 7, "not allowed"), ("or b", 1, "not allowed"),
        ("a and conn == ", 15, "value"), ("trid >= )", 9, "value"), ("role == SBB", 9, "SB"),
        ("verb == MSG and event in {message findings}", 35, "finding"), ("dir != s2x", 8, "c2s"),
        ("name == lenght_mismatch", 9, "“length_mismatch”"),
    ])
    func mistakesShowTheirColumn(expression: String, column: Int, word: String) {
        let error = #expect(throws: FilterError.self) { try Filter(expression) }
        #expect(error?.column == column, "\(expression): \(error?.description ?? "")")
        #expect(error?.message.contains(word) == true, "\(expression): \(error?.message ?? "")")
        let lines = error?.description.split(separator: "\n", omittingEmptySubsequences: false) ?? []
        #expect(lines.count == 3 && lines.last == "  \(String(repeating: " ", count: column - 1))^ column \(column)")
    }

    /// What is filtered must have what is asked for.
    @Test(arguments: [
        ("verb == MSG", Filter.Scope.sessions), ("has payload", .sessions),
        ("from == a@b.c and verb == USR", .messages),
        ("event == message", .messages),
    ])
    func scopes(expression: String, scope: Filter.Scope) throws {
        _ = try Filter(expression)
        let error = #expect(throws: FilterError.self) { try Filter(expression, for: scope) }
        #expect(error?.message.contains("\(scope.rawValue) have no") == true)
        _ = try Filter("from == a@b.c and role == SB and hello", for: scope)
    }

    @Test func hostileExpressionsAreRefusedOrRead() {
        #expect(throws: FilterError.self) { try Filter(String(repeating: "(", count: 100_000)) }
        #expect(throws: FilterError.self) { try Filter(String(repeating: "not ", count: 100_000) + "a") }
        #expect(throws: FilterError.self) {
            try Filter(String(repeating: "(", count: 65) + "a" + String(repeating: ")", count: 65))
        }
        #expect(throws: Never.self) {
            try Filter(String(repeating: "(", count: 30) + "a" + String(repeating: ")", count: 30))
        }
        #expect(throws: Never.self) { try Filter(String(repeating: "a or ", count: 5_000) + "b") }
        #expect(throws: FilterError.self) { try Filter(String(repeating: "x", count: 100_000) + " == 1") }
        #expect(throws: (any Error).self) { try Filter("\u{0}\u{1B} ==") }
    }
}
