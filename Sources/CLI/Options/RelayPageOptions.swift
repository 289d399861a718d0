// The options for the page beside a running relay: of `relay` and `demo`.

import Archive
import ArgumentParser
import Console
internal import MSNP
import Relay
import Web

/// `--web` and who may open it.
struct RelayPageOptions: ParsableArguments {
    @Option(
        defaultAsFlag: PageAddress.standard, parsing: .next,
        help: ArgumentHelp(
            "Show what is recorded as a page in the browser, at this address (default: 127.0.0.1:1865, or the next free "
                + "port).",
            valueName: "[host:]port"),
        transform: PageAddress.init)
    var web: PageAddress?

    @OptionGroup var page: PageOptions

    /// Checks the options that exclude each other.
    ///
    /// - Throws: `ValidationError`.
    func check(_ recording: RecordingOptions) throws {
        if web != nil, recording.noArchive {
            throw ValidationError(
                "--web shows what is recorded, and --no-archive records nothing; leave out one of them.")
        }
        if web == nil, page.tokenFile != nil || page.passwordFile != nil || !page.origins.isEmpty {
            throw ValidationError("--token-file, --password-file and --origin are for the page: add --web.")
        }
    }

    /// Checks the address.
    ///
    /// - Throws: `CommandError` if other machines could reach the page without a password.
    func checkAddress() throws { if let web { try page.check(web.address) } }

    /// Starts the page, if it is wanted, and has the relay connect nobody to it.
    ///
    /// - Parameter listening: where the relay listens.
    /// - Throws: `CommandError`.
    func start(
        beside live: LiveRun, _ relay: RelayServer, _ recording: RecordingOptions, showsSecrets: Bool,
        listening: @escaping @Sendable () -> [String]
    ) async throws -> WebServer? {
        guard let web else { return nil }
        var options = WebOptions(
            try recording.archive.reader(), mode: .relay, listen: web.address, version: ProgramInfo.version)
        options.mayTakeNextPort = web.given == nil
        options.showsSecrets = showsSecrets
        options.listening = listening
        options.report = live.reporter.report
        options.notesCommits = true
        options.followed = live.follow
        try page.apply(to: &options)
        let server = try await PageStart.start(options)
        do {
            try await relay.refuse(server.boundAddress, named: "the page")
        } catch let error as RelayError {
            await server.stop()
            throw error.isUsage ? CommandError.usage(error.description) : CommandError.failed(error.description)
        }
        live.whenCommitted { [weak server] in server?.noteCommit() }
        return server
    }

    /// The lines that tell how to open the page.
    func lines(_ server: WebServer) -> [String] { page.lines(server, web?.address ?? server.address) }
}
