// The built program.

import Foundation

/// The path of the program `butterflynet`, which the build puts beside the tests; nil where it is not built.
package let builtProgram: String? = [
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(), Bundle.main.bundleURL,
    Repository.root.appending(path: ".build/debug"),
].map { $0.appending(path: "butterflynet").path }.first { FileManager.default.isExecutableFile(atPath: $0) }
