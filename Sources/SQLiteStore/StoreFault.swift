import SQLite

/// Why the disk cannot do what it was asked; none of its words come from a prompt or an answer.
package enum StoreFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// A newer promptd wrote the file, which stays as it is.
  case newerSchema(file: String, version: Int, known: Int)
  /// The file is damaged or no database at all.
  case corrupt(file: String)
  /// The file was damaged, and an empty one is in its place.
  case replaced(file: String)
  /// The file is damaged or could not be read, and stays where it is: it is no cache.
  case damaged(file: String)
  /// Another program has it locked.
  case locked(file: String)
  /// The file cannot be opened, read or written as things are.
  case unavailable(file: String, cause: String)

  /// One sentence that says what to do.
  package var description: String {
    switch self {
    case .newerSchema(let file, let version, let known):
      "\(file) has schema version \(version) and this promptd knows \(known): start the newer "
        + "promptd that wrote it, or move the file away to begin an empty one."
    case .corrupt(let file):
      "\(file) is damaged and so is the one begun in its place: see that the disk is sound."
    case .replaced(let file):
      "\(file) was damaged: an empty one is in its place, and what was kept is in "
        + "\(file).corrupt-TIME alone: remove that one if it is not to stay, and try again."
    case .damaged(let file):
      "\(file) seems damaged: where a restart finds it so again, move it away, and promptd begins an "
        + "empty one."
    case .locked(let file):
      "\(file) is locked by another program: end what has it open, or try again."
    case .unavailable(let file, let cause):
      "\(file) cannot be used (\(cause)): see that the disk has room and is writable, and that "
        + "promptd owns the file and its folder."
    }
  }

  /// The fault behind an error.
  init(_ error: any Error, file: String) {
    switch error {
    case let fault as StoreFault:
      self = fault
    case let error as SQLiteError where error.isDamage: self = .corrupt(file: file)
    case let error as SQLiteError where error.isLock: self = .locked(file: file)
    case let error as SQLiteError: self = .unavailable(file: file, cause: "\(error)")
    default:
      self = .unavailable(file: file, cause: "\(type(of: error))")
    }
  }
}
