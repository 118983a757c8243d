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

  /// Where the models are listed.
  static let modelsPath = "/models"
  /// Calls for models are told from flights by this bit; flights count up from one.
  private static let modelsBit: UInt64 = 1 << 63

  /// A call that asks for the models, of the upstream in this lane.
  func callForModels(lane: Int) -> CallRequest {
    CallRequest(
      id: CallID(rawValue: Self.modelsBit | UInt64(lane)), address: address,
      path: Self.modelsPath, key: key, body: nil, acceptsStream: false, clocks: listClocks,
      maxResponse: maxResponse)
  }

  /// A list is made at once, or not at all.
  private var listClocks: CallClocks {
    let most = Duration.seconds(10)
    return CallClocks(
      connect: min(clocks.connect, most), firstByte: min(clocks.firstByte, most),
      idle: min(clocks.idle, most), total: min(clocks.total, most * 2))
  }

  /// A call of this upstream.
  func call(_ flight: FlightID, body: [UInt8], streams: Bool) -> CallRequest {
    CallRequest(
      id: CallID(rawValue: flight.rawValue), address: address, path: Self.path, key: key,
      body: body, acceptsStream: streams, clocks: clocks, maxResponse: maxResponse)
  }
}
