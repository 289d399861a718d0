// Pages over archives of the captures in the repository, on loopback and any free port.

import Analysis
import Archive
import Captures
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Web

/// A JSON object.
func json(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(
        try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
        "\(String(decoding: bytes, as: UTF8.self))")
}

/// The items of a list.
func items(_ object: [String: Any]) throws -> [[String: Any]] { try #require(object["items"] as? [[String: Any]]) }

/// An archive with captures.
struct TestArchive {
    let scratch: Scratch
    var path: String { scratch.path("archive.sqlite") }

    init(_ captures: [String]) throws {
        scratch = try Scratch()
        _ = try Archive.openOrCreate(path)
        if !captures.isEmpty { try Self.add(captures, to: path) }
    }

    /// Imports captures, as another program does.
    static func add(_ captures: [String], to path: String) throws {
        try add(files: captures.map(Repository.capture), to: path)
    }

    static func add(files: [String], to path: String) throws {
        let archive = try Archive.openOrCreate(path)
        let sources = try files.map { try SourceFile(path: $0) }
        try archive.importing(sources, toolVersion: "0", now: Timestamp(nanoseconds: 0)) { sink in
            sink.receiveAll { emit in
                Captures.decode(sources.map(\.path), detail: EventDetail(Archive.storedAnalysis), emit: emit)
            }.troubles
        }
    }
}

/// A running page.
final class TestPage: Sendable {
    let server: WebServer
    let token: String
    let path: String
    private let scratch: Scratch

    /// - Parameter change: changes the options.
    init(
        _ captures: [String] = ["demo.pcap"], limits: ServerLimits = ServerLimits(),
        options change: (inout WebOptions) -> Void = { _ in }
    ) async throws {
        let archive = try TestArchive(captures)
        scratch = archive.scratch
        path = archive.path
        var options = WebOptions(
            try ArchiveReader(path), mode: .archive, listen: HostPort("127.0.0.1", 0), version: "0")
        options.token = .random()
        change(&options)
        token = options.token.text
        server = try await WebServer.start(options, limits)
    }

    /// Runs a test with a page, and stops it.
    static func run(
        _ captures: [String] = ["demo.pcap"], limits: ServerLimits = ServerLimits(),
        options change: (inout WebOptions) -> Void = { _ in }, _ test: (TestPage, PageClient) async throws -> Void
    ) async throws {
        let page = try await TestPage(captures, limits: limits, options: change)
        do {
            try await test(page, PageClient(page))
        } catch {
            await page.server.stop()
            throw error
        }
        await page.server.stop()
    }

    /// Signs in as the page does; the client then sends both halves of the session.
    func signedIn() async throws -> PageClient {
        let client = PageClient(self).with([
            "Authorization": nil, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json",
        ])
        let reply = try await client.send("POST", "/api/v1/session", body: "{\"token\":\"\(token)\"}")
        #expect(reply.status == 200, "\(reply.text)")
        let cookie = try #require(reply.value("Set-Cookie")?.split(separator: ";").first)
        let key = try #require(try json(reply.body)["key"] as? String)
        return client.with(["Cookie": String(cookie), "X-Butterflynet-Key": key])
    }
}
