// Notices Ctrl-C in commands that undo unfinished work before they end.

import Glibc
import Synchronization

/// The signal that asked the program to end. A second signal ends it at once.
enum Interruption {
    private static let number = Atomic<Int32>(0)

    /// Whether the program was asked to end since `watch`.
    static var isRequested: Bool { number.load(ordering: .relaxed) != 0 }

    /// The exit code for the signal: 130 after SIGINT, 143 after SIGTERM.
    static var code: Int32 { 128 + number.load(ordering: .relaxed) }

    /// Starts to notice SIGINT and SIGTERM; forgets an earlier one.
    static func watch() {
        number.store(0, ordering: .relaxed)
        var action = sigaction()
        // A store into an atomic variable is all that a signal handler may do here.
        action.__sigaction_handler.sa_handler = { Interruption.number.store($0, ordering: .relaxed) }
        action.sa_flags = Int32(bitPattern: UInt32(truncatingIfNeeded: SA_RESETHAND))
        // A program that a thread with blocked signals has started inherits those.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM] {
            sigaction(signal, &action, nil)
            sigaddset(&signals, signal)
        }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}
