import CurlTransport
import PromptConfiguration
import PromptCore
import PromptProtocol

/// One upstream as calls need it; its place among the lanes is the same.
struct Upstream: Sendable {
  var policy: UpstreamPolicy
  /// The `base_url` as configured.
  var origin: String
  var address: UpstreamAddress
  var key: APIKey?
  var clocks: CallClocks
  var maxResponse: Int

  /// Where completions are asked for, below the address.
  static let path = "/chat/completions"

  init(_ settings: UpstreamSettings) {
    policy = settings.policy
    origin = settings.baseURL
    address = UpstreamAddress(
      url: settings.address.url, unixSocket: settings.address.unixSocket, caFile: settings.caFile,
      proxy: settings.proxy)
    key = settings.key
    clocks = CallClocks(
      connect: settings.clocks.connect, firstByte: settings.clocks.firstByte,
      idle: settings.clocks.idle, total: settings.clocks.total)
    maxResponse = settings.maxResponse
  }

  /// A call of this upstream.
  func call(_ flight: FlightID, body: [UInt8], streams: Bool) -> CallRequest {
    CallRequest(
      id: CallID(rawValue: flight.rawValue), address: address, path: Self.path, key: key,
      body: body, acceptsStream: streams, clocks: clocks, maxResponse: maxResponse)
  }
}
