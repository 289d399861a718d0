// Errors of archives, as one line of text for people.

internal import GRDB

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
            case .SQLITE_CANTOPEN: "it cannot be opened"
            case .SQLITE_INTERRUPT: "it is damaged: reading it would never end"
            default: Self.inOneLine(error.message) ?? "\(error.resultCode)"
            }
        let transient: [ResultCode] = [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR]
        self.init("cannot use the archive \(path): \(why)", isTransient: transient.contains(error.resultCode))
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
