// swift-tools-version: 6.1
import PackageDescription

// What measures promptd from outside. It shares no code with it, so that a change there is seen
// here, and builds without it.

let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "promptd-benchmarks",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    // 0: what promptd is held against, in C, and C libraries
    .executableTarget(name: "floor-lines"),
    .executableTarget(name: "floor-calls", dependencies: ["CCurl"]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // 1: what asks, who is asked, and what is made of it
    .target(name: "LoadGenerator", dependencies: ["CLinux", histogram]),
    .target(name: "Peers", dependencies: ["CLinux", "LoadGenerator"]),
    .target(name: "Figures"),

    // 2: the program
    .executableTarget(
      name: "promptd-bench",
      dependencies: [
        "CCrypto", "Figures", "LoadGenerator", "Peers", "floor-calls", "floor-lines", arguments,
      ]),

    .testTarget(
      name: "LoadGeneratorTests", dependencies: ["LoadGenerator", "Peers", "floor-lines"]),
    .testTarget(name: "PeersTests", dependencies: ["LoadGenerator", "Peers", "floor-lines"]),
    .testTarget(name: "FiguresTests", dependencies: ["Figures"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)

// The project's checks set this. It stands in the environment, so that a newer compiler stops nobody.
let warnings: [SwiftSetting] =
  Context.environment["PROMPTD_WARNINGS_ARE_ERRORS"] == nil
  ? [] : [.unsafeFlags(["-warnings-as-errors"])]

// A load generator that checks for overlapping accesses measures itself.
let speed: [SwiftSetting] = [
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]
let written: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

for target in package.targets where target.type != .system && !target.name.hasPrefix("floor-") {
  target.swiftSettings = warnings + speed + written
}
