// Large captures of people who do not exist, where somebody has their maker.

import Foundation
import Testing

/// A capture that is gone after the test.
struct InventedCapture {
    private let scratch: Scratch
    var path: String { scratch.path("capture.pcap") }

    /// Makes one; nil, and said aloud, where there is no maker.
    init?(_ switches: String, megabytes: String = "0.5") throws {
        let maker = CaptureFiles.shared.appending(path: "bench/make_capture.py")
        guard FileManager.default.fileExists(atPath: maker.path) else {
            print("SKIPPED: exports of invented captures: no \(maker.path); set BUTTERFLYNET_SHARED")
            return nil
        }
        scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["python3", maker.path, "--mb", megabytes, "--seed", "11", "--truth", scratch.path("truth")]
            + switches.split(separator: " ").map(String.init) + [scratch.path("capture.pcap")]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
