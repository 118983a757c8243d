/// What a promptd that is measured is configured with, beside its defaults.
package struct PromptdSettings: Sendable {
  /// Where misses go: sockets, each with the pattern of its models, asked in this order.
  package var upstreams: [(models: String, socket: String)] = []
  /// Calls at a time.
  package var calls = 64
  /// A cache file that is there already; else an empty one.
  package var cacheFile: String?
  /// `cache.memory`, as in the configuration.
  package var memory = "64MiB"
  /// Whether only the cache answers, whoever made what is in it.
  package var isReplay = false
  /// Whether answers of the sandbox are written to disk.
  package var keepsSandbox = false
  /// `queue.max_queued` and `listen.max_in_flight_per_connection`.
  package var queued = 100_000
  package var inFlight = 256
  /// A core that all its threads are bound to; nil for any.
  package var core: Int?

  /// With one upstream for all models, or none.
  package init(upstream: String? = nil) {
    if let upstream { upstreams = [("*", upstream)] }
  }

  /// The configuration of a daemon whose files are all in one folder.
  func text(folder: String) -> String {
    var text = """
      [listen]
      socket = "\(folder)/promptd.sock"
      max_connections = 20000
      max_connections_per_user = 20000
      max_in_flight_per_connection = \(inFlight)
      [cache]
      file = "\(cacheFile ?? "\(folder)/cache.sqlite")"
      mode = "\(isReplay ? "replay" : "normal")"
      memory = "\(memory)"
      keep_sandbox = \(keepsSandbox)
      [state]
      file = "\(folder)/state.sqlite"
      [queue]
      max_queued = \(queued)

      """
    for (number, upstream) in upstreams.enumerated() {
      text += """
        [[upstream]]
        name = "upstream-\(number)"
        base_url = "unix:\(upstream.socket):/v1"
        models = ["\(upstream.models)"]
        auth = "none"
        max_concurrent = \(calls)
        timeouts = { first_byte = "600s" }

        """
    }
    return text
  }
}
