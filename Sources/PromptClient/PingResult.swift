package import JSON

/// What the daemon says of itself to `ping`; a member that it did not send is nil.
package struct PingResult: Equatable, Sendable {
  package var version: String?
  /// The version of the conversation.
  package var protocolVersion: Int?
  /// Who the daemon takes the caller for.
  package var client: String?
  package var pid: Int?
  /// Seconds since the daemon began.
  package var uptime: Int?

  /// Reads the result object.
  package init(_ result: JSONTree) {
    version = result["version"]?.string
    protocolVersion = result["protocol"]?.int
    client = result["client"]?.string
    pid = result["pid"]?.int
    uptime = result["uptime_s"]?.int
  }
}
