import FoundationEssentials
import JSON
import PromptProtocol
import TestSupport
import Testing

/// Runs the examples of docs/protocol.md as they stand there.
@Suite struct ProtocolDocumentTests {
  /// One block of a document: what is sent and what comes back, line by line.
  private struct Example {
    var kind: String
    var line: Int
    var steps: [(isSent: Bool, text: String)] = []
  }

  private func document() throws -> String {
    let root = #filePath.replacing(
      "/Tests/PromptServerTests/Sessions/ProtocolDocumentTests.swift", with: "")
    let data = try Data(contentsOf: URL(filePath: "\(root)/docs/protocol.md"))
    return String(decoding: data, as: UTF8.self)
  }

  private func examples(_ kind: String) throws -> [Example] {
    var examples: [Example] = []
    var open: Example?
    let lines = try document().split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line == "```" {
        if let open, open.kind == kind { examples.append(open) }
        open = nil
      } else if line.hasPrefix("```") {
        open = Example(kind: String(line.dropFirst(3)), line: index + 1)
      } else if line.hasPrefix(">") || line.hasPrefix("<") {
        open?.steps.append((line.hasPrefix(">"), String(line.dropFirst(2))))
      }
    }
    return examples
  }

  /// Whether `text` is as `pattern` says, in which `…` stands for anything.
  private func fits(_ text: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "…", omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last, text.hasPrefix(first) else {
      return false
    }
    if parts.count == 1 { return text == pattern }
    var rest = text.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(last)
  }

  /// A daemon with all that the examples speak of.
  private func run(_ body: (DaemonFixture) async throws -> Void) async throws {
    let others = """
      [default_client]
      models = ["sandbox/*", "gone/*", "other/*"]
      [[upstream]]
      name = "gone"
      base_url = "unix:/nowhere/gone.sock:/v1"
      auth = "none"
      models = ["gone/*"]

      """
    let models = #"models = ["sandbox/*", "secret/*"]"#
    try await DaemonFixture.run(others: others, upstream: models, body)
  }

  @Test func theExamplesOfLinesHoldOneAfterTheOther() async throws {
    try await run { daemon in
      for example in try examples("lines") {
        let client = try daemon.client()
        for step in example.steps {
          if step.isSent {
            try await client.send(step.text)
          } else {
            let line = try await client.line() ?? "nothing"
            #expect(fits(line, step.text), "line \(example.line): \(line) is not \(step.text)")
          }
        }
      }
    }
  }

  @Test func theExamplesOfHTTPHold() async throws {
    try await run { daemon in
      for example in try examples("http") {
        let client = try daemon.httpClient()
        let sent = example.steps.filter(\.isSent).map(\.text)
        let blank = try #require(sent.firstIndex(of: ""))
        let body = sent[(blank + 1)...].joined(separator: "\n")
        let request = sent[0].split(separator: " ")
        let response = try await client.ask(
          body, method: String(request[0]), path: String(request[1]),
          headers: Array(sent[1..<blank].filter { !$0.hasPrefix("Host") }))
        let wanted = example.steps.filter { !$0.isSent }.map(\.text)
        let end = try #require(wanted.firstIndex(of: ""))
        #expect(wanted[0].split(separator: " ")[1] == "\(response.status)")
        for header in wanted[1..<end] {
          let parts = header.split(separator: ":", maxSplits: 1)
          let value = response.headers[parts[0].lowercased()] ?? "nothing"
          #expect(
            fits(value, String(parts[1].dropFirst())), "line \(example.line): \(header): \(value)")
        }
        let got = String(decoding: response.body, as: UTF8.self)
          .split(separator: "\n").map(String.init)
        #expect(got.count == wanted.count - end - 1)
        for (line, pattern) in zip(got, wanted[(end + 1)...]) {
          #expect(fits(line, pattern), "line \(example.line): \(line) is not \(pattern)")
        }
      }
    }
  }

  @Test func everyMethodAndEveryErrorHasAnExample() throws {
    let steps = try (examples("lines") + examples("http")).flatMap(\.steps)
    for method in RPCMethod.allCases {
      let name = #""method":"\#(method.rawValue)""#
      #expect(steps.contains { $0.isSent && $0.text.contains(name) }, "\(name)")
    }
    // What takes a daemon that is full, stopping or faulty, or other listeners, has tests elsewhere.
    let untold: Set<ErrorName> = [
      .internalError, .queueFull, .tooLarge, .tooManyConnections, .budgetExceeded, .unauthorized,
      .storeUnavailable, .shuttingDown,
    ]
    for error in ErrorName.allCases where !untold.contains(error) {
      let type = #""type":"\#(error.rawValue)""#
      #expect(steps.contains { !$0.isSent && $0.text.contains(type) }, "\(type)")
    }
  }

  @Test func everyErrorIsInTheTableWithItsCodeAndStatus() throws {
    let document = try document()
    for error in ErrorName.allCases where error != .budgetExceeded {
      let status = error == .upstreamError ? "as upstream, or 502" : "\(error.httpStatus)"
      let row = "| \(error.code) | `\(error.rawValue)` | \(status) |"
      #expect(document.contains(row), "\(row)")
    }
  }
}
