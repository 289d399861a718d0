// The subcommand `sandbox`: runs a small MSN server on loopback.

import ArgumentParser
import Glibc
import MSNP
import NIOCore
import NIOPosix
import Sandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a small MSN server on loopback that lets any account in.",
        usage: "butterflynet sandbox [<options>]",
        discussion: """
            It speaks MSNP2 to MSNP12 and knows three ports: dispatch, notification and switchboard server. Any password \
            is right, any ticket good. Nothing is kept.

            Examples:
              butterflynet sandbox
              butterflynet sandbox --port 1864
              butterflynet relay --upstream localhost:1864    in another terminal
            """)

    @Option(help: "The dispatch server's port, to point a client or the relay at; 0 for any.")
    var port: UInt16 = 1864

    @Option(
        help: ArgumentHelp("Write the listening addresses to this file when ready.", valueName: "file"),
        completion: .file())
    var readyFile: String?

    @Flag(name: .shortAndLong, help: "Only print errors.")
    var quiet = false

    func run() async throws {
        let stop = await StopSignal()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let sandbox: Sandbox
        do {
            let isQuiet = quiet
            sandbox = try await Sandbox.start(on: group, dispatchPort: Int(port)) { line in
                if !isQuiet { Terminal.printLine(line) }
            }
        } catch {
            let why = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw CommandError.failed("cannot listen at 127.0.0.1:\(port): \(why). Choose another port with --port.")
        }
        if !quiet {
            Terminal.printLines([
                "The sandbox listens at \(sandbox.dispatch) (dispatch), \(sandbox.notification) (notification) and "
                    + "\(sandbox.switchboard) (switchboard).",
                "Any account gets in with any password; MSNP2 to MSNP12.",
                "Watch it: \(ProgramInfo.command) relay --upstream \(sandbox.dispatch)",
                "Stop with Ctrl-C.",
            ])
        }
        if let readyFile {
            try ReadyFile.write(
                to: readyFile, listening: [sandbox.dispatch, sandbox.notification, sandbox.switchboard])
        }
        let code = await stop.wait()
        await sandbox.stop()
        try? await group.shutdownGracefully()
        throw ReportedExit(code: code)
    }
}
