/// What usage can be told by.
package enum UsageDimension: String, CaseIterable, Sendable {
  case day, client, model, upstream, label
}
