import FoundationEssentials
import JSON
import PromptConfiguration
import Testing

@testable import promptctl

struct ConfigCheckTests {
  /// Checks a file with this text, in a folder that goes away again.
  private func check(_ text: String) throws -> ConfigReport {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "promptctl-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
    let file = folder.appending(path: "promptd.toml")
    try Data(text.utf8).write(to: file)
    return ConfigCheck.check(file.path, environment: ["HOME": folder.path])
  }

  @Test func aGoodFileIsNamed() throws {
    let report = try check("[cache]\nmemory = \"64MiB\"\n")
    #expect(report.faults.isEmpty)
    #expect(report.summary.hasSuffix("promptd.toml: nothing is wrong"))
    #expect(report.json["ok"] == .bool(true))
    #expect(report.json["files"]?.array?.count == 1)
  }

  @Test func everyFaultIsSaidAtOnce() throws {
    let report = try check("[cache]\nmemori = 1\n[nonsense]\na = 1\n")
    #expect(report.faults.count == 2)
    #expect(report.json["ok"] == .bool(false))
    #expect(report.json["faults"]?[0]?["key"]?.string?.contains("memori") == true)
  }

  @Test func aSyntaxErrorHasItsPlace() throws {
    let report = try check("[cache\n")
    #expect(report.json["faults"]?[0]?["line"]?.int == 1)
  }

  @Test func noFileAtAllIsNoFault() throws {
    let report = ConfigReport(usual: "/etc/promptd/promptd.toml", files: [], faults: [])
    #expect(report.summary.hasPrefix("there is no /etc/promptd/promptd.toml: the defaults hold"))
  }
}
