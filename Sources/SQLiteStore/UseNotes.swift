/// The entries that were served lately, gathered until a transaction can carry them.
struct UseNotes: Sendable {
  /// One note: the entry, and when it was served in milliseconds since 1970.
  struct Note: Sendable, Equatable {
    var key: AnswerKey
    var time: Int64
  }

  /// A minute in milliseconds: finer would write much and order the entries no better.
  static let interval: Int64 = 60_000
  /// Keys remembered within a minute, at most 1 MiB; a use beyond is forgotten.
  static let limit = 8192
  /// Notes worth a transaction of their own.
  static let enough = 1024

  private var minute = Int64.min
  private var noted: Set<AnswerKey> = []
  private var notes: [Note] = []

  var isEmpty: Bool { notes.isEmpty }
  var areEnough: Bool { notes.count >= Self.enough }

  /// Takes a note, unless this minute has one of the same entry or is full.
  mutating func note(_ key: AnswerKey, at time: Int64) {
    if time / Self.interval != minute {
      minute = time / Self.interval
      noted.removeAll(keepingCapacity: true)
    }
    guard notes.count < Self.limit, noted.count < Self.limit, noted.insert(key).inserted else {
      return
    }
    notes.append(Note(key: key, time: time))
  }

  /// Takes out all notes.
  mutating func take() -> [Note] {
    defer { notes = [] }
    return notes
  }
}
