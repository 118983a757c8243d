import PromptCore
import PromptProtocol

/// What an answer in memory is found by, and how its reply is made: all that a hit needs to know of a
/// body. Handed on by reference.
final class KnownBody: Sendable {
  let keys: CacheKeys
  let control: CacheControl
  let maxAge: Double?
  /// The class that was asked for.
  let priority: PriorityClass?
  let label: String?
  let form: ChatDesk.Form

  init(_ body: ChatBody, keys: CacheKeys, _ rules: ServingRules) {
    self.keys = keys
    control = rules.cache.control(body.options.cache, isSeeded: body.seed != nil)
    maxAge = body.options.maxAge
    priority = body.options.priority
    label = body.options.label
    form = ChatDesk.Form(streams: body.stream, includesUsage: body.includesUsage)
  }
}
