// The subcommand `relay`: turns options into a relay configuration, and runs the relay until it is stopped.

import ArgumentParser
import MSNP
import Meters
import NIOCore
import Relay
import Web

struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Relay clients to a server, follow redirects, show and record everything.",
        usage: "butterflynet relay [<options>] --upstream <host[:port]>",
        discussion: """
            Point a client at the relay instead of its server. When the server redirects the client (XFR, RNG), the relay \
            replaces the address in that line by its own, so that the client comes back to the relay.

            Examples:
              butterflynet relay --upstream messenger.example.org
              butterflynet relay --upstream 10.0.0.5 --listen 0.0.0.0:1863 \\
                --advertise 192.168.1.20
              butterflynet relay --upstream localhost:1864 --where 'role == SB'
              butterflynet relay --upstream 10.0.0.5 --web
              butterflynet relay --upstream 10.0.0.5 --metrics 127.0.0.1:1866
              butterflynet relay --upstream 10.0.0.5 --allow '*.example.org'
              butterflynet relay --upstream original --listen 0.0.0.0:1863
              butterflynet relay --upstream 10.0.0.5 --dial 127.0.0.1:1865=10.0.0.5:1865
            """)

    @OptionGroup(title: "Addresses") var addresses: RelayAddresses

    @OptionGroup(title: "Proxies") var doors: DoorOptions

    @OptionGroup(title: "Recording") var recording: RecordingOptions

    @Option(
        help: ArgumentHelp(
            "When ready, write the listening address and process ID to this file, as JSON.", valueName: "file"),
        completion: .file())
    var readyFile: String?

    @OptionGroup(title: "Page") var page: RelayPageOptions
    @OptionGroup(title: "Metrics") var metrics: MetricsOptions

    @OptionGroup var password: PasswordOptions
    @OptionGroup(title: "Output") var log: LogOptions

    func validate() throws {
        try addresses.check()
        try page.check(recording)
        if let web = page.web, let upstream = addresses.upstream, web.address == upstream {
            throw ValidationError(
                "--upstream \(upstream) is the address of the page; name that of the server.")
        }
    }

    func run() async throws {
        _ = try log.condition()
        try page.checkAddress()
        var options = try await addresses.relayOptions()
        options.passwords = try password.read()
        try doors.apply(to: &options)

        let meters = metrics.meters(upstream: options.upstream.map { options.target(for: $0) })
        let live = try await LiveRun(recording, log, meters: meters)
        let relay: RelayServer
        do {
            relay = try await live.start(options)
        } catch let error as RelayError {
            live.close(hasStarted: false)
            throw error.isUsage ? CommandError.usage(error.description) : CommandError.failed(error.description)
        }
        let server: WebServer?
        let metricsServer: MetricsServer?
        do {
            metricsServer = try await metrics.start(meters, beside: relay)
            server = try await page.start(beside: live, relay, recording, showsSecrets: log.showSecrets) {
                relay.listenAddresses.map(\.description)
            }
        } catch {
            await relay.stop()
            live.close(hasStarted: false)
            throw error
        }
        if let readyFile {
            try ReadyFile.write(
                to: readyFile, listening: relay.listenAddresses, web: server?.link, metrics: metricsServer?.address)
        }
        if !log.quiet {
            Terminal.printLines(
                StartupGuide.relay(relay, options) + [
                    recording.startupMessage, "Waiting for clients. Stop with Ctrl-C.",
                ])
            if let metricsServer { Terminal.printLine("Metrics: http://\(metricsServer.address)/metrics") }
        }
        if !log.quiet || meters != nil {
            Task { [upstream = options.upstream, isQuiet = log.quiet] in
                guard let upstream, let state = await relay.checkUpstream() else { return }
                if case .reachable = state {
                    meters?.note(upstreamIsReached: true)
                } else {
                    meters?.note(upstreamIsReached: false)
                }
                let line = StartupGuide.upstream(state, upstream)
                if let line, !isQuiet, !live.stop.isStopping { Terminal.printLine(line) }
            }
        }
        if let server {
            Terminal.printLines(page.lines(server))
        }
        let code = await live.stop.wait()
        await server?.stop()
        await metricsServer?.stop()
        await relay.stop()
        // An incomplete log does not change the exit code: the code says why the relay ended, and `close` reports what is
        // missing.
        live.close()
        try? await live.group.shutdownGracefully()
        throw ReportedExit(code: code)
    }
}
