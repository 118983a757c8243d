/// How many tokens a request is likely to take, before anybody has counted them.
package struct TokenEstimates: Sendable {
  /// What a model's answers took, as a running mean.
  private var completions: [String: Double] = [:]

  /// What an answer is taken for before its model has given one.
  private static let unknown = 500.0
  /// Upstreams name few models; whatever is beyond this is a mistake, and the table begins anew.
  private static let mostModels = 1000
  /// More than any model takes, so that no sum of estimates overflows.
  private static let most = 1e9

  package init() {}

  /// The estimate for a request: what its text is likely to take, and for each of its choices what
  /// it allows, or else what the model has given so far.
  package func tokens(for request: ChatRequest) -> Int {
    let completion =
      request.size.maxTokens.map(Double.init) ?? completions[request.model] ?? Self.unknown
    let all = Double(request.size.promptTokens) + completion * Double(request.size.choices)
    return Int(min(max(1, all), Self.most))
  }

  /// Learns what an answer of so many choices took.
  package mutating func note(_ model: String, completion: Int, choices: Int) {
    let length = Double(completion) / Double(max(1, choices))
    if completions.count >= Self.mostModels, completions[model] == nil { completions = [:] }
    let mean = completions[model] ?? length
    completions[model] = mean + (length - mean) / 16
  }
}
