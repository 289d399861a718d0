// Reads many capture files as one, merged in order of time.

internal import Glibc
internal import Packets

/// The packets of several files. A file is opened when its first packet is due, so that a folder of a thousand files
/// needs one or two descriptors. Files that overlap in time are merged packet by packet.
struct CaptureSequence {
    /// Problems with files so far, one line each.
    private(set) var troubles: [String] = []
    /// The number of files that were readable at least in part.
    private(set) var readable = 0
    /// The bytes read so far of all files.
    var bytesRead: Int { bytesDone + open.reduce(0) { $0 + $1.bytesRead } }

    /// The paths of pasted logs, to be read after all packets.
    private(set) var pasted: [String] = []
    /// A pasted log from standard input, which cannot be read twice.
    private(set) var pastedInput: [UInt8]?

    private var waiting: [(path: String, first: Int64)] = []
    private var open: [CaptureFile] = []
    private var bytesDone = 0

    /// Reads the first packet of every file to find its start time.
    ///
    /// - Parameter paths: files, folders (all files in them that are no texts), or `-` for standard input.
    init(_ paths: [String]) {
        for path in paths where Self.expand(path).isEmpty {
            troubles.append("\(path): no captures in this folder; name a log to read it")
        }
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
        // The last is taken first. Files that begin at the same time stay in their order.
        waiting.sort { $0.first < $1.first }
        waiting.reverse()
    }

    /// Advances to the next packet of all files.
    ///
    /// - Returns: the file whose current packet it is, or nil at the end.
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
            troubles.append("\(file.name) is damaged: \(damage); everything before it was read")
        }
        bytesDone += file.bytesRead
        open.removeAll { $0 === file }
    }

    /// The files in a folder and its subfolders, sorted by name; for a file, the file itself.
    ///
    /// Texts in folders are left out: pasted logs are read only if they are named, because a folder of captures may
    /// contain a README and the like.
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
            // Links to folders are not followed: they could form a cycle.
            guard lstat(prefix + name, &status) == 0 else { return [prefix + name] }
            let isLinkedFolder = status.st_mode & S_IFMT == S_IFLNK && isFolder(prefix + name)
            return isLinkedFolder || isTextFile(prefix + name) ? [] : expand(prefix + name)
        }
    }

    private static func isTextFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && PastedFile.isText(path)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
