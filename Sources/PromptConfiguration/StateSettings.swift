/// Where jobs and usage are kept.
package struct StateSettings: Hashable, Sendable {
  /// The database.
  package var file: String
  /// How long the results of finished jobs are kept.
  package var keepJobs = Duration.days(7)

  /// The defaults with this file.
  package init(file: String) { self.file = file }

  /// Reads `[state]`.
  mutating func read(_ reader: inout TableReader) {
    reader.read("file", .path, into: &file)
    reader.read("keep_jobs", .duration(.minutes(1)...(.days(3650))), into: &keepJobs)
  }
}
