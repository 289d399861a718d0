// swift-tools-version:6.2
import PackageDescription

// Every target is built under the same strict rules; the three pure ones also under strict memory safety.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]
let pure = strict + [.strictMemorySafety()]

let package = Package(
    name: "butterflynet",
    products: [
        .executable(name: "butterflynet", targets: ["butterflynet"]),
        .library(name: "MSNP", targets: ["MSNP"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .target(name: "MSNP", swiftSettings: pure),
        .target(name: "Packets", swiftSettings: pure),
        .target(name: "Messages", dependencies: ["MSNP"], swiftSettings: pure),
        .target(name: "Charsets", dependencies: ["Messages"], swiftSettings: strict),
        .target(
            name: "Transcript",
            dependencies: ["Charsets", "Messages", "MSNP", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: pure),
        .target(name: "Chat", dependencies: ["Messages", "MSNP", "Transcript"], swiftSettings: pure),
        .target(name: "Export", dependencies: ["Messages", "MSNP", "Transcript"], swiftSettings: pure),
        .target(
            name: "Extraction",
            dependencies: ["Messages", "MSNP", "Transcript", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(
            name: "Relay",
            dependencies: [
                "MSNP", "Transcript",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .target(name: "CGzip", linkerSettings: [.linkedLibrary("z")]),
        .target(
            name: "Captures",
            dependencies: [
                "CPcap", "CGzip", "MSNP", "Packets", "Transcript",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Archive",
            dependencies: [
                "CGzip", "MSNP", "Transcript",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Console",
            dependencies: [
                "Transcript",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Sandbox",
            dependencies: [
                "MSNP",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(name: "MSNPTests", dependencies: ["MSNP"], swiftSettings: strict),
        .testTarget(
            name: "PacketsTests", dependencies: ["Packets"], exclude: ["Findings"], swiftSettings: strict),
        .testTarget(
            name: "CapturesTests", dependencies: ["Captures", "MSNP", "Packets", "Transcript"], swiftSettings: strict),
        .testTarget(name: "MessagesTests", dependencies: ["Charsets", "Messages", "MSNP"], swiftSettings: strict),
        .testTarget(name: "TranscriptTests", dependencies: ["Messages", "MSNP", "Transcript"], swiftSettings: strict),
        .testTarget(
            name: "ChatTests", dependencies: ["Captures", "Charsets", "Chat", "Messages", "MSNP", "Transcript"],
            swiftSettings: strict),
        .testTarget(
            name: "ExportTests", dependencies: ["Captures", "Export", "Messages", "MSNP", "Transcript"],
            swiftSettings: strict),
        .testTarget(
            name: "ExtractionTests",
            dependencies: [
                "Archive", "Captures", "Extraction", "Messages", "MSNP", "Transcript",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RelayTests",
            dependencies: [
                "Relay", "Transcript", "MSNP",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Console", "MSNP", "Transcript", .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(name: "CommandLineTests", dependencies: ["butterflynet"], swiftSettings: strict),
        .executableTarget(
            name: "butterflynet",
            dependencies: [
                "MSNP", "Messages", "Transcript", "Relay", "Console", "Sandbox", "Captures", "Archive", "Charsets",
                "Chat",
                "Export",
                "Extraction",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/CLI",
            swiftSettings: strict),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "MSNP", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ArchiveTests",
            dependencies: [
                "Archive", "Captures", "MSNP", "Relay", "Sandbox", "Transcript",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict),
    ]
)
