// Other programs, started by posix_spawn.
//
// Foundation's `Process` copies entries of `/proc/self/fd` from beyond the buffer that they were read into. It crashes
// now and then when more than 1,300 files are open, and tests of many connections have that many.

internal import CSpawn
import Foundation
import Glibc
import Synchronization

/// A program that a test has started. It is asked to end when nothing refers to it any more.
package final class ChildProcess: Sendable {
    package enum Ending: Equatable, Sendable {
        case exit(Int32)
        case signal(Int32)

        /// The code as a shell gives it.
        package var code: Int32 {
            switch self {
            case .exit(let code): code
            case .signal(let number): 128 + number
            }
        }
    }

    package struct NotStarted: Error {
        package let program: String
        package let code: Int32
    }

    package let id: Int32
    private let collected = Mutex<Ending?>(nil)

    /// Starts a program, which reads nothing.
    ///
    /// - Parameters:
    ///   - program: its path, or a name to look for in PATH.
    ///   - environment: the test's own where none is given.
    ///   - folder: the folder it is started in; the test's own where none is given.
    ///   - output: the file that its output is written to; it is made empty first. Without one the output is lost.
    ///   - errors: the same for its errors. Both can be one file.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil, folder: String? = nil,
        output: String? = nil, errors: String? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (stream, file) in [(Int32(1), output), (2, errors)] {
            if stream == 2, let errors, errors == output {
                posix_spawn_file_actions_adddup2(&actions, 1, 2)
            } else {
                let way = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
                posix_spawn_file_actions_addopen(&actions, stream, file ?? "/dev/null", way, 0o600)
            }
        }
        spawn_close_from(&actions, 3)
        if let folder { spawn_in_folder(&actions, folder) }

        // The threads of tests block and ignore signals; a program that is started must not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0)=\($1)" }
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var settings = variables.map { strdup($0) } + [nil]
        defer { for pointer in words + settings { free(pointer) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, program, &actions, &attributes, &words, &settings)
        guard code == 0 else { throw NotStarted(program: program, code: code) }
        self.id = id
    }

    deinit {
        guard ending == nil else { return }
        kill(id, SIGTERM)
        let id = id
        Thread.detachNewThread { waitpid(id, nil, 0) }
    }

    /// How it ended; nil while it runs.
    package var ending: Ending? { collect(WNOHANG) }

    /// Waits for its end.
    @discardableResult package func waitForEnd() -> Ending { collect(0) ?? .exit(-1) }

    /// Sends a signal to it, if it still runs.
    package func send(_ signal: Int32) {
        collected.withLock { if $0 == nil { _ = kill(id, signal) } }
    }

    private func collect(_ options: Int32) -> Ending? {
        collected.withLock { collected in
            if let collected { return collected }
            var status: Int32 = 0
            guard waitpid(id, &status, options) == id else { return nil }
            let signal = status & 0x7F
            collected = signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
            return collected
        }
    }
}

/// Runs a program and returns what it printed, and its exit code: 127 where there is no such program.
///
/// - Parameter withErrors: whether its errors are part of what it printed.
package func runProgram(_ words: [String], withErrors: Bool = true) throws -> (output: String, code: Int32) {
    guard let program = words.first else { return ("", 127) }
    let scratch = try Scratch()
    let output = scratch.path("output")
    do {
        let process = try ChildProcess(
            program, Array(words.dropFirst()), output: output, errors: withErrors ? output : nil)
        let code = process.waitForEnd().code
        return (String(decoding: try scratch.read("output"), as: UTF8.self), code)
    } catch let error as ChildProcess.NotStarted where error.code == ENOENT {
        return ("", 127)
    }
}
