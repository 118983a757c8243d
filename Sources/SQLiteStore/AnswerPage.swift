/// Some of the entries that a filter means, in the order in which they lie on disk.
package struct AnswerPage: Equatable, Sendable {
  /// One entry; its blobs are empty unless whole entries were asked for.
  package struct Entry: Equatable, Sendable {
    package var answer: StoredAnswer
    /// About the bytes that it takes on disk.
    package var bytes: Int

    package init(answer: StoredAnswer, bytes: Int) {
      self.answer = answer
      self.bytes = bytes
    }
  }

  /// Where a page begins; nothing else is to be read from it.
  package struct Place: Equatable, Sendable {
    var id: Int64
    /// Entries that came later than this one are not meant, or who reads more slowly than others
    /// write would never be done; nil at the beginning.
    var last: Int64?
    /// The file that it is a place of; nil at the beginning of any.
    var file: DatabaseFile.Identity?

    /// Before the first entry.
    package static let beginning = Place(id: .min)
  }

  package var entries: [Entry] = []
  /// Entries whose checksum does not hold; they are on their way out.
  package var damaged = 0
  /// Where the next page begins; nil after the last.
  package var next: Place?
}
