// Standard input, output and error, where the program was started without one of them.

import Glibc

enum StandardStreams {
    /// Opens /dev/null in place of those that are closed. The next file or socket that is opened would get the number, and
    /// what is printed would be written into it.
    static func fill() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is taken: this one, since those below it are open by now.
            guard open("/dev/null", O_RDWR) == descriptor else { exit(1) }
        }
    }
}
