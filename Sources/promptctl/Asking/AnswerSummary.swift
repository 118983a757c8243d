import JSON

/// The line that says how an answer came about.
enum AnswerSummary {
  /// `hit, 3 ms, 12 tokens in, 340 out, jiekou`; `time` is from sending to the end. What the
  /// completion does not say is left out.
  static func line(_ completion: JSONTree, time: Duration) -> String {
    let info = completion["promptd"]
    var parts: [String] = []
    if let cache = info?["cache"]?.string { parts.append(cache) }
    parts.append(Quantities.milliseconds(time.milliseconds))
    if let prompt = completion["usage"]?["prompt_tokens"]?.int,
      let answer = completion["usage"]?["completion_tokens"]?.int
    {
      parts.append("\(prompt) tokens in, \(answer) out")
    }
    if let upstream = info?["upstream"]?.string { parts.append(upstream) }
    if completion["choices"]?[0]?["finish_reason"]?.string == "length" {
      parts.append("cut off at the most tokens allowed: raise --max-tokens")
    }
    return parts.joined(separator: ", ")
  }
}
