/// The secret that an upstream is paid with.
///
/// It describes itself as redacted everywhere, so that no log, error or debugger summary can
/// hold it by accident; only `withSecret` gives it out.
package struct APIKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let secret: String

  package init(_ secret: String) { self.secret = secret }

  /// Lends the secret for the length of one call.
  package func withSecret<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    try body(secret)
  }

  /// The bytes with every occurrence of the secret replaced, also where JSON escapes its slashes.
  package func redact(_ bytes: [UInt8]) -> [UInt8] {
    if secret.isEmpty { return bytes }
    let plain = bytes.replacing(Array(secret.utf8), with: Self.placeholder)
    guard secret.contains("/") else { return plain }
    let escaped = Array(secret.utf8).replacing([0x2F], with: [0x5C, 0x2F])
    return plain.replacing(escaped, with: Self.placeholder)
  }

  private static let placeholder = Array("(redacted)".utf8)

  package var description: String { "(redacted)" }
  package var debugDescription: String { "(redacted)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
