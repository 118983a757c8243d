import JSON
import PromptProtocol
import TestSupport
import Testing

/// A fault of an upstream, which meets each request in the same way, and how clients are told.
struct Fault: Sendable, CustomTestStringConvertible {
  /// How a question ends.
  struct Ending: Sendable {
    var error: ErrorName
    /// Of the HTTP response; that of a stream which had begun is 200.
    var http: Int
    /// What the upstream's response had, where one came.
    var upstreamStatus: Int?
    /// Calls for the question.
    var attempts: Int
    /// The text that had come of a stream.
    var partial: String?

    /// An error in place of an answer.
    static func told(
      _ error: ErrorName, http: Int, upstream: Int? = nil, attempts: Int
    ) -> Ending {
      Ending(error: error, http: http, upstreamStatus: upstream, attempts: attempts, partial: nil)
    }

    /// A stream that died after this text; it is never tried again.
    static func interrupted(after partial: String) -> Ending {
      Ending(
        error: .streamInterrupted, http: 200, upstreamStatus: 200, attempts: 1, partial: partial)
    }
  }

  /// A sentence, such as `a 200 with HTML`.
  var name: String
  /// What the upstream does with a request.
  var steps: [UpstreamStep]
  var ending: Ending
  var overTCP = false
  /// Lines for the table of the upstream, and of its timeouts.
  var settings = ""
  var timeouts = ""

  init(
    _ name: String, _ steps: [UpstreamStep], _ ending: Ending, overTCP: Bool = false,
    settings: String = "", timeouts: String = ""
  ) {
    self.name = name
    self.steps = steps
    self.ending = ending
    self.overTCP = overTCP
    self.settings = settings
    self.timeouts = timeouts
  }

  var testDescription: String { name }

  /// All that must be so after this fault, in each dialect and each time the same: the error, the
  /// calls, the slot back, and nothing kept.
  func expectTold(streams: Bool, in dialects: [Dialect] = Dialect.allCases) async throws {
    try await DaemonFixture.run(
      calling: { [steps] _, _ in steps }, overTCP: overTCP, settings: settings,
      tries: "[upstream.timeouts]\n\(timeouts)\n\(DaemonFixture.quickTries)"
    ) { daemon, upstream in
      for dialect in dialects {
        for time in 1...2 {
          let outcome = try await dialect.ask(daemon, "\(dialect)", streams: streams)
          ending.expect(outcome, streams: streams)
          let calls = time * ending.attempts
          await upstream.log.waitUntil { $0.count(of: "\"\(dialect)\"") >= calls }
          try await daemon.waitUntilIdle()
          #expect(upstream.log.value.count(of: "\"\(dialect)\"") == calls, "\(dialect)")
        }
      }
      try await daemon.expectKept(0)
    }
  }
}

extension DaemonFixture {
  /// The cache has stored, and holds, so many answers.
  func expectKept(_ count: Int) async throws {
    let stats = try await client().ask(ChatLine.call(1, "cache.stats"))["result"]
    #expect(stats?["stored"]?.int == count)
    #expect(stats?["memory"]?["entries"]?.int == count)
  }
}
