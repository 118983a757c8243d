/// One thing for the writer to do to one entry.
enum WriteOrder: Sendable, Equatable {
  /// Insert the answer or replace the one of its key and variant.
  case store(StoredAnswer)
  /// Remove the entry if it still has the checksum that did not hold.
  case removeDamaged(id: Int64, checksum: Int64)

  /// Bytes it holds in memory, with an allowance for all that is not a blob.
  var bytes: Int {
    switch self {
    case .store(let answer): answer.bytes + 512
    case .removeDamaged: 512
    }
  }

  /// The answer that it stores, if it stores one.
  var answer: StoredAnswer? { if case .store(let answer) = self { answer } else { nil } }
}
