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
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // `Lifetimes`: `ByteSlice.span` borrows, which the language has no final attribute for yet.
        .target(name: "MSNP", swiftSettings: pure + [.enableExperimentalFeature("Lifetimes")]),
        .target(name: "Packets", swiftSettings: pure),
        .target(name: "Doors", dependencies: ["MSNP"], swiftSettings: pure),
        .target(name: "Payloads", dependencies: ["MSNP"], swiftSettings: pure),
        .target(name: "Charsets", dependencies: ["Payloads", "MSNP"], swiftSettings: strict),
        .target(
            name: "Events",
            dependencies: ["Doors", "Payloads", "MSNP", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: pure),
        .target(
            name: "Analysis",
            dependencies: [
                "Charsets", "Doors", "Events", "Payloads", "MSNP", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: pure),
        .target(name: "Query", dependencies: ["Events", "MSNP"], swiftSettings: pure),
        .target(
            name: "Output", dependencies: ["Analysis", "Charsets", "Events", "Payloads", "MSNP"], swiftSettings: pure),
        .target(
            name: "Transcripts", dependencies: ["Analysis", "Events", "Output", "Payloads", "MSNP"], swiftSettings: pure
        ),
        .target(
            name: "ContactLists", dependencies: ["Analysis", "Events", "Output", "Payloads", "MSNP"],
            swiftSettings: pure),
        .target(name: "Ladders", dependencies: ["Analysis", "Events", "Output", "MSNP"], swiftSettings: pure),
        .target(
            name: "Redaction", dependencies: ["Analysis", "Doors", "Events", "Payloads", "MSNP"], swiftSettings: pure),
        .target(name: "Export", dependencies: ["Events", "Output", "MSNP"], swiftSettings: pure),
        .target(
            name: "Extraction",
            dependencies: [
                "Analysis", "Events", "Output", "Payloads", "MSNP", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "Relay",
            dependencies: [
                "Doors", "MSNP", "Payloads", "Events", "Analysis",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .target(name: "CGzip", linkerSettings: [.linkedLibrary("z")]),
        .target(
            name: "Captures",
            dependencies: [
                "CPcap", "CGzip", "Doors", "MSNP", "Packets", "Events", "Analysis",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Archive",
            dependencies: [
                "CGzip", "MSNP", "Payloads", "Events", "Analysis", "Query",
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
                "Events", "Query", "Output",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Sandbox",
            dependencies: [
                "MSNP", "Payloads",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "ArchiveOutput",
            dependencies: [
                "Analysis", "Archive", "Charsets", "Console", "Events", "Export", "MSNP", "Output", "Payloads",
                "Redaction", "Transcripts", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                "Analysis", "Archive", "ArchiveOutput", "Charsets", "Console", "ContactLists", "Events",
                "Extraction", "Ladders", "MSNP", "Output", "Payloads", "Query", "Redaction", "Transcripts",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Doctor",
            dependencies: [
                "Archive", "Doors", "MSNP", "Relay",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Meters",
            dependencies: [
                "Doors", "Events", "MSNP", "Relay",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        // What several test targets need; it imports no product, so that a change in one does not rebuild all tests.
        .target(name: "CSpawn", path: "Tests/CSpawn"),
        .target(
            name: "TestSupport", dependencies: ["CSpawn"], path: "Tests/TestSupport", swiftSettings: strict),
        // Events for the tests of modules that read, show and export events.
        .target(
            name: "EventSamples",
            dependencies: ["Analysis", "Captures", "Events", "Export", "MSNP", "Output", "Redaction", "TestSupport"],
            path: "Tests/EventSamples", swiftSettings: strict),
        .testTarget(name: "MSNPTests", dependencies: ["MSNP", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "DoorsTests", dependencies: ["Doors", "MSNP", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "PacketsTests", dependencies: ["Packets", "TestSupport"], exclude: ["Findings"],
            swiftSettings: strict),
        .testTarget(
            name: "PayloadsTests", dependencies: ["Charsets", "Payloads", "MSNP", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "EventsTests", dependencies: ["EventSamples", "Events", "MSNP", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "AnalysisTests",
            dependencies: ["Analysis", "EventSamples", "Events", "Payloads", "MSNP", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "QueryTests", dependencies: ["EventSamples", "Events", "MSNP", "Query", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "OutputTests",
            dependencies: ["Analysis", "EventSamples", "Events", "Output", "Payloads", "MSNP", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "TranscriptsTests",
            dependencies: [
                "Analysis", "Captures", "Charsets", "Events", "Payloads", "MSNP", "TestSupport", "Transcripts",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ContactListsTests",
            dependencies: ["ContactLists", "EventSamples", "Events", "MSNP", "Output", "Payloads"],
            swiftSettings: strict),
        .testTarget(
            name: "LaddersTests",
            dependencies: ["Analysis", "EventSamples", "Events", "Ladders", "MSNP", "Output"],
            swiftSettings: strict),
        .testTarget(
            name: "RedactionTests",
            dependencies: ["Analysis", "EventSamples", "Events", "Payloads", "MSNP", "Redaction", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ExportTests", dependencies: ["Captures", "EventSamples", "Events", "Export", "MSNP", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CapturesTests",
            dependencies: ["Analysis", "Captures", "Doors", "Events", "Output", "Packets", "MSNP", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ExtractionTests",
            dependencies: [
                "Captures", "Events", "Extraction", "Payloads", "MSNP", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RelayTests",
            dependencies: [
                "Analysis", "Captures", "Doors", "Events", "MSNP", "Payloads", "Relay", "Sandbox", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSOCKS", package: "swift-nio-extras"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Captures", "Console", "Events", "EventSamples", "MSNP", "Output", "Query", "TestSupport",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Analysis", "Archive", "ArchiveOutput", "Captures", "Console", "Events", "MSNP", "Output", "Payloads",
                "Redaction", "TestSupport", "Web",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "MetersTests",
            dependencies: [
                "Doors", "Events", "Meters", "MSNP", "Relay", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DoctorTests",
            dependencies: [
                "Doctor", "Doors", "MSNP", "TestSupport",
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CLITests", dependencies: ["butterflynet", "MSNP", "TestSupport"], exclude: ["Ladders"],
            swiftSettings: strict),
        .executableTarget(
            name: "butterflynet",
            dependencies: [
                "CMalloc", "MSNP", "Doors", "Events", "Analysis", "Query", "Output", "Relay", "Console", "Sandbox",
                "Captures",
                "Archive", "ArchiveOutput",
                "Transcripts", "ContactLists", "Ladders", "Redaction",
                "Doctor", "Extraction", "Meters", "Web",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
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
                "Sandbox", "MSNP", "Payloads", "TestSupport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ArchiveTests",
            dependencies: [
                "Analysis", "Archive", "Captures", "Charsets", "Events", "MSNP", "Output", "Payloads", "Query", "Relay",
                "Sandbox", "TestSupport", "Transcripts",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict),
    ]
)
