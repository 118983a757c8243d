// swift-tools-version: 6.1
import PackageDescription

// Every target of the project and what it may import: docs/architecture.md has the picture.
// `make check` refuses an import that is not written here.

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let collections = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

let package = Package(
  name: "promptd",
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    // 0: bytes and C
    .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "JSON", dependencies: ["CSimdJSON"]),

    // 1: what is said on the wire
    .target(name: "PromptProtocol", dependencies: ["JSON"]),

    // 2: decisions, and one shell for each thing outside
    .target(name: "PromptCore", dependencies: ["JSON", "PromptProtocol", collections, crypto]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

for target in package.targets where target.type != .system && target.name != "CSimdJSON" {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
