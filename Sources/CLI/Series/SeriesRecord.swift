// One line of the file of --resume.

internal import Captures

/// What is noted of a series: fields separated by tabs, the name last.
struct SeriesRecord: Equatable {
    enum State: String {
        /// Reading began; what follows in the output is not finished.
        case began
        case read
        /// Read as far as possible.
        case damaged
        /// Nothing could be read.
        case failed
    }

    var state: State
    var digest: String
    /// The last numbers of connections and sign-ins.
    var numbers = CaptureNumbers()
    /// The output file, before what was begun or behind what was read; nil where the output is no file.
    var output: OutputMark?
    var name: String

    init(_ state: State, digest: String, numbers: CaptureNumbers, output: OutputMark?, name: String) {
        (self.state, self.digest, self.numbers, self.output, self.name) = (state, digest, numbers, output, name)
    }

    /// - Returns: nil for a line that is none.
    init?(line: Substring) {
        let fields = line.split(separator: "\t", maxSplits: 7, omittingEmptySubsequences: false)
        guard fields.count == 8, let state = State(rawValue: String(fields[0])), let connection = Int(fields[2]),
            let signIn = Int(fields[3]), connection >= 0, signIn >= 0
        else { return nil }
        var numbers = CaptureNumbers()
        (numbers.connection, numbers.signIn) = (connection, signIn)
        let output = OutputMark(device: UInt64(fields[4]), inode: UInt64(fields[5]), length: Int64(fields[6]))
        self.init(
            state, digest: String(fields[1]), numbers: numbers, output: output, name: String(fields[7]))
    }

    var line: String {
        let place = output.map { "\($0.device)\t\($0.inode)\t\($0.length)" } ?? "-\t-\t-"
        return "\(state.rawValue)\t\(digest)\t\(numbers.connection)\t\(numbers.signIn)\t\(place)\t\(Self.plain(name))\n"
    }

    /// A name on one line. It is for readers and for changes: series are recognised by their digest.
    static func plain(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { $0.value < 0x20 ? "?" : $0 }))
    }
}

/// A regular file that the output goes to, and its length at a moment.
struct OutputMark: Equatable {
    var device: UInt64
    var inode: UInt64
    var length: Int64

    init?(device: UInt64?, inode: UInt64?, length: Int64?) {
        guard let device, let inode, let length, length >= 0 else { return nil }
        (self.device, self.inode, self.length) = (device, inode, length)
    }

    func isSameFile(as other: OutputMark) -> Bool { device == other.device && inode == other.inode }
}
