// The program's version.

enum ProgramInfo {
    /// The version, in `--version`, in recordings and in exports.
    static let version = "0.1.0"
}
