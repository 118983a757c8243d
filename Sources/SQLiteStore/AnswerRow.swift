import FoundationEssentials
import GRDB
import PromptProtocol

/// One row of the answers, as `AnswerSQL.columns` and `AnswerSQL.wholeColumns` list it.
///
/// GRDB's own conversions trap when a damaged file holds another type, so none is used.
struct AnswerRow {
  let id: Int64
  let answer: StoredAnswer
  /// About the bytes that it takes on disk.
  let bytes: Int
  /// The checksum that it holds; nil where the blobs were not asked for.
  let checksum: Int64?

  /// Decodes a row; nil when its key or variant are none. `request` stays behind unless it is wanted.
  init?(_ row: Row, whole: Bool, request wantsRequest: Bool) throws {
    func text(_ index: Int) -> String { String.fromDatabaseValue(row[index]) ?? "" }
    func integer(_ index: Int) -> Int64 {
      if case .int64(let value) = (row[index] as DatabaseValue).storage { value } else { 0 }
    }
    func blob(_ index: Int) throws -> [UInt8]? {
      try row.withUnsafeData(atIndex: index) { $0.map { [UInt8]($0) } }
    }
    guard let key = Digest(bytes: try blob(1) ?? []), let variant = Digest(bytes: try blob(2) ?? [])
    else { return nil }
    id = integer(0)
    bytes = Int(integer(12))
    checksum = whole ? integer(13) : nil
    let cost = Double.fromDatabaseValue(row[11]) ?? 0
    answer = StoredAnswer(
      key: key, variant: variant, origin: text(3), model: text(4), client: text(5),
      created: integer(6), expires: integer(7), answer: whole ? try blob(15) ?? [] : [],
      boundaries: whole ? try blob(14) : nil, request: wantsRequest ? try blob(16) : nil,
      promptTokens: Int(integer(8)), completionTokens: Int(integer(9)), took: Int(integer(10)),
      cost: cost.isFinite ? max(0, cost) : 0)
  }

  /// Whether the blobs are those that were stored.
  var isSound: Bool {
    let entry = AnswerKey(key: answer.key, variant: answer.variant)
    return checksum
      == AnswerChecksum.of(entry, answer: answer.answer, boundaries: answer.boundaries)
  }
}
