// Standard output as a file that several runs write one behind the other.

import Console
import Glibc

enum SeriesOutput {
    /// The file on standard output and its length, with everything on its way to the disk; nil if it is no regular file.
    static func mark() -> OutputMark? {
        var status = stat()
        guard fstat(STDOUT_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        fdatasync(STDOUT_FILENO)
        return OutputMark(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), length: Int64(status.st_size))
    }

    /// Prepares the output for the next series: cuts off what an interrupted run wrote of an unfinished one.
    ///
    /// - Parameter last: the last record of earlier runs.
    /// - Throws: `CommandError` if the output has less than earlier runs wrote, or cannot be cut.
    static func goOn(after last: SeriesRecord?) throws {
        guard let last, let then = last.output, let now = mark(), now.isSameFile(as: then) else { return }
        guard now.length >= then.length else {
            throw CommandError.failed(
                "the output has less than earlier runs wrote; go on behind it with >> instead of >, or begin with another "
                    + "file for --resume")
        }
        guard last.state == .began, now.length > then.length else { return }
        guard ftruncate(STDOUT_FILENO, off_t(then.length)) == 0,
            lseek(STDOUT_FILENO, off_t(then.length), SEEK_SET) >= 0
        else { throw CommandError.failed("cannot cut the output: \(String(cString: strerror(errno)))") }
        Terminal.printMessage("the last run was interrupted in \(last.name): what it wrote of it is written again")
    }
}
