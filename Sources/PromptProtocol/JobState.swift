/// How far a job has come. A queued one is started, a running one ends as one of the last three, which
/// stay; after a crash of the daemon a running one is queued again.
package enum JobState: String, CaseIterable, Sendable {
  case queued, running, done, failed, cancelled

  /// Whether nothing more will come of it.
  package var isFinished: Bool {
    switch self {
    case .queued, .running: false
    case .done, .failed, .cancelled: true
    }
  }
}
