// The subcommand `demo`: runs a sandbox, a relay and two scripted clients in one process, over loopback sockets.

import ArgumentParser
import MSNP
import NIOCore
import Relay
import Sandbox
import Web

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch two scripted clients sign in and chat through the relay; then connect your own.",
        usage: "butterflynet demo [<options>]",
        discussion: """
            A sandbox server, the relay in front of it, and two clients, all on loopback. Each client is redirected \
            three times (dispatch, notification, switchboard) and the relay stays in the path. The scripted chat is recorded \
            only with --archive; what your own client does afterwards is recorded as by relay.

            Examples:
              butterflynet demo
              butterflynet demo --once --format jsonl
              butterflynet demo --web
            """)

    @Flag(help: "End after the chat.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "Address to listen on, or only a port (0: any free one); default: 127.0.0.1:1863.",
            valueName: "[host:]port"),
        transform: HostPort.listening)
    var listen = HostPort("127.0.0.1", HostPort.standardPort)

    @OptionGroup(title: "Recording") var recording: RecordingOptions

    @Option(
        help: ArgumentHelp(
            "When ready, write the listening address and process ID to this file, as JSON.", valueName: "file"),
        completion: .file())
    var readyFile: String?

    @OptionGroup(title: "Page") var page: RelayPageOptions

    @OptionGroup(title: "Output") var log: LogOptions

    func validate() throws {
        try page.check(recording)
        if once, page.web != nil { throw ValidationError("--once ends the program, and the page with it.") }
    }

    func run() async throws {
        try page.checkAddress()
        // The scripted chat is not what the user wants to keep, unless an archive was named for it.
        let recordsChat = recording.archive.isNamed
        var recording = recording
        if once, !recordsChat { recording.noArchive = true }
        // The page shows what is recorded; the chat of a demo need not stay.
        let temporary = page.web != nil && !recordsChat ? try TemporaryArchive() : nil
        defer { withExtendedLifetime(temporary) {} }
        if let temporary { recording.archive.archive = temporary.path }
        let recordsAll = recordsChat || temporary != nil
        let live = try await LiveRun(recording, log, recordsLater: !recordsAll)
        let stop = live.stop
        let group = live.group
        let sandbox = try await Sandbox.start(on: group)
        let relay: RelayServer
        let options: RelayOptions
        do {
            (relay, options) = try await startRelay(sandbox, live)
        } catch {
            live.close(hasStarted: false)
            throw error
        }
        let server: WebServer?
        do {
            server = try await page.start(beside: live, relay, recording, showsSecrets: log.showSecrets) {
                [relay.listenAddress.description]
            }
        } catch {
            await relay.stop()
            await sandbox.stop()
            live.close(hasStarted: false)
            throw error
        }
        if let readyFile {
            try ReadyFile.write(to: readyFile, listening: [relay.listenAddress], web: server?.link)
        }
        let link = server.map { page.lines($0) } ?? []
        let advice =
            once
            ? Self.summary(isRecorded: recordsAll)
            : Self.summary(isRecorded: recordsAll)
                + Self.nextSteps(relay, options)
                + [temporary == nil ? recording.startupMessage : Self.temporaryMessage, "Stop with Ctrl-C."]
        let (isQuiet, endsAfterChat) = (log.quiet, once)
        Task {
            do {
                try await DemoChat.run(door: relay.listenAddress, group: group)
                await relay.waitUntilIdle()
                live.startRecording()
                await live.waitUntilPrinted()
                if !isQuiet { Terminal.printLines(advice) }
                if !link.isEmpty { Terminal.printLines(link) }
                if endsAfterChat { stop.finish(0) }
            } catch  where !stop.isStopping {
                Terminal.printMessage("the scripted chat failed: \(error)")
                if endsAfterChat { stop.finish(1) }
            } catch {}
        }
        let code = await stop.wait()
        await server?.stop()
        await relay.stop()
        await sandbox.stop()
        let isWhole = live.close()
        try? await group.shutdownGracefully()
        throw ReportedExit(code: code == 0 && !isWhole ? 1 : code)
    }

    private func startRelay(_ sandbox: Sandbox, _ live: LiveRun) async throws -> (RelayServer, RelayOptions) {
        var options = RelayOptions(upstream: sandbox.dispatch, listen: listen)
        do {
            do {
                return (try await live.start(options), options)
            } catch let error as RelayError where listen.port == HostPort.standardPort && !error.isUsage {
                // The standard port may be in use by another relay or server; the demo then takes any free port.
                if !log.quiet { Terminal.printLines([error.description, "The demo uses any free port instead."]) }
                options.listen = HostPort(listen.host, 0)
                return (try await live.start(options), options)
            }
        } catch let error as RelayError {
            throw CommandError.failed(error.description)
        }
    }

    private static let temporaryMessage =
        "All is recorded to a temporary archive for the page, and removed at the end; --archive FILE keeps it."

    /// What was seen.
    private static func summary(isRecorded: Bool) -> [String] {
        [
            "",
            "That was the demo: Alice (MSNP12) and Bob (MSNP7) signed in and chatted through the relay.",
            "The server redirected each of them from the dispatch server (DS) to a notification server (NS) and from",
            "there to switchboards (SB). The relay changed the addresses in the redirects, so it saw every connection.",
            isRecorded ? "The chat was recorded." : "The chat was not recorded; demo --archive FILE records it.", "",
        ]
    }

    /// How to go on with a real client.
    private static func nextSteps(_ relay: RelayServer, _ options: RelayOptions) -> [String] {
        [
            "The relay and its small server keep running: try a real client.",
            "Any account and password are accepted. Clients up to MSNP7 sign in as they are; docs/sandbox.md says what later",
            "ones need.",
        ] + StartupGuide.relay(relay, options)
    }
}
