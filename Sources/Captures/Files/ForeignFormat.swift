// Recognizes file formats that libpcap cannot read, and suggests how to convert them.

internal import Glibc

/// File formats that libpcap does not read.
enum ForeignFormat {
    case converted(String)
    case compressed(String, String)

    /// Recognizes a format by the first bytes of a file.
    static func of(_ path: String) -> ForeignFormat? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 3 else { return nil }
        let text = String(decoding: bytes, as: Unicode.ASCII.self)
        let known: [(String, String)] = [
            ("GMBU", "a Network Monitor 2 capture"), ("RTSS", "a Network Monitor 1 capture"),
            ("snoop", "a snoop capture"), ("TRSNIFF", "a Sniffer capture"), ("XCP\0", "a NetXRay capture"),
            ("5VIEW", "a 5View capture"), ("EyeSDN", "an EyeSDN capture"), ("HTGT", "an HP-UX nettl trace"),
        ]
        if let match = known.first(where: { text.hasPrefix($0.0) }) { return .converted(match.1) }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .compressed("compressed by zstd", "zstd -d") }
        if bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58]) { return .compressed("compressed by xz", "xz -d") }
        if text.hasPrefix("BZh") { return .compressed("compressed by bzip2", "bzip2 -d") }
        if text.hasPrefix("PK\u{3}\u{4}") { return .compressed("a ZIP archive", "unzip") }
        return nil
    }

    /// The name of the format.
    var name: String {
        switch self {
        case .converted(let name), .compressed(let name, _): name
        }
    }

    /// The command that converts or unpacks the file.
    func advice(_ path: String) -> String {
        switch self {
        case .converted: "convert it with: editcap -F pcap '\(path)' '\(path).pcap'"
        case .compressed(_, let command): "unpack it first with: \(command) '\(path)'"
        }
    }
}
