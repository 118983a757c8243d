import FoundationEssentials
import TestSupport
import Testing

/// Holds the table of docs/metrics.md against what is served.
@Suite struct MetricsDocumentTests {
  private struct Family: Hashable {
    var name: String
    var kind: String
    var labels: [String]
  }

  @Test func namesEachFamilyWithItsKindAndItsLabels() async throws {
    try await DaemonFixture.run { daemon in
      let client = try daemon.httpClient()
      // With one answer each family has a sample.
      let body = #"{"model":"sandbox/echo","messages":[{"role":"user","content":"Counted"}]}"#
      #expect(try await client.ask(body).status == 200)
      let response = try await client.ask("", method: "GET", path: "/metrics")
      let served = try served(in: String(decoding: response.body, as: UTF8.self))
      let documented = try documented()
      #expect(served.subtracting(documented) == [])
      #expect(documented.subtracting(served) == [])
    }
  }

  /// The families of a page, with the labels of each one's first sample.
  private func served(in page: String) throws -> Set<Family> {
    let lines = page.split(separator: "\n")
    let families = try lines.filter { $0.hasPrefix("# TYPE ") }.map { line in
      let words = line.split(separator: " ")
      let name = String(words[2])
      let endings = ["", "_total", "_info", "_count"]
      let sample = try #require(
        lines.first { line in
          endings.contains { line.hasPrefix("\(name)\($0){") || line.hasPrefix("\(name)\($0) ") }
        }, "\(name) has no sample")
      // No value of a label here holds a comma or an equals sign.
      let parts = sample.split { $0 == "{" || $0 == "}" }
      let labels = parts.count > 1 ? parts[1].split(separator: ",") : []
      return Family(
        name: name, kind: String(words[3]),
        labels: labels.map { String($0.prefix { $0 != "=" }) })
    }
    return Set(families)
  }

  /// The rows of the table.
  private func documented() throws -> Set<Family> {
    let root = #filePath.replacing(
      "/Tests/PromptServerTests/Reports/MetricsDocumentTests.swift", with: "")
    let data = try Data(contentsOf: URL(filePath: "\(root)/docs/metrics.md"))
    let kinds = ["counter", "gauge", "histogram", "info"]
    let rows: [[String]] = String(decoding: data, as: UTF8.self).split(separator: "\n").map {
      line in
      line.split(separator: "|").map { cell in String(cell.filter { $0 != " " && $0 != "`" }) }
    }
    return Set(
      rows.filter { $0.count == 4 && kinds.contains($0[1]) }.map { row in
        Family(name: row[0], kind: row[1], labels: row[2].split(separator: ",").map(String.init))
      })
  }
}
