import NIOCore
import PromptConfiguration
import PromptProtocol

/// What every session works with.
struct SessionServices: Sendable {
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

  let broker: Broker
  let desk: ChatDesk
  let queue: QueueDesk
  let cache: CacheDesk
  let reports: Reports
  let models: ModelDirectory
  let refusals: RefusalLog
  let buffers: BufferLedger
  let limits: Limits

  /// Nobody waits for a request any more, whatever it asked for.
  func giveUp(_ request: RequestID) {
    broker.giveUp(request)
    models.forget(request)
    cache.forget(request)
  }
}
