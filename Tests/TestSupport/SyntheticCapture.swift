// Large captures of invented people, made by a program in the shared folder.

import Foundation

/// A synthetic capture, and its maker's account of it.
package struct SyntheticCapture {
    package struct MakerFailed: Error {}

    /// An address and a port, which the maker writes as an array.
    package struct Endpoint: Decodable {
        package var text: String

        package init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            let host = try container.decode(String.self)
            text = (host.contains(":") ? "[\(host)]" : host) + ":\(try container.decode(UInt16.self))"
        }
    }

    private let scratch: Scratch
    package var path: String { scratch.path("capture") }
    package var bytes: [UInt8] { get throws { try scratch.read("capture") } }

    /// Makes one with these switches of the maker. Where there is no maker, prints that the test is skipped and returns
    /// nil.
    package init?(_ switches: String, megabytes: String, seed: Int, neededFor test: String) throws {
        guard let maker = SharedFolder.find("bench/make_capture.py", neededFor: test) else { return nil }
        guard Self.hasNumPy else {
            print("SKIPPED: \(test): there is no python3 with numpy")
            return nil
        }
        scratch = try Scratch()
        let words =
            ["python3", maker.path, scratch.path("capture"), "--mb", megabytes, "--seed", "\(seed)"]
            + ["--truth", scratch.path("truth")] + switches.split(separator: " ").map(String.init)
        guard try runProgram(words).code == 0 else { throw MakerFailed() }
    }

    private static let hasNumPy = (try? runProgram(["python3", "-c", "import numpy"]))?.code == 0

    /// The maker's account of each TCP connection.
    package func truth<Flow: Decodable>(_ type: Flow.Type) throws -> [Flow] {
        try scratch.read("truth").split(separator: 0x0A).map { try JSONDecoder().decode(Flow.self, from: Data($0)) }
    }
}
