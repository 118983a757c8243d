extension Int {
  /// Adds what came from outside, at most up to the largest number: counts that a file or an upstream
  /// made up, added for years, must not stop the daemon.
  package mutating func addSaturating(_ more: Int) {
    let (sum, overflows) = addingReportingOverflow(more)
    self = overflows ? (more < 0 ? .min : .max) : sum
  }
}
