package import JSON

/// What a request says in its member `promptd`: how it wants to be treated, not what it asks.
package struct RequestOptions: Equatable, Sendable {
  package var priority: PriorityClass?
  package var cache = CacheControl.use
  /// Seconds; nil where the request leaves it to the configuration.
  package var maxAge: Double?
  package var ttl: Double?
  package var maxWait: Double?
  package var timeout: Double?
  /// Short text for logs and usage.
  package var label: String?
  /// Whether `chat.event` notifications are wanted.
  package var events = false
  /// What makes a second submission of a job the first one.
  package var idempotencyKey: String?

  /// Longer spans are refused: they are mistakes, and would overflow sums of nanoseconds.
  package static let longestSeconds = 1e9
  /// Labels go into every log entry of a request.
  package static let longestLabel = 128

  package init() {}

  /// Reads the member, which goes before `defaults`; throws `invalid_params` naming the member at
  /// fault. An unknown member is an error: a misspelt option must not be shrugged off.
  package init(_ value: JSONValue, defaults: Self = Self()) throws(WireError) {
    self = defaults
    guard value.kind == .object else {
      throw Self.fault("promptd", "must be an object, not \(value.kind.name)")
    }
    for (name, value) in value.members {
      guard Self.members.contains(where: name.isString) else { throw Self.unknown(name) }
      if !value.isNull { try read(name, value) }
    }
  }

  private static let members: [StaticString] = [
    "priority", "cache", "max_age", "ttl", "max_wait", "timeout", "label", "events",
    "idempotency_key",
  ]

  private mutating func read(_ name: JSONValue, _ value: JSONValue) throws(WireError) {
    if name.isString("priority") {
      priority = try Self.choice(value, "promptd.priority", PriorityClass.allCases, \.name)
    } else if name.isString("cache") {
      cache = try Self.choice(value, "promptd.cache", CacheControl.allCases, \.rawValue)
    } else if name.isString("max_age") {
      maxAge = try Self.seconds(value, "promptd.max_age")
    } else if name.isString("ttl") {
      ttl = try Self.seconds(value, "promptd.ttl")
    } else if name.isString("max_wait") {
      maxWait = try Self.seconds(value, "promptd.max_wait")
    } else if name.isString("timeout") {
      timeout = try Self.seconds(value, "promptd.timeout")
    } else if name.isString("label") {
      label = try Self.shortText(value, "promptd.label")
    } else if name.isString("idempotency_key") {
      idempotencyKey = try Self.shortText(value, "promptd.idempotency_key")
      if idempotencyKey?.isEmpty == true {
        throw Self.fault("promptd.idempotency_key", "must not be empty")
      }
    } else if name.isString("events") {
      guard let flag = value.bool else {
        throw Self.fault("promptd.events", "must be a boolean, not \(value.kind.name)")
      }
      events = flag
    }
  }

  /// What `idempotency_key` says to a request that is no job.
  package static let idempotencyFault = fault("promptd.idempotency_key", "goes with job.submit")

  private static func unknown(_ name: JSONValue) -> WireError {
    let known = members.dropLast(2).map(\.description).joined(separator: ", ")
    return fault(
      "promptd.\(name.beginning(64))",
      "is not known; promptd takes \(known) and \(members.dropLast().last?.description ?? "")")
  }

  private static func fault(_ param: String, _ text: String) -> WireError {
    WireError(.invalidParams, "\(param) \(text)", param: param)
  }

  private static func choice<Choice>(
    _ value: JSONValue, _ param: String, _ choices: [Choice], _ name: (Choice) -> String
  ) throws(WireError) -> Choice {
    let text = value.string
    if let match = choices.first(where: { name($0) == text }) { return match }
    throw fault(param, "must be one of \(choices.map(name).joined(separator: ", "))")
  }

  private static func seconds(_ value: JSONValue, _ param: String) throws(WireError) -> Double {
    guard let seconds = value.double, seconds >= 0, seconds <= longestSeconds else {
      throw fault(param, "must be a number of seconds from 0 to \(Int(longestSeconds))")
    }
    return seconds
  }

  private static func shortText(_ value: JSONValue, _ param: String) throws(WireError) -> String {
    guard let text = value.string, text.utf8.count <= longestLabel else {
      throw fault(param, "must be a string of at most \(longestLabel) bytes")
    }
    return text
  }
}
