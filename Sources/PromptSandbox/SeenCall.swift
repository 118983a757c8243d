/// What one call for a completion brought.
package struct SeenCall: Equatable, Sendable {
  /// By name in lower case, `authorization` among them.
  package var headers: [String: String]
  /// The request's body, byte for byte.
  package var body: [UInt8]
}
