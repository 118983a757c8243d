import JSON
import PromptProtocol

/// The line that says how an answer came about.
enum AnswerSummary {
  /// `miss, deepseek/deepseek-v3, 3.1 s, 12 tokens in, 340 out, cost 0.0012, jiekou`; `time` is from
  /// sending to the end. What the completion does not say is left out.
  static func line(_ completion: JSONTree, time: Duration) -> String {
    let info = completion["promptd"]
    var parts: [String] = []
    if let cache = info?["cache"]?.string { parts.append(cache) }
    if let model = completion["model"]?.string { parts.append(PlainText.cell(model)) }
    parts.append(Quantities.milliseconds(time.milliseconds))
    if let prompt = completion["usage"]?["prompt_tokens"]?.int,
      let answer = completion["usage"]?["completion_tokens"]?.int
    {
      parts.append("\(prompt) tokens in, \(answer) out")
    }
    if let cost = info.flatMap(cost) { parts.append(cost) }
    if let upstream = info?["upstream"]?.string { parts.append(upstream) }
    if completion["choices"]?[0]?["finish_reason"]?.string == "length" {
      parts.append("cut off at the most tokens allowed: raise --max-tokens")
    }
    return parts.joined(separator: ", ")
  }

  /// What was to be paid; nil for a call of a model without a price.
  private static func cost(_ info: JSONTree) -> String? {
    if let cost = info["billed"]?["cost"]?.double { return "cost \(Quantities.smallMoney(cost))" }
    let outcome = info["cache"]?.string.flatMap(CacheOutcome.init(rawValue:))
    return switch outcome {
    case .hit, .joined, .stale: "free"
    case .miss, .refreshed, .bypassed, nil: nil
    }
  }
}
