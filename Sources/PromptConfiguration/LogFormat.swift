/// How entries are written.
package enum LogFormat: String, CaseIterable, Sendable {
  /// To the journal if standard error is the journal, else as text.
  case auto
  case journal, text, json
}
