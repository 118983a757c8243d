/// Why an answer is not kept. Each is counted by its name.
package enum NotStored: String, CaseIterable, Sendable {
  /// The request said `bypass`, or unseeded requests are not cached.
  case notAsked = "not_asked"
  case tooFewChoices = "too_few_choices"
  /// It ended for a reason other than having been completed.
  case finishReason = "finish_reason"
  /// The upstream shortened it below the request's own limit.
  case truncated
  case empty
  case toolArguments = "tool_arguments"
  /// Not the JSON that `response_format` asked for.
  case notJSON = "not_json"
  case tooLarge = "too_large"
}
