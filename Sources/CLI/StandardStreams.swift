// Opens the standard streams with which the program was started closed.

import Glibc

enum StandardStreams {
    /// Opens /dev/null for each closed standard stream. Otherwise the next opened file or socket would get its number, and
    /// printed text would be written into it.
    static func fill() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // open returns the lowest free number; those below this one are open by now.
            guard open("/dev/null", O_RDWR) == descriptor else { exit(1) }
        }
    }
}
