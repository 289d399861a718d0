// What lies beside the repository: real captures that nobody may commit, and the maker of synthetic ones.

import Foundation

/// The folder `shared`: named by BUTTERFLYNET_SHARED, else beside the repository.
enum SharedFolder {
    /// A file or folder of it; nil, and said aloud, where it is not there.
    static func find(_ path: String, neededFor test: String) -> URL? {
        let named = ProcessInfo.processInfo.environment["BUTTERFLYNET_SHARED"].map { URL(filePath: $0) }
        let folder = named ?? root.deletingLastPathComponent().appending(path: "shared")
        let file = folder.appending(path: path)
        guard FileManager.default.fileExists(atPath: file.path) else {
            print("SKIPPED: \(test): there is no \(file.path); set BUTTERFLYNET_SHARED to the folder that has \(path)")
            return nil
        }
        return file
    }

    /// The repository.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}

/// A folder that is gone when the test is over.
final class Scratch {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "butterflynet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a file and says where it is.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = folder.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }
}
