/// What an answer store holds, and what it did since it was opened.
package struct AnswerStoreStatistics: Sendable, Equatable {
  /// Why the disk is not used at present, as a sentence; nil while all is well.
  package var trouble: String?
  /// How often the disk could not be used.
  package var faults = 0
  /// Entries on disk, expired ones too, as of the last transaction.
  package var entries = 0
  /// Bytes of the pages in use, without the write-ahead log, as of the last transaction.
  package var bytes = 0
  /// Bytes that wait for the writer or are being written.
  package var waitingBytes = 0
  /// Transactions that stored something.
  package var transactions = 0
  /// Answers stored.
  package var written = 0
  /// Answers dropped because the queue was full.
  package var overflowed = 0
  /// Answers dropped because the disk could not be written.
  package var lost = 0
  /// Entries removed to stay under the limit.
  package var evicted = 0
  /// Reads that met an entry whose checksum does not hold, each one a miss.
  package var damaged = 0
}
