/// What usage is counted together by.
package struct UsageKey: Hashable, Sendable {
  /// As `2026-11-25`.
  package var day: String
  package var client: String
  package var model: String
  package var upstream: String
  /// Empty where a request had none.
  package var label: String

  package init(day: String, client: String, model: String, upstream: String, label: String) {
    self.day = day
    self.client = client
    self.model = model
    self.upstream = upstream
    self.label = label
  }
}
