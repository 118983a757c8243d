import LoadGenerator

/// Requests that are made for measuring: a prompt of a given size and a seed that tells them apart.
struct Prompts {
  /// What a short conversation takes.
  static let usualBytes = 1024
  private static let sentence =
    "The harbour master wrote down every ship that came in with the tide, and what it carried. "

  /// The bytes of a body, about.
  var bytes = usualBytes
  /// The model, of any name that an upstream takes.
  var model = "bench/model"
  /// Whether a streamed answer is asked for.
  var isStreamed = false

  /// The API's body with a seed.
  func body(_ seed: Int) -> String {
    let frame =
      #"{"model":"\#(model)","seed":\#(seed),"temperature":0.2,"max_tokens":512,"stream":"#
      + #"\#(isStreamed),"messages":[{"role":"system","content":"Answer briefly."},"#
      + #"{"role":"user","content":""#
    let end = #""}]}"#
    return frame + Self.text(bytes - frame.utf8.count - end.utf8.count) + end
  }

  /// A JSON-RPC call with the body, known by its seed.
  func call(_ seed: Int) -> String {
    #"{"jsonrpc":"2.0","id":\#(seed),"method":"chat","params":\#(body(seed))}"#
  }

  /// Calls with seeds, in wire form.
  func calls(_ seeds: some Sequence<Int>, as dialect: Dialect = .lines) throws -> RequestBook {
    try RequestBook(seeds.lazy.map { Array(call($0).utf8) }, as: dialect)
  }

  /// Bodies alone with seeds, in wire form.
  func bodies(_ seeds: some Sequence<Int>, as dialect: Dialect) throws -> RequestBook {
    try RequestBook(seeds.lazy.map { Array(body($0).utf8) }, as: dialect)
  }

  private static func text(_ count: Int) -> String {
    guard count > 0 else { return "" }
    let copies = String(repeating: sentence, count: count / sentence.utf8.count + 1)
    return String(decoding: copies.utf8.prefix(count), as: UTF8.self)
  }
}
