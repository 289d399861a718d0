// The protocol notes that lie beside the repository, where somebody has them.

import Foundation

/// The folder `shared`: named by BUTTERFLYNET_SHARED, else beside the repository.
enum SharedFolder {
    /// A file of it as text; nil, and said aloud, where it is not there.
    static func text(_ path: String, neededFor test: String) -> String? {
        let named = ProcessInfo.processInfo.environment["BUTTERFLYNET_SHARED"].map { URL(filePath: $0) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = named ?? root.deletingLastPathComponent().appending(path: "shared")
        let file = folder.appending(path: path)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            print("SKIPPED: \(test): there is no \(file.path); set BUTTERFLYNET_SHARED to the folder that has \(path)")
            return nil
        }
        return text
    }
}
