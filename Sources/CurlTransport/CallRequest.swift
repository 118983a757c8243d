package import PromptProtocol

/// One HTTP request to an upstream, and the limits of its answer.
package struct CallRequest: Sendable {
  package var id: CallID
  package var address: UpstreamAddress
  /// What follows the address's URL, such as `/chat/completions`.
  package var path: String
  /// Sent as a bearer token (RFC 6750 section 2.1); nil for an upstream that wants none.
  package var key: APIKey?
  /// The JSON to POST; nil makes it a GET.
  package var body: [UInt8]?
  /// Whether to ask for `text/event-stream` rather than `application/json`.
  package var acceptsStream: Bool
  package var clocks: CallClocks
  /// The longest answer to take, in bytes after decoding, so that a small compressed answer
  /// cannot fill the memory.
  package var maxResponse: Int

  package init(
    id: CallID, address: UpstreamAddress, path: String, key: APIKey?, body: [UInt8]?,
    acceptsStream: Bool, clocks: CallClocks = CallClocks(), maxResponse: Int
  ) {
    self.id = id
    self.address = address
    self.path = path
    self.key = key
    self.body = body
    self.acceptsStream = acceptsStream
    self.clocks = clocks
    self.maxResponse = maxResponse
  }
}
