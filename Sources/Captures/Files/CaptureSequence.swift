// Many capture files read as one, in order of time.

internal import Glibc
internal import Packets

/// The packets of several files. Files are opened when their time comes, so that a folder of a thousand costs one or
/// two descriptors; files that overlap in time are merged packet by packet.
struct CaptureSequence {
    /// What went wrong with files so far, one line each.
    private(set) var troubles: [String] = []
    /// How many files could be read at least in part.
    private(set) var readable = 0
    /// Bytes of the files that are done, and of those being read.
    var bytesRead: Int { bytesDone + open.reduce(0) { $0 + $1.bytesRead } }

    /// Texts that people pasted, to be read after all packets.
    private(set) var pasted: [String] = []
    /// A pasted text from standard input, which cannot be read twice.
    private(set) var pastedInput: [UInt8]?

    private var waiting: [(path: String, first: Int64)] = []
    private var open: [CaptureFile] = []
    private var bytesDone = 0

    /// Looks at every file once, to find out when it starts.
    ///
    /// - Parameter paths: files, folders (all files in them), or `-` for standard input.
    init(_ paths: [String]) {
        for path in paths.flatMap(Self.expand) {
            do {
                if path == "-", PastedFile.standardInputIsText() {
                    guard let bytes = PastedFile.bytes(of: path), PastedLog.isOne(bytes) else {
                        troubles.append("standard input: neither a capture nor a log with MSNP commands")
                        continue
                    }
                    pastedInput = bytes
                    readable += 1
                    continue
                }
                let file = try CaptureFile(path: path)
                guard file.advance() else {
                    if let damage = file.damage {
                        troubles.append("\(file.name) is damaged: \(damage); nothing in it could be read")
                    }
                    readable += 1
                    continue
                }
                readable += 1
                if path == "-" { open.append(file) } else { waiting.append((path, file.time)) }
            } catch {
                if path != "-", let bytes = PastedFile.bytes(of: path), PastedLog.isOne(bytes) {
                    pasted.append(path)
                    readable += 1
                } else {
                    troubles.append("\(error)")
                }
            }
        }
        waiting.sort { $0.first > $1.first }
    }

    /// Goes to the next packet of all files.
    ///
    /// - Returns: the file that has it in hand, or nil at the end.
    mutating func next(after last: CaptureFile?) -> CaptureFile? {
        if let last, !last.advance() { close(last) }
        while let first = waiting.last, open.allSatisfy({ first.first <= $0.time }) {
            waiting.removeLast()
            openFile(first.path)
        }
        guard open.count > 1 else { return open.first }
        return open.min { $0.time < $1.time }
    }

    private mutating func openFile(_ path: String) {
        do {
            let file = try CaptureFile(path: path)
            if file.advance() { open.append(file) }
        } catch {
            troubles.append("\(error)")
        }
    }

    private mutating func close(_ file: CaptureFile) {
        if let damage = file.damage {
            troubles.append("\(file.name) is damaged: \(damage); what came before was read")
        }
        bytesDone += file.bytesRead
        open.removeAll { $0 === file }
    }

    /// The files in a folder, sorted by name, folders inside it included; a file is itself.
    static func expand(_ path: String) -> [String] {
        guard path != "-", let folder = opendir(path) else { return [path] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        return names.sorted().flatMap { name -> [String] in
            var status = stat()
            // Links to folders are not followed: a folder could hold itself.
            guard lstat(prefix + name, &status) == 0 else { return [prefix + name] }
            let isLinkedFolder = status.st_mode & S_IFMT == S_IFLNK && isFolder(prefix + name)
            return isLinkedFolder ? [] : expand(prefix + name)
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
