import PromptProtocol
package import SQLite

/// What an entry is found by.
struct AnswerKey: Hashable, Sendable {
  var key: Digest
  var variant: Digest
}

extension Digest: SQLiteValue {
  package func bind(to parameter: Parameter) throws(SQLiteError) {
    let ordered = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    let result = withUnsafeBytes(of: ordered) { bytes in
      Result { () throws(SQLiteError) in try parameter.takeBytes(bytes) }
    }
    try result.get()
  }
}
