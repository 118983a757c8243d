/// The least that is logged, from most to least talkative.
package enum LogLevel: String, CaseIterable, Sendable {
  case debug, info, notice, warning, error
}
