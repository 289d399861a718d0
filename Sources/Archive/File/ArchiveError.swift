// Errors of archives, as one line of text for people.

internal import GRDB
internal import Glibc

/// Why an archive could not be used, as text for people.
package struct ArchiveError: Error, CustomStringConvertible, Sendable {
    /// The problem and a possible remedy.
    package let description: String
    /// Whether a later attempt may succeed: another program is writing, or the disk is full.
    let isTransient: Bool

    init(_ description: String, isTransient: Bool = false) {
        self.description = description
        self.isTransient = isTransient
    }

    init(_ error: DatabaseError, _ path: String) {
        let why =
            switch error.resultCode {
            case .SQLITE_NOTADB: "it is not an SQLite file"
            case .SQLITE_CORRUPT: "it is damaged (\(Self.inOneLine(error.message) ?? "no details"))"
            case .SQLITE_BUSY, .SQLITE_LOCKED: "another program has locked it"
            case .SQLITE_FULL: "the disk is full"
            case .SQLITE_CANTOPEN: Self.reason(notToOpen: path)
            case .SQLITE_INTERRUPT: "it is damaged: reading it would never end"
            default: Self.inOneLine(error.message) ?? "\(error.resultCode)"
            }
        let transient: [ResultCode] = [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR]
        self.init("cannot use the archive \(path): \(why)", isTransient: transient.contains(error.resultCode))
    }

    /// Why a file cannot be opened: SQLite does not say.
    private static func reason(notToOpen path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return String(cString: strerror(errno)).lowercased() }
        defer { close(descriptor) }
        var status = stat()
        let isFolder = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        return isFolder ? "it is a folder" : "it cannot be opened"
    }

    /// Removes control characters from SQLite's message and limits its length: it quotes contents of the file.
    private static func inOneLine(_ message: String?) -> String? {
        message.map { message in
            String(
                String.UnicodeScalarView(
                    message.unicodeScalars.prefix(200).map { scalar -> Unicode.Scalar in
                        switch scalar.properties.generalCategory {
                        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: "?"
                        default: scalar
                        }
                    }))
        }
    }
}
