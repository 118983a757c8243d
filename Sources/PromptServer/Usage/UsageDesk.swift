import JSON
import PromptCore
import PromptProtocol
import SQLiteStore

/// The method `usage`: what was used, summed up as a client asks; administrators see everybody's.
struct UsageDesk: Sendable {
  let keeper: UsageKeeper

  /// Takes a question; its result comes to `route`.
  func take(
    _ params: JSONValue?, _ request: RequestID, by route: Route, _ caller: Caller
  ) throws(WireError) {
    try params.check(["by", "since"])
    var query = UsageQuery(
      dimensions: try Self.dimensions(params?["by"]), since: try Self.since(params?["since"]))
    if !caller.policy.admin { query.client = caller.policy.name }
    keeper.sums(query) { [query] found in
      let answer = found.map { Self.json($0, query.dimensions) }.mapError(\.wireError)
      route.send(.told(answer), of: request)
    }
  }

  private static func dimensions(_ value: JSONValue?) throws(WireError) -> [UsageDimension] {
    guard let value, !value.isNull else { return [.day, .client, .model] }
    guard value.kind == .array else {
      throw WireError(.invalidParams, "by must be an array", param: "by")
    }
    var dimensions: [UsageDimension] = []
    for element in value.elements {
      guard let name = element.string, let dimension = UsageDimension(rawValue: name),
        !dimensions.contains(dimension)
      else {
        let known = UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")
        throw WireError(
          .invalidParams, "by[\(dimensions.count)] must be one of \(known), each once",
          param: "by[\(dimensions.count)]")
      }
      dimensions.append(dimension)
    }
    return dimensions
  }

  private static func since(_ value: JSONValue?) throws(WireError) -> String? {
    guard let value, !value.isNull else { return nil }
    guard let day = value.string, day.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil else {
      throw WireError(.invalidParams, "since must be a day, as 2026-11-25", param: "since")
    }
    return day
  }

  private static func json(
    _ sums: [UsageQuery.Sum], _ dimensions: [UsageDimension]
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.name("rows")
      writer.array { writer in
        for sum in sums { writer.object { write(sum, dimensions, &$0) } }
      }
    }
    return writer.bytes
  }

  private static func write(
    _ sum: UsageQuery.Sum, _ dimensions: [UsageDimension], _ writer: inout JSONWriter
  ) {
    for (dimension, value) in zip(dimensions, sum.values) {
      writer.name(dimension.rawValue)
      writer.string(value)
    }
    sum.figures.writeMembers(to: &writer)
  }
}
