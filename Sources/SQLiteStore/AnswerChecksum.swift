import Crypto
import PromptProtocol

/// The checksum that a row carries and that is looked at in each read.
enum AnswerChecksum {
  /// The first 8 bytes, most significant first, of SHA-256 over key, variant, the length of the
  /// answer, answer and boundaries; without the length a shifted border would go unseen.
  static func of(_ entry: AnswerKey, answer: [UInt8], boundaries: [UInt8]?) -> Int64 {
    var hash = SHA256()
    hash.update(data: entry.key.bytes)
    hash.update(data: entry.variant.bytes)
    withUnsafeBytes(of: UInt64(answer.count).bigEndian) { hash.update(bufferPointer: $0) }
    answer.withUnsafeBytes { hash.update(bufferPointer: $0) }
    // No boundaries and empty ones are different answers: one came whole, one as a stream.
    hash.update(data: [boundaries == nil ? 0 : 1])
    boundaries?.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return Int64(bitPattern: hash.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }
}
