// The subcommand `sandbox`: runs a small MSN server and its ticket services on loopback.

import ArgumentParser
internal import Events
import Glibc
import MSNP
import NIOCore
import NIOPosix
import Sandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a small MSN server on loopback that accepts any account.",
        usage: "butterflynet sandbox [<options>]",
        discussion: """
            It supports MSNP2 to MSNP15 and has three ports: dispatch, notification and switchboard server. It accepts any \
            password and any ticket, and stores nothing. Every account has the contact \(EchoContact.account), which \
            repeats each message and sends a nudge or a picture on request.

            Which clients can sign in:
              MSNP2 to MSNP7     As they are: they need no ticket.
              MSNP8 to MSNP12    If they fetch their ticket over plain HTTP from the
                                 port --http-port. Official clients fetch it from
                                 https://nexus.passport.com: they need a patch.
              MSNP13 to MSNP15   Likewise, from the SOAP service there instead of
                                 https://login.live.com. Their contact list is the one
                                 that they send (ADL): there is no address book.
              MSNP16 and later   Cannot sign in.

            Examples:
              butterflynet sandbox
              butterflynet sandbox --port 1864 --no-echo
              butterflynet relay --upstream localhost:1864    in another terminal
            """)

    @Option(help: "Port of the dispatch server, for a client or the relay (0: any free port).")
    var port: UInt16 = 1864

    @Option(
        help: ArgumentHelp(
            "Port of the ticket services, plain HTTP (0: any free port; default: 1865, or any if it is in use).",
            valueName: "port"))
    var httpPort: UInt16?

    @Flag(inversion: .prefixedNo, help: "Put the echo contact on every contact list.")
    var echo = true

    @Option(
        help: ArgumentHelp(
            "When ready, write the addresses (dispatch, notification, switchboard, HTTP) to this file, as JSON.",
            valueName: "file"),
        completion: .file())
    var readyFile: String?

    @Flag(name: .shortAndLong, help: "Only print errors.")
    var quiet = false

    func run() async throws {
        let stop = await StopSignal()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let isQuiet = quiet
        let log: @Sendable (String) -> Void = { line in if !isQuiet { Terminal.printLine(line) } }
        let sandbox: Sandbox
        do {
            sandbox = try await Sandbox.start(on: group, dispatchPort: Int(port), hasEcho: echo, log: log)
        } catch {
            throw Self.failure(error, port: port, option: "--port")
        }
        let tickets = try await startTickets(on: group, log)
        if !quiet { Terminal.printLines(advice(sandbox, tickets)) }
        if let readyFile {
            try ReadyFile.write(
                to: readyFile,
                listening: [sandbox.dispatch, sandbox.notification, sandbox.switchboard, tickets.address])
        }
        let code = await stop.wait()
        await sandbox.stop()
        await tickets.stop()
        try? await group.shutdownGracefully()
        throw ReportedExit(code: code)
    }

    private func startTickets(
        on group: any EventLoopGroup, _ log: @escaping @Sendable (String) -> Void
    ) async throws -> TicketServer {
        func start(_ port: UInt16) async throws -> TicketServer {
            try await TicketServer.start(
                on: group, port: Int(port),
                now: { UInt64(clamping: SystemTime.now().nanoseconds / 1_000_000_000) }, log: log)
        }
        do {
            return try await start(httpPort ?? Self.usualHTTPPort)
        } catch {
            guard httpPort == nil, let server = try? await start(0) else {
                throw Self.failure(error, port: httpPort ?? Self.usualHTTPPort, option: "--http-port")
            }
            return server
        }
    }

    private static let usualHTTPPort: UInt16 = 1865

    private static func failure(_ error: any Error, port: UInt16, option: String) -> CommandError {
        let why = (error as? IOError).map { String(cString: strerror($0.errnoCode)).lowercased() } ?? "\(error)"
        return .failed("cannot listen at 127.0.0.1:\(port): \(why). Choose another port with \(option).")
    }

    private func advice(_ sandbox: Sandbox, _ tickets: TicketServer) -> [String] {
        let echoHint =
            "Try it: sign in, double-click the contact Echo (\(EchoContact.account)) and say something, or one of: "
            + EchoContact.words.joined(separator: ", ") + "."
        return [
            "The sandbox listens at \(sandbox.dispatch) (dispatch), \(sandbox.notification) (notification) and "
                + "\(sandbox.switchboard) (switchboard).",
            "Any account and password are accepted; MSNP2 to MSNP15.",
            "Clients of MSNP2 to MSNP7 sign in as they are. Later ones need a ticket, which official clients fetch over",
            "HTTPS from Microsoft's servers; they sign in only if they are patched to fetch it over plain HTTP from here:",
            "  MSNP8 to MSNP12: \(tickets.passportURL) instead of https://nexus.passport.com/rdr/pprdr.asp",
            "  MSNP13 to MSNP15: \(tickets.tokenURL) instead of https://login.live.com/RST.srf; no address book",
            "Clients of MSNP16 and later cannot sign in.",
        ] + (echo ? [echoHint] : []) + [
            "Watch it: \(ProgramInfo.command) relay --upstream \(sandbox.dispatch)",
            "Stop with Ctrl-C.",
        ]
    }
}
