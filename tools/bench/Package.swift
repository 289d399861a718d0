// swift-tools-version:6.2
import PackageDescription

let package = Package(
    name: "bench",
    dependencies: [.package(name: "butterflynet", path: "../..")],
    targets: [
        .executableTarget(
            name: "codec-bench",
            dependencies: [.product(name: "MSNP", package: "butterflynet")],
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
    ]
)
