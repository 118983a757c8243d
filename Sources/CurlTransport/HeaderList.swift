import CCurl
import PromptProtocol

/// The request headers of calls to one upstream, in libcurl's own list.
final class HeaderList {
  /// The first node; libcurl reads the list until the call is over and never frees it.
  private(set) var head: UnsafeMutablePointer<curl_slist>?

  /// Throws `.misconfigured` for a key that cannot stand in a header.
  init(for setup: CallSetup) throws(CallFailure) {
    // Without an empty `Expect`, libcurl waits up to a second for a 100 before a large body.
    try append("Expect:")
    try append("Accept: \(setup.acceptsStream ? "text/event-stream" : "application/json")")
    if setup.hasBody { try append("Content-Type: application/json") }
    if let line = try setup.key.map(Self.authorization) { try append(line) }
  }

  deinit { curl_slist_free_all(head) }

  private func append(_ line: String) throws(CallFailure) {
    guard let longer = curl_slist_append(head, line) else {
      throw CallFailure(
        kind: .internalFault, message: "No memory for a request header. Restart promptd.")
    }
    head = longer
  }

  /// libcurl sends a line break as it is, so a key that holds one would add headers.
  private static func authorization(_ key: APIKey) throws(CallFailure) -> String {
    let line = key.withSecret { "Authorization: Bearer \($0)" }
    guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw CallFailure(
        kind: .misconfigured,
        message: "The API key holds a control character. Put the key alone on one line.")
    }
    return line
  }
}
