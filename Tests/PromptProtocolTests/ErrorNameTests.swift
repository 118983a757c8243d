import PromptProtocol
import Testing

struct ErrorNameTests {
  /// docs/protocol.md has the codes; the exit codes are those of sysexits.h.
  static let table: [(name: String, code: Int, http: Int, exit: Int32)] = [
    ("parse_error", -32700, 400, 65),
    ("invalid_request", -32600, 400, 65),
    ("unknown_method", -32601, 404, 76),
    ("invalid_params", -32602, 400, 65),
    ("internal_error", -32603, 500, 70),
    ("queue_full", -32001, 429, 75),
    ("deadline_exceeded", -32002, 504, 75),
    ("cancelled", -32003, 499, 75),
    ("too_large", -32004, 413, 65),
    ("too_many_connections", -32005, 503, 75),
    ("upstream_error", -32010, 502, 69),
    ("upstream_unreachable", -32011, 502, 69),
    ("stream_interrupted", -32012, 502, 69),
    ("no_upstream", -32013, 503, 78),
    ("not_cached", -32020, 504, 69),
    ("forbidden", -32030, 403, 77),
    ("budget_exceeded", -32031, 429, 75),
    ("unauthorized", -32033, 401, 77),
    ("store_unavailable", -32034, 503, 75),
    ("shutting_down", -32040, 503, 75),
  ]

  @Test(arguments: table)
  func everyNameHasItsCodeItsStatusAndItsExitCode(
    name: String, code: Int, http: Int, exit: Int32
  ) throws {
    let error = try #require(ErrorName(rawValue: name))
    #expect(error.code == code)
    #expect(error.httpStatus == http)
    #expect(error.exitCode == exit)
  }

  @Test func theTableIsWholeAndNoCodeIsGivenTwice() {
    #expect(ErrorName.allCases.map(\.rawValue) == Self.table.map(\.name))
    #expect(Set(ErrorName.allCases.map(\.code)).count == ErrorName.allCases.count)
  }
}
