/// The secret that an upstream is paid with.
///
/// It describes itself as redacted everywhere, so that no log, error or debugger summary can
/// hold it by accident; only `withSecret` gives it out, and only the transport calls that.
package struct APIKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let secret: String

  package init(_ secret: String) { self.secret = secret }

  /// Lends the secret for the length of one call.
  package func withSecret<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    try body(secret)
  }

  package var description: String { "(redacted)" }
  package var debugDescription: String { "(redacted)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
