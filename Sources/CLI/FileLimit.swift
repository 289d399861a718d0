// Raises the limit on open files, which limits the number of relayed connections.

import Glibc

enum FileLimit {
    /// Raises the soft limit to the hard limit. Each relayed connection needs two file descriptors.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
