import NIOCore
import PromptConfiguration
import PromptCore
import PromptProtocol

/// What the configuration says of how requests are taken and answered. It never changes: with a
/// new configuration each event loop gets another one, so that requests read it without a lock.
final class ServingRules: Sendable {
  /// What one connection may take.
  struct Limits: Sendable {
    var maxLineBytes: Int
    var maxInFlightPerConnection: Int
    var writeTimeout: TimeAmount

    init(_ listen: ListenSettings) {
      maxLineBytes = listen.maxLineBytes
      maxInFlightPerConnection = listen.maxInFlightPerConnection
      writeTimeout = TimeAmount(listen.writeTimeout)
    }
  }

  /// Counts up from the first: whoever keeps what was made by one knows when it is out of date.
  let number: Int
  let body: ChatBody.Rules
  let cache: CachePolicy
  /// Whose answers may be served.
  let origins: Origins
  let limits: Limits
  let clients: ClientRules
  /// Whether each answer that no call was made for has an entry in the log.
  let logsAnswers: Bool
  /// The callers of the loopback listener.
  let tokens: TokenCallers

  init(
    _ configuration: Configuration, number: Int, logLevel: LogLevel, origins: Origins,
    clients: ClientRegistry,
    broker: Broker
  ) {
    self.number = number
    body = ChatBody.Rules(
      validate: configuration.api.validate, strict: configuration.api.strict)
    cache = configuration.cache.policy
    self.origins = origins
    limits = Limits(configuration.listen)
    self.clients = configuration.clients
    logsAnswers = logLevel == .debug
    tokens = TokenCallers(
      configuration.listen.httpTokens, rules: configuration.clients, number: number,
      clients: clients, broker: broker)
  }
}

extension BrokerState.Rules {
  /// What a configuration says of the queue, the cache and the prices.
  init(_ configuration: Configuration) {
    self.init(
      queue: configuration.queue, cache: configuration.cache.policy, prices: configuration.prices,
      file: configuration.file)
  }
}
