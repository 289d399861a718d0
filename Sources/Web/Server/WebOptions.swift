// What the page's server is started with.

package import Archive
package import MSNP

/// The settings of a page, and what it shows beside the archive.
package struct WebOptions: Sendable {
    /// Whose archive the page shows.
    package enum Mode: String, Sendable {
        /// A file that may grow while another program records into it.
        case archive
        /// That of a relay in this process.
        case relay
        /// Captures that are imported for the page alone.
        case captures
    }

    /// Reads the archive.
    package var reader: ArchiveReader
    package var mode: Mode
    /// The address to listen at.
    package var listen: HostPort
    /// Whether the next free port will do if this one is taken.
    package var mayTakeNextPort = false
    /// What lets a reader in.
    package var token = Token.random()
    /// Further origins, of a proxy in front.
    package var origins: [String] = []
    /// Whether secrets are shown instead of their masks.
    package var showsSecrets = false
    /// The version of this program.
    package var version: String
    /// Where a relay in this process listens.
    package var listening: @Sendable () -> [String] = { [] }
    /// How far the import is for which the page was started; nil without one.
    package var importState: @Sendable () -> ImportState? = { nil }
    /// Whether `WebServer.noteCommit` is called after each commit of this process.
    package var notesCommits = false
    /// Called with whether anybody follows what is recorded. Must return at once.
    package var followed: @Sendable (Bool) -> Void = { _ in }
    /// Receives lines for people.
    package var report: @Sendable (String) -> Void = { _ in }

    package init(_ reader: ArchiveReader, mode: Mode, listen: HostPort, version: String) {
        self.reader = reader
        self.mode = mode
        self.listen = listen
        self.version = version
    }

    /// The standard port; 1863 is a relay's and 1864 the sandbox's.
    package static let standardPort: UInt16 = 1_865

    /// Whether only this machine reaches the address.
    package var isLoopback: Bool { Self.isLoopback(listen.host) }

    /// Whether a host is this machine's own.
    package static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || HostPort(host, 0).ipv4?.first == 127
    }
}

/// How far an import is.
package struct ImportState: Sendable, Hashable {
    /// What is imported, as the user named it.
    package var file: String
    package var doneBytes: Int64 = 0
    package var totalBytes: Int64 = 0
    package var isFinished = false
    /// What went wrong, or what was found; nil before the end.
    package var text: String?

    package init(file: String) { self.file = file }
}
