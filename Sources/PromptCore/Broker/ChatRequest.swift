package import PromptProtocol

/// One request that memory could not answer, as the broker needs it. It never changes, and is an
/// object so that a queue of very many moves none of it about.
package final class ChatRequest: Sendable {
  package let id: RequestID
  package let keys: CacheKeys
  package let model: String
  package let client: String
  package let asker: Asker
  /// Whose limits it counts against.
  package let account: ClientID
  package let priority: PriorityClass
  package let control: CacheControl
  package let options: RequestOptions
  /// The caller reads a stream.
  package let streams: Bool
  /// The caller asked for the chunk that holds the usage.
  package let includesUsage: Bool
  /// What goes upstream.
  package let body: [UInt8]
  package let size: RequestSize
  package let storage: StorageRule
  /// The canonical request, where it is kept on disk.
  package let canonical: [UInt8]?
  /// Whether an answer may be on disk, or an older one in memory. If not, nobody has to look.
  package let mayBeKept: Bool
  package let arrived: Moment

  package init(
    id: RequestID, keys: CacheKeys, model: String, client: String, asker: Asker,
    account: ClientID, priority: PriorityClass, control: CacheControl, options: RequestOptions,
    streams: Bool,
    includesUsage: Bool, body: [UInt8], size: RequestSize, storage: StorageRule,
    canonical: [UInt8]?, mayBeKept: Bool = true, arrived: Moment
  ) {
    self.id = id
    self.keys = keys
    self.model = model
    self.client = client
    self.asker = asker
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
    self.mayBeKept = mayBeKept
    self.arrived = arrived
  }

  /// The same in another class.
  func moved(to priority: PriorityClass) -> ChatRequest {
    ChatRequest(
      id: id, keys: keys, model: model, client: client, asker: asker, account: account,
      priority: priority, control: control, options: options, streams: streams,
      includesUsage: includesUsage, body: body, size: size, storage: storage, canonical: canonical,
      mayBeKept: mayBeKept, arrived: arrived)
  }
}
