// The subcommand `web`: shows an archive or captures as a page in the browser.

import Archive
import ArgumentParser
import Console
import Glibc
import MSNP
import NIOPosix
import Web

struct WebCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "web",
        abstract: "Show an archive or captures as a page in the browser.",
        usage: "butterflynet web [<options>] [<file> ...]",
        discussion: """
            Prints a link, which is good as long as the program runs; open it in a browser on this machine. Without \
            files, the page shows the archive, and goes on while a relay records into it. Captures given as files are \
            imported into a temporary archive, which is removed at the end. Nothing can be changed through the page.

            Examples:
              butterflynet web
              butterflynet web --archive family.sqlite --listen 0
              butterflynet web old.pcap more.pcap
              butterflynet web --token-file token --ready-file ready.json
            """)

    @Argument(
        help: ArgumentHelp("Captures, pasted logs or folders of captures, to show instead of the archive."),
        completion: .file())
    var files: [String] = []

    @OptionGroup var archive: ArchiveOptions

    @Option(
        help: ArgumentHelp(
            "Address to listen on, or only a port (0: any free one); default: 127.0.0.1:1865, or the next free port.",
            valueName: "[host:]port"),
        transform: PageAddress.init)
    var listen = PageAddress.standard

    @OptionGroup var page: PageOptions

    @Option(
        help: ArgumentHelp(
            "When ready, write the listening address, the link and the process ID to this file, as JSON.",
            valueName: "file"),
        completion: .file())
    var readyFile: String?

    @Flag(help: "Show passwords, tickets and cookies; by default each is masked, the same one by the same mask.")
    var showSecrets = false

    @Flag(name: .shortAndLong, help: "Only print the link and errors.")
    var quiet = false

    func validate() throws {
        if !files.isEmpty, archive.isNamed {
            throw ValidationError("Give files or --archive, not both: files are shown from a temporary archive.")
        }
        if files.contains("-") { throw ValidationError("Standard input (-) cannot be shown; use import.") }
    }

    func run() async throws {
        try page.check(listen.address)
        let stop = await StopSignal()
        let reporter = Reporter(prefix: ProgramInfo.name)
        defer { reporter.close() }
        let captures = files.isEmpty ? nil : try CapturesOfPage(files)
        let reader = try captures?.open() ?? archive.reader()
        var options = WebOptions(
            reader, mode: captures == nil ? .archive : .captures, listen: listen.address,
            version: ProgramInfo.version)
        options.mayTakeNextPort = listen.given == nil
        options.showsSecrets = showSecrets
        options.report = reporter.report
        if let captures { options.importState = { captures.work.state } }
        try page.apply(to: &options)
        let server = try await PageStart.start(options)
        if let readyFile { try ReadyFile.write(to: readyFile, listening: [server.address], web: server.link) }
        if !quiet {
            let what = captures == nil ? archive.path : files.joined(separator: ", ")
            Terminal.printLine("The page shows \(what), and changes nothing in it. Stop with Ctrl-C.")
        }
        Terminal.printLines(page.lines(server, listen.address))
        let importing = captures.map { captures in
            Task { await captures.importAll(report: reporter.report) }
        }
        let code = await stop.wait()
        captures?.work.cancel()
        await server.stop()
        await importing?.value
        withExtendedLifetime(captures) {}
        throw ReportedExit(code: code)
    }
}

/// The captures of a page, with the temporary archive that they are imported into.
private final class CapturesOfPage: Sendable {
    let work: CaptureImport
    private let archive: TemporaryArchive

    init(_ files: [String]) throws {
        archive = try TemporaryArchive()
        work = CaptureImport(files, into: archive.path)
    }

    /// The archive for the page, with a connection of its own: the import keeps another one busy.
    func open() throws -> ArchiveReader {
        do {
            _ = try Archive.openOrCreate(archive.path)
            return try ArchiveReader(archive.path)
        } catch let error as ArchiveError {
            throw CommandError.failed(error.description)
        }
    }

    /// Imports on a thread of its own.
    func importAll(report: @escaping @Sendable (String) -> Void) async {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let troubles = try? await thread.runIfActive { [work] in work.run() }
        for trouble in troubles ?? [] { report(trouble) }
        try? await thread.shutdownGracefully()
    }
}

/// Starts a page, and reports why it cannot.
enum PageStart {
    /// - Throws: `CommandError`.
    static func start(_ options: WebOptions) async throws -> WebServer {
        do {
            return try await WebServer.start(options)
        } catch let error as WebError {
            throw CommandError.failed(
                error.description, options.mayTakeNextPort ? [] : ["Choose another port, or 0 for any free one."])
        }
    }
}
