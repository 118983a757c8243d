/// What client and daemon tell each other about themselves.
package enum ProtocolVersion {
  /// The version of the conversation; a change that old clients would misread raises it.
  package static let current = 1
  /// The version of the programs.
  package static let program = "0.1.0"
}
