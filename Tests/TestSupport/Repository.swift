// Files outside the test modules: those of the repository, and those beside it that are not published.

package import Foundation

/// The repository that the tests were built from.
package enum Repository {
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    package static let captures = root.appending(path: "captures")

    /// The path of a capture in `captures`.
    package static func capture(_ name: String) -> String { captures.appending(path: name).path }

    /// The paths of all capture files in `captures`.
    package static let captureFiles = paths(in: captures)
}

/// The folder `shared`: named by BUTTERFLYNET_SHARED, else beside the repository. It may be absent.
package enum SharedFolder {
    private static let folder: URL =
        ProcessInfo.processInfo.environment["BUTTERFLYNET_SHARED"].map { URL(filePath: $0) }
        ?? Repository.root.deletingLastPathComponent().appending(path: "shared")

    /// A file or folder in it. Where it is absent, prints that the test is skipped and returns nil.
    package static func find(_ path: String, neededFor test: String) -> URL? {
        let file = folder.appending(path: path)
        guard FileManager.default.fileExists(atPath: file.path) else {
            print("SKIPPED: \(test): there is no \(file.path); set BUTTERFLYNET_SHARED to the folder that has \(path)")
            return nil
        }
        return file
    }

    /// The text of a file in it; nil as above.
    package static func text(_ path: String, neededFor test: String) -> String? {
        find(path, neededFor: test).flatMap { try? String(contentsOf: $0, encoding: .utf8) }
    }

    /// The paths of the real captures in it; empty as above.
    package static func captureFiles(neededFor test: String) -> [String] {
        find("captures", neededFor: test).map { paths(in: $0) } ?? []
    }
}

/// The paths of the capture files in a folder.
private func paths(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.contains(".pcap") }.sorted().map { folder.appending(path: $0).path }
}
