/// One chunk of a stream on its way to whoever reads it.
package struct AnswerChunk: Equatable, Sendable {
  /// The chunk as the upstream wrote it, without line breaks.
  package var json: [UInt8]
  /// It holds the usage and no choice: for callers who asked for it.
  package var isUsageOnly: Bool
  /// Nothing may come after it: it ends a choice, or holds the usage.
  package var mayBeLast: Bool

  package init(json: [UInt8], isUsageOnly: Bool = false, mayBeLast: Bool = false) {
    self.json = json
    self.isUsageOnly = isUsageOnly
    self.mayBeLast = mayBeLast || isUsageOnly
  }
}
