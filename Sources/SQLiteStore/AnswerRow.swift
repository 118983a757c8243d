import PromptProtocol
import SQLite

/// One row of the answers, as `AnswerSQL.columns` and `AnswerSQL.wholeColumns` list it.
struct AnswerRow {
  let id: Int64
  let answer: StoredAnswer
  /// About the bytes that it takes on disk.
  let bytes: Int
  /// The checksum that it holds; nil where the blobs were not asked for.
  let checksum: Int64?

  /// Decodes a row; nil when its key or variant are none. `request` stays behind unless it is wanted.
  init?(
    _ row: borrowing Row, whole: Bool, request wantsRequest: Bool
  ) throws(SQLiteError) {
    guard let key = Digest(bytes: try row.bytes(1) ?? []),
      let variant = Digest(bytes: try row.bytes(2) ?? [])
    else { return nil }
    id = row.integer(0) ?? 0
    bytes = Int(row.integer(12) ?? 0)
    checksum = whole ? row.integer(13) ?? 0 : nil
    let cost = row.real(11) ?? 0
    answer = StoredAnswer(
      key: key, variant: variant, origin: try row.text(3) ?? "", model: try row.text(4) ?? "",
      client: try row.text(5) ?? "", created: row.integer(6) ?? 0, expires: row.integer(7) ?? 0,
      answer: whole ? try row.bytes(15) ?? [] : [], boundaries: whole ? try row.bytes(14) : nil,
      request: wantsRequest ? try row.bytes(16) : nil, promptTokens: Int(row.integer(8) ?? 0),
      completionTokens: Int(row.integer(9) ?? 0), took: Int(row.integer(10) ?? 0),
      cost: cost.isFinite ? max(0, cost) : 0)
  }

  /// Whether the blobs are those that were stored.
  var isSound: Bool {
    let entry = AnswerKey(key: answer.key, variant: answer.variant)
    return checksum
      == AnswerChecksum.of(entry, answer: answer.answer, boundaries: answer.boundaries)
  }
}
