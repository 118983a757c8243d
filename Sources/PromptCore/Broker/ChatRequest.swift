package import PromptProtocol

/// One request that memory could not answer, as the broker needs it.
package struct ChatRequest: Sendable {
  package var id: RequestID
  package var keys: CacheKeys
  package var model: String
  package var client: String
  /// Whose limits it counts against.
  package var account: ClientID
  package var priority: PriorityClass
  package var control: CacheControl
  package var options: RequestOptions
  /// The caller reads a stream.
  package var streams: Bool
  /// The caller asked for the chunk that holds the usage.
  package var includesUsage: Bool
  /// What goes upstream.
  package var body: [UInt8]
  package var size: RequestSize
  package var storage: StorageRule
  /// The canonical request, where it is kept on disk.
  package var canonical: [UInt8]?
  package var arrived: Moment

  package init(
    id: RequestID, keys: CacheKeys, model: String, client: String, account: ClientID,
    priority: PriorityClass, control: CacheControl, options: RequestOptions, streams: Bool,
    includesUsage: Bool, body: [UInt8], size: RequestSize, storage: StorageRule,
    canonical: [UInt8]?, arrived: Moment
  ) {
    self.id = id
    self.keys = keys
    self.model = model
    self.client = client
    self.account = account
    self.priority = priority
    self.control = control
    self.options = options
    self.streams = streams
    self.includesUsage = includesUsage
    self.body = body
    self.size = size
    self.storage = storage
    self.canonical = canonical
    self.arrived = arrived
  }
}
