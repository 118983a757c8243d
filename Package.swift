// swift-tools-version: 6.1
import PackageDescription

// Every target of the project and what it may import: docs/architecture.md has the picture.
// `make check` refuses an import that is not written here.

let nio = { (name: String) in Target.Dependency.product(name: name, package: "swift-nio") }
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "promptd",
  products: [
    // What a test has a program load before its C library.
    .library(name: "SlowNames", type: .dynamic, targets: ["SlowNames"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    // 0: bytes and C
    .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "JSON", dependencies: ["CSimdJSON"]),
    .target(name: "SQLite", dependencies: ["CSQLite"]),
    .target(name: "Wakefulness"),

    // 1: what is said on the wire
    .target(name: "PromptProtocol", dependencies: ["JSON"]),

    // 2: decisions, and one shell for each thing outside
    .target(name: "PromptCore", dependencies: ["JSON", "PromptProtocol", deque, heap, crypto]),
    .target(
      name: "PromptConfiguration", dependencies: ["PromptProtocol", "PromptCore", toml]),
    .target(
      name: "CurlTransport", dependencies: ["PromptProtocol", "Wakefulness", "CCurl"]),
    .target(
      name: "SQLiteStore",
      dependencies: ["PromptProtocol", "SQLite", "Wakefulness", crypto, deque]),
    .target(name: "Systemd", dependencies: ["CSystemd", log]),

    // 3: the shells that do what was decided
    .target(
      name: "PromptServer",
      dependencies: [
        "JSON", "PromptProtocol", "PromptCore", "PromptConfiguration", "CurlTransport",
        "SQLiteStore", "Systemd", "Wakefulness", deque, log, nio("NIOCore"), nio("NIOPosix"),
        nio("NIOHTTP1"),
      ]),
    .target(
      name: "PromptClient",
      dependencies: ["JSON", "PromptProtocol", nio("NIOCore"), nio("NIOPosix")]),
    .target(
      name: "PromptSandbox",
      dependencies: ["JSON", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1")]),

    // 4: the programs
    .executableTarget(
      name: "promptd",
      dependencies: ["PromptServer", "PromptConfiguration", "PromptSandbox", arguments]),
    .executableTarget(
      name: "promptctl",
      dependencies: [
        "JSON", "PromptProtocol", "PromptClient", "PromptConfiguration", arguments, crypto,
        deque,
      ]),
    .executableTarget(name: "promptd-sandbox", dependencies: ["PromptSandbox", arguments]),

    // Tests: one target for each above, and what they share
    .target(
      name: "TestSupport",
      dependencies: [
        "CUserThread", "JSON", "PromptConfiguration", "PromptSandbox", "PromptServer", "Systemd",
        log,
      ],
      path: "Tests/TestSupport"),
    .systemLibrary(name: "CUserThread", path: "Tests/CUserThread"),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"]),
    .testTarget(name: "PromptProtocolTests", dependencies: ["JSON", "PromptProtocol"]),
    .testTarget(
      name: "PromptCoreTests",
      dependencies: ["JSON", "PromptProtocol", "PromptCore", "TestSupport", crypto]),
    .testTarget(
      name: "PromptConfigurationTests",
      dependencies: ["PromptProtocol", "PromptCore", "PromptConfiguration", "TestSupport"]),
    .testTarget(
      name: "CurlTransportTests", dependencies: ["PromptProtocol", "CurlTransport", "TestSupport"]),
    .testTarget(name: "WakefulnessTests", dependencies: ["Wakefulness"]),
    .testTarget(name: "SQLiteTests", dependencies: ["CSQLite", "SQLite", "TestSupport"]),
    .testTarget(
      name: "SQLiteStoreTests", dependencies: ["SQLite", "SQLiteStore", "PromptProtocol"]),
    .executableTarget(
      name: "systemd-probe", dependencies: ["Systemd", log], path: "Tests/SystemdProbe"),
    .testTarget(name: "SystemdTests", dependencies: ["Systemd", "systemd-probe", log]),
    .testTarget(
      name: "PromptClientTests",
      dependencies: ["JSON", "PromptProtocol", "PromptClient", nio("NIOCore"), nio("NIOPosix")]),
    .testTarget(
      name: "PromptSandboxTests",
      dependencies: ["JSON", "PromptSandbox", "TestSupport", nio("NIOCore")]),
    .testTarget(
      name: "promptctlTests",
      dependencies: [
        "JSON", "PromptProtocol", "PromptClient", "PromptConfiguration", "promptctl", arguments,
      ]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "JSON", "PromptSandbox", "SQLite", "TestSupport", "promptd", "promptctl", "promptd-sandbox",
        "SlowNames",
      ]),
    .target(name: "SlowNames", path: "Tests/SlowNames"),
    .executableTarget(
      name: "microbenchmarks",
      dependencies: [
        "JSON", "PromptProtocol", "PromptCore", "PromptServer", "SQLiteStore", nio("NIOCore"),
      ],
      path: "Tests/Microbenchmarks"),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "JSON", "PromptProtocol", "PromptCore", "PromptConfiguration", "PromptClient",
        "PromptServer", "SQLiteStore", "PromptSandbox", "TestSupport", nio("NIOCore"),
      ],
      path: "Tests/Fuzzing/Targets"),
    .testTarget(name: "FuzzingTests", dependencies: ["FuzzTargets", "TestSupport"]),
    .testTarget(
      name: "PromptServerTests",
      dependencies: [
        "JSON", "PromptProtocol", "PromptCore", "CurlTransport", "PromptServer", "PromptSandbox",
        "TestSupport", log, nio("NIOCore"), nio("NIOEmbedded"), nio("NIOPosix"),
      ]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

// `make check` sets this. It stands in the environment, so that a newer compiler stops nobody.
let warnings: [SwiftSetting] =
  Context.environment["PROMPTD_WARNINGS_ARE_ERRORS"] == nil
  ? [] : [.unsafeFlags(["-warnings-as-errors"])]

// What was measured, and what it costs, is in docs/decisions/speed.md.
let speed: [SwiftSetting] = [
  .unsafeFlags(
    ["-enforce-exclusivity=unchecked", "-cross-module-optimization"],
    .when(configuration: .release))
]

// `make fuzz` sets this, with libFuzzer and the address sanitizer in all that is ours.
let isFuzzing = Context.environment["PROMPTD_FUZZING"] != nil
func watchful(_ target: Target) -> [SwiftSetting] {
  guard isFuzzing else { return [] }
  // What makes documents up is not what new paths are looked for in.
  let isFed = !["FuzzTargets", "TestSupport", "PromptSandbox"].contains(target.name)
  return [.unsafeFlags([isFed ? "-sanitize=fuzzer,address" : "-sanitize=address"])]
}
if isFuzzing {
  package.targets += [
    .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets", "CLibFuzzer"], path: "Tests/Fuzzing/Program",
      // gold fails at its debugging information.
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
  ]
}

for target in package.targets where target.type != .system && target.name != "CSimdJSON" {
  target.swiftSettings =
    warnings + speed + watchful(target) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
