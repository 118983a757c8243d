import JSON

/// How far a batch has come.
struct BatchProgress: Equatable {
  let total: Int
  /// Requests whose answers were there before this run.
  let earlier: Int
  private(set) var done = 0
  private(set) var hits = 0
  private(set) var errors = 0
  private(set) var tokens = 0
  /// Requests that had their answer from another line.
  private(set) var copies = 0
  /// Nil while nothing had a price.
  private(set) var cost: Double?

  init(total: Int, earlier: Int) {
    self.total = total
    self.earlier = earlier
  }

  /// One more has come.
  mutating func count(_ result: BatchResult) {
    if result.isDone { done += 1 } else { errors += 1 }
    if result.isHit { hits += 1 }
    if result.isCopy, result.isDone { copies += 1 }
    tokens += result.tokens
    if let cost = result.cost { self.cost = (self.cost ?? 0) + cost }
  }

  private var finished: Int { earlier + done + errors }

  /// A bar and what there is to say, in at most `width` columns, after so much time.
  func bar(width: Int, elapsed: Duration) -> String {
    let share = total == 0 ? 1 : Double(finished) / Double(total)
    var text = " \(finished)/\(total) \(Int(share * 100)) %"
    let seconds = Double(elapsed.milliseconds) / 1000
    if seconds > 0, done + errors > 0 {
      let rate = Double(done + errors) / seconds
      text += "  \(Self.rate(rate))/s"
      if hits > 0 { text += "  \(hits) hits" }
      if errors > 0 { text += "  \(errors) errors" }
      text += "  \(tokens) tokens"
      if let cost { text += "  cost \(Quantities.smallMoney(cost))" }
      let left = Double(total - finished) / rate
      if finished < total { text += "  eta \(Quantities.seconds(Int(left.rounded(.up))))" }
    }
    let room = width - text.count - 2
    guard room >= 5 else { return String(text.dropFirst().prefix(max(0, width))) }
    let filled = min(room, Int(share * Double(room)))
    let head = filled < room && filled > 0 ? ">" : ""
    let bar =
      String(repeating: "=", count: filled - head.count) + head
      + String(repeating: " ", count: room - filled)
    return "[\(bar)]\(text)"
  }

  /// One line for the end, and for a pipe.
  func summary(elapsed: Duration) -> String {
    let time = Quantities.milliseconds(elapsed.milliseconds)
    let before = earlier > 0 ? ", \(earlier) before" : ""
    let same = copies > 0 ? ", \(copies) the same as others" : ""
    let paid = cost.map { ", cost \(Quantities.smallMoney($0))" } ?? ""
    return "\(done) answered\(before), \(hits) of them hits\(same), \(errors) errors, "
      + "\(tokens) tokens\(paid), \(time)"
  }

  /// One JSON object for the end: the same figures.
  func json(elapsed: Duration) -> String {
    var writer = JSONWriter()
    writer.object {
      $0.member("total", total)
      $0.member("answered", done)
      $0.member("before", earlier)
      $0.member("hits", hits)
      $0.member("copies", copies)
      $0.member("errors", errors)
      $0.member("tokens", tokens)
      if let cost { $0.member("cost", cost) }
      $0.member("seconds", Double(elapsed.milliseconds) / 1000)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func rate(_ rate: Double) -> String {
    rate >= 10 ? String(Int(rate.rounded())) : String((rate * 10).rounded() / 10)
  }
}
