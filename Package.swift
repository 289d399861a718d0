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
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "MSNP", swiftSettings: pure),
        .target(name: "Packets", swiftSettings: pure),
        .executableTarget(name: "butterflynet", dependencies: ["MSNP"], path: "Sources/CLI", swiftSettings: strict),
        .testTarget(name: "MSNPTests", dependencies: ["MSNP"], swiftSettings: strict),
        .testTarget(name: "PacketsTests", dependencies: ["Packets"], swiftSettings: strict),
    ]
)
