import Crypto

/// Half of the SHA-256 of a request's body, by which bodies are told apart.
struct BodyDigest: Hashable, Sendable, CustomStringConvertible {
  private let words: SIMD2<UInt64>

  init(_ body: [UInt8]) {
    words = SHA256.hash(data: body).withUnsafeBytes {
      SIMD2(
        UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  /// As hexadecimal digits.
  var description: String {
    [words.x, words.y].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
