// SQL in requests (attack row 18): values are bound, filters have an evaluator of their own, words are quoted.

import Foundation
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(3))) struct HostileQueryTests {
    /// What is usually tried against queries.
    @Test(arguments: [
        "'", "\"", "' OR '1'='1", "1 OR 1=1", "') OR ('a'='a", "'; DROP TABLE message; --", "1; ATTACH 'x' AS y",
        "x' UNION SELECT sql FROM sqlite_master --", "\" OR \"\"=\"", "*", "a*\"", "NEAR(a b)", "a AND b OR NOT c",
        "text:a", "^a", "a -b", "(a", "{a b}:c", "%' --", "\u{0}", "load_extension('x')", "1e309", "0x41", "-1", "s1'",
        "c1.1 OR 1", "randomblob(1000000000)", "a\" OR text MATCH \"b",
    ]) func queriesStayText(_ text: String) async throws {
        try await TestPage.run { page, client in
            let before = try Data(contentsOf: URL(filePath: page.path))
            let given = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let wrong = "is%20%3D%3D%20\(given)"
            let paths = [
                "events?where=text%20contains%20\(given)", "events?where=\(given)", "events?where=\(wrong)",
                "events?of=\(given)", "events?at=\(given)", "events?after=\(given)", "sign-ins?where=\(given)",
                "messages?q=\(given)", "messages?q=a&where=\(given)", "media?kind=\(given)", "findings?name=\(given)",
                "findings?of=\(given)", "talks?where=from%20%3D%3D%20\(given)", "sign-ins/\(given)", "talks/\(given)",
                "media/\(given)", "ladder?of=\(given)", "contacts?at=\(given)", "state?watch=\(given)",
            ]
            for path in paths {
                let reply = try await client.get("/api/v1/\(path)")
                #expect([200, 400, 404].contains(reply.status), "\(path): \(reply.status) \(reply.text.prefix(200))")
                #expect(!reply.text.contains("CREATE TABLE") && !reply.text.contains("SQLITE"), "\(path)")
            }
            // A name that nothing has finds nothing.
            #expect(try items(try await client.object("/api/v1/media?kind=\(given)")).isEmpty)
            #expect(try items(try await client.object("/api/v1/findings?name=\(given)")).isEmpty)
            #expect(try Data(contentsOf: URL(filePath: page.path)) == before)
        }
    }
}
