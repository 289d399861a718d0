// The subcommand `demo`: runs a sandbox, a relay and two scripted clients in one process, over loopback sockets.

import ArgumentParser
import MSNP
import NIOCore
import Relay
import Sandbox

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch two scripted clients sign in and chat through the relay; then connect your own.",
        discussion: """
            A sandbox server, the relay in front of it, and two clients, all on loopback. Each client is redirected \
            three times (dispatch, notification, switchboard) and the relay stays in the path.

            Examples:
              butterflynet demo
              butterflynet demo --once --format jsonl
            """)

    @Flag(help: "End after the chat.")
    var once = false

    @Option(help: ArgumentHelp("Where clients connect; port 0 for any.", valueName: "host:port"))
    var listen = HostPort("127.0.0.1", HostPort.standardPort)

    @OptionGroup var recording: RecordingOptions

    @Option(help: ArgumentHelp("Write where the relay listens to this file, once it does.", valueName: "file"))
    var readyFile: String?

    @OptionGroup var log: LogOptions

    func run() async throws {
        let live = try await LiveRun(recording, log)
        let stop = live.stop
        let group = live.group
        let sandbox = try await Sandbox.start(on: group)
        let relay: RelayServer
        let options: RelayOptions
        do {
            (relay, options) = try await startRelay(sandbox, live)
        } catch {
            live.close()
            throw error
        }
        if let readyFile { try ReadyFile.write(to: readyFile, listening: [relay.listenAddress]) }
        let advice = advice(relay, options)
        let endsAfterChat = once
        Task {
            do {
                _ = try await DemoChat.run(door: relay.listenAddress, group: group)
                if endsAfterChat { stop.finish(0) } else if let advice { Terminal.printLines(advice) }
            } catch  where !stop.isStopping {
                Terminal.printMessage("the scripted chat failed: \(error)")
                if endsAfterChat { stop.finish(1) }
            } catch {}
        }
        let code = await stop.wait()
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
                if !log.quiet { Terminal.printLines([error.description, "The demo takes any free port instead."]) }
                options.listen = HostPort(listen.host, 0)
                return (try await live.start(options), options)
            }
        } catch let error as RelayError {
            throw CommandError.failed(error.description)
        }
    }

    /// The lines printed after the chat; nil with `--quiet`.
    private func advice(_ relay: RelayServer, _ options: RelayOptions) -> [String]? {
        guard !log.quiet else { return nil }
        return [
            "", "That was the demo: every line above went through the relay. It keeps running, now try a real client.",
            "Any account and password will do (MSNP2 to MSNP12).", "",
        ] + StartupGuide.relay(relay, options) + [recording.startupMessage]
    }
}
