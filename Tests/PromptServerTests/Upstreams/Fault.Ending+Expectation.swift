import JSON
import PromptProtocol
import TestSupport
import Testing

extension Fault.Ending {
  /// The outcome is this ending, and does not look like an answer.
  func expect(_ outcome: Outcome, streams: Bool) {
    #expect(outcome.type == error.rawValue, "\(outcome)")
    #expect(!outcome.isFinished, "\(outcome)")
    #expect(outcome.info?["attempts"]?.int == attempts, "\(outcome)")
    #expect(outcome.info?["status"]?.int == upstreamStatus, "\(outcome)")
    #expect(outcome.error?["message"]?.string?.isEmpty == false)
    let kept = outcome.info?["partial"]?["choices"]?[0]?["message"]?["content"]?.string
    #expect(kept == partial, "\(outcome)")
    #expect(outcome.text == partial ?? "", "what came before the end is told as it came")
    if let code = outcome.error?["code"]?.int { #expect(code == error.code) }
    if let response = outcome.response { expect(response) }
  }

  private func expect(_ response: APIResponse) {
    #expect(response.status == http)
    #expect(response.isComplete)
    if partial == nil { #expect(response.headers["x-should-retry"] == "false") }
  }
}
