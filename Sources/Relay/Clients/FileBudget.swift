// Derives the limit of relayed connections from the process's limit on open files.

internal import Glibc

/// File descriptors and the number of connections that they allow.
package enum FileBudget {
    /// The file descriptors reserved for the archive, name lookups, event loops and extra listeners.
    static func reserve(loops: Int) -> Int { 40 + 3 * loops + Listeners.mostExtra }

    /// The number of connections, at two file descriptors each, that leave the reserve free.
    ///
    /// The reserve is at most half of all files, so that a low limit still allows connections.
    package static func connections(files: Int, loops: Int) -> Int {
        max(1, (files - min(files / 2, reserve(loops: loops))) / 2)
    }

    /// The process's soft limit on open files.
    static var files: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(clamping: limit.rlim_cur)
    }
}
