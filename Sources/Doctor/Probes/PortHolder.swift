// Finds the process that listens at a port, as far as this user may see it.

internal import MSNP

extension PortHolder {
    /// The process that listens at a TCP port; nil if it belongs to another user.
    static func find(port: UInt16) -> PortHolder? {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap { SmallFile.read($0) }
        let sockets = Set(tables.flatMap { inodes(in: $0, listeningAt: port) }.map { "socket:[\($0)]" })
        guard !sockets.isEmpty else { return nil }
        for name in SmallFile.names(in: "/proc") {
            guard let process = Int(name) else { continue }
            let folder = "/proc/\(process)/fd"
            guard
                SmallFile.names(in: folder).contains(where: {
                    SmallFile.link("\(folder)/\($0)").map(sockets.contains) ?? false
                })
            else { continue }
            let command = SmallFile.read("/proc/\(process)/comm")?.split(whereSeparator: \.isNewline).first
            return PortHolder(process: process, name: command.map(String.init) ?? "a program")
        }
        return nil
    }

    /// The numbers of listening sockets in a table of `/proc/net`.
    static func inodes(in table: String, listeningAt port: UInt16) -> [String] {
        table.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
            let words = line.split(separator: " ")
            // The local address is HEX:PORT; state 0A is LISTEN.
            guard words.count > 9, words[3] == "0A", let hexadecimal = words[1].split(separator: ":").last,
                UInt16(hexadecimal, radix: 16) == port
            else { return nil }
            return String(words[9])
        }
    }
}
