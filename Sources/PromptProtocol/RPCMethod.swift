/// The methods of the socket, by the names that JSON-RPC requests use.
package enum RPCMethod: String, CaseIterable, Sendable {
  case ping
  case chat
  case chatCancel = "chat.cancel"
  case status
  case queueList = "queue.list"
  case queueMove = "queue.move"
  case queueCancel = "queue.cancel"
  case queuePause = "queue.pause"
  case queueResume = "queue.resume"
  case cacheStats = "cache.stats"
  case cacheExplain = "cache.explain"
  case cacheList = "cache.list"
  case cacheGet = "cache.get"
  case cachePurge = "cache.purge"
  case cacheExport = "cache.export"
  case cacheImport = "cache.import"
  case cacheVerify = "cache.verify"
  case jobSubmit = "job.submit"
  case jobGet = "job.get"
  case jobWait = "job.wait"
  case jobList = "job.list"
  case jobCancel = "job.cancel"
  case usage
  case watch
  case models
  case metrics
  case logLevel = "log.level"
  case configGet = "config.get"
  case reload
}
