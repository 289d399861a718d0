// Options of the commands that show the page: `web`, `relay --web` and `demo --web`.

import ArgumentParser
import Glibc
internal import MSNP
import Web

/// Who may open the page.
struct PageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Use the token in this file in the link, instead of a new one (32 characters or more, mode 600).",
            valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Ask for the password in this file (12 characters or more, mode 600). Addresses that other machines reach "
                + "need one.",
            valueName: "file"),
        completion: .file())
    var passwordFile: String?

    @Option(
        name: .customLong("origin"), parsing: .singleValue,
        help: ArgumentHelp(
            "Also answer under this address of a proxy, such as https://msn.example.org. Repeatable.",
            valueName: "url"))
    var origins: [String] = []

    func validate() throws {
        if tokenFile != nil, passwordFile != nil {
            throw ValidationError("--token-file and --password-file cannot be used together.")
        }
        for origin in origins where !Self.isOrigin(origin) {
            throw ValidationError("--origin: write https://NAME or http://NAME, with :PORT if it has one, and no path.")
        }
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let start = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }) else {
            return false
        }
        let name = text.dropFirst(start.count)
        return !name.isEmpty && HostPort(name, defaultPort: 0) != nil && !name.contains("/")
    }

    /// Checks the address together with the options, before anything is started.
    ///
    /// - Throws: `CommandError` if other machines could reach the page without a password.
    func check(_ listen: HostPort) throws {
        guard !WebOptions.isLoopback(listen.host), passwordFile == nil else { return }
        throw CommandError.usage(
            "\(listen.host) can be reached from other machines: give --password-file FILE, or listen at 127.0.0.1 and use "
                + "an SSH tunnel (ssh -L 1865:127.0.0.1:1865 HOST).")
    }

    /// Applies the options to a page.
    ///
    /// - Throws: `CommandError` if a file cannot be used.
    func apply(to options: inout WebOptions) throws {
        options.origins = origins
        if let tokenFile {
            options.token = .fixed(try SecretFile.text(of: tokenFile, option: "--token-file", shortest: 32))
        } else if let passwordFile {
            options.token = .password(try SecretFile.text(of: passwordFile, option: "--password-file", shortest: 12))
        }
    }

    /// The lines that tell how to open a page.
    func lines(_ page: WebServer, _ listen: HostPort) -> [String] {
        var lines: [String] = []
        if !WebOptions.isLoopback(listen.host) {
            lines += [
                "Warning: everybody on the network between can read what is sent over HTTP. An SSH tunnel is safer:",
                "  ssh -L 1865:127.0.0.1:1865 HOST, with the page at 127.0.0.1 there.",
            ]
        }
        lines += [passwordFile == nil ? "Open the page:" : "Open the page and give the password:", page.link]
        return lines
    }
}

/// The value of `--web`: an address, or the standard one.
struct PageAddress: Sendable, CustomStringConvertible {
    /// Nil for the standard address.
    let given: HostPort?

    static let standard = PageAddress(given: nil)

    /// The address to listen at.
    var address: HostPort { given ?? HostPort("127.0.0.1", WebOptions.standardPort) }

    var description: String { address.description }
}

extension PageAddress {
    init(_ argument: String) throws { given = try HostPort.listening(argument) }
}

/// A file with a secret of the user. On the command line, other users could see it.
enum SecretFile {
    /// The first line.
    ///
    /// - Throws: `CommandError` if there is no such file, others can read it, or it is too short.
    static func text(of path: String, option: String, shortest: Int) throws -> String {
        guard let file = fopen(path, "re") else {
            let reason = String(cString: strerror(errno))
            throw CommandError.failed(
                "cannot read \(option) \(path): \(reason)",
                ["Make one with: (umask 077; head -c 32 /dev/urandom | base64 > \(path))"])
        }
        defer { fclose(file) }
        var status = stat()
        guard fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CommandError.failed("cannot use \(option) \(path): it is not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw CommandError.failed("other users can read \(option) \(path); protect it with chmod 600 \(path)")
        }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&buffer, 1, buffer.count, file)
        let text = String(decoding: buffer[..<count].prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
        guard text.count >= shortest else {
            throw CommandError.failed("the first line of \(option) \(path) is to have \(shortest) characters or more")
        }
        return text
    }
}
