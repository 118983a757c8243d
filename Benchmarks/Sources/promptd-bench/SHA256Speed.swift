import CCrypto
import LoadGenerator

/// How fast libcrypto hashes.
enum SHA256Speed {
  /// libcrypto refused.
  struct Failure: Error, CustomStringConvertible {
    let description = "libcrypto gives no SHA-256"
  }

  /// Hashes of some bytes a second, measured for so many seconds on this thread.
  static func perSecond(_ bytes: [UInt8], seconds: Double) throws -> Double {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    let begun = MonotonicClock.now()
    var count = 0
    var elapsed = 0.0
    repeat {
      guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else {
        throw Failure()
      }
      count += 1
      elapsed = Double(MonotonicClock.now() - begun) / 1e9
    } while elapsed < seconds
    return Double(count) / elapsed
  }
}
