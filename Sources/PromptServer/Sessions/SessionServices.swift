import PromptProtocol

/// What every session works with.
struct SessionServices: Sendable {
  let broker: Broker
  let desk: ChatDesk
  let queue: QueueDesk
  let cache: CacheDesk
  let jobs: JobDesk
  let usage: UsageDesk
  let reports: Reports
  let models: ModelDirectory
  let refusals: RefusalLog
  let buffers: BufferLedger
  let reloader: Reloader
  let watches: WatchDesk

  /// Nobody waits for a request any more, whatever it asked for.
  func giveUp(_ request: RequestID) {
    broker.giveUp(request)
    models.forget(request)
    cache.forget(request)
    watches.forget(request)
    jobs.keeper.waiters.forget(request)
  }
}
