// The subcommand `doctor`: examines this machine, the server and the settings of a relay, and says what to type.

import ArgumentParser
import Console
import Doctor
import Doors
import Glibc
import MSNP
import NIOCore
import NIOPosix

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check addresses, server and archive, and print what to type in each client.",
        usage: "butterflynet doctor [<options>]",
        discussion: """
            It takes the options of relay, and starts nothing that stays. A relay may run meanwhile. The exit code is 1 if a \
            check failed.

            Examples:
              butterflynet doctor --upstream messenger.example.org
              butterflynet doctor --upstream 10.0.0.5 --listen 0.0.0.0:1863 \\
                --from 192.168.1.30
              butterflynet doctor --format jsonl
              butterflynet doctor --ready 127.0.0.1:1866
            """)

    @Option(
        help: ArgumentHelp("Server to examine (default port 1863; default: none).", valueName: "host[:port]"),
        transform: HostPort.server)
    var upstream: HostPort?

    @OptionGroup(title: "Addresses") var own: ListenOptions

    @Option(
        help: ArgumentHelp(
            "Ways in that are open, separated by commas: \(Door.allCases.map(\.rawValue).joined(separator: ", ")) (default: all).",
            valueName: "doors"),
        completion: .list(Door.allCases.map(\.rawValue)), transform: DoorList.init)
    var doors = DoorList.all

    @Option(
        help: ArgumentHelp("Also print lines that test the way from this client's machine.", valueName: "host"))
    var from: String?

    @Flag(help: "Only connect to the server; do not say VER, and do not ask for its time.")
    var noGreeting = false

    @Option(
        defaultAsFlag: MetricsAddress.standard, parsing: .next,
        help: ArgumentHelp(
            "Only ask a relay that runs with --metrics at this address whether it can serve clients (default: 127.0.0.1:1866).",
            valueName: "[host:]port"),
        transform: MetricsAddress.init)
    var ready: MetricsAddress?

    @OptionGroup(title: "Recording") var recording: RecordingOptions

    @Option(name: .shortAndLong, help: "Format of the results on standard output.")
    var format: LiveLog.Style = .text

    func validate() throws {
        guard upstream?.port != 0 else { throw ValidationError("--upstream needs a port other than 0.") }
        try own.check()
        if let from, HostPort(from, defaultPort: 0)?.port != 0 {
            throw ValidationError("--from: write a host without a port.")
        }
    }

    func run() async throws {
        if let ready { return try await ask(ready.address) }
        FileLimit.raise()
        var options = DoctorOptions(listen: own.addresses)
        options.upstream = upstream
        options.dial = own.dial
        options.advertised = try await own.advertisedHost().map {
            HostPort($0, own.advertise?.port ?? own.main.port)
        }
        options.doors = doors.doors
        options.from = from
        options.greets = !noGreeting
        options.archive = recording.noArchive ? nil : recording.archive.path
        options.proxyVariables = Self.proxyVariables()
        options.command = ProgramInfo.command

        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let doctor = Doctor(options, group: group)
        var printer = Printer(descriptor: STDOUT_FILENO)
        var hasFailed = false
        await doctor.examine { check in
            hasFailed = hasFailed || check.outcome == .failed
            printer.bytes += DoctorFormat.bytes(of: check, format)
        }
        printer.bytes += DoctorFormat.settings(await doctor.clientAddress(), options.doors, format)
        try? await group.shutdownGracefully()
        try printer.finish()
        if hasFailed { throw ReportedExit(code: 1) }
    }

    /// Asks a running relay whether it is ready, for a supervisor.
    private func ask(_ address: HostPort) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let check = await Doctor(DoctorOptions(listen: own.addresses), group: group).ready(at: address)
        try? await group.shutdownGracefully()
        var printer = Printer(descriptor: STDOUT_FILENO)
        printer.bytes += DoctorFormat.bytes(of: check, format)
        try printer.finish()
        if check.outcome != .ok { throw ReportedExit(code: 1) }
    }

    /// The proxy settings of the environment.
    private static func proxyVariables() -> [(name: String, value: String)] {
        ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].compactMap { name in
            guard let value = getenv(name), value[0] != 0 else { return nil }
            return (name, String(cString: value))
        }
    }
}
