package import PromptCore

/// The whole configuration, validated: whatever is in here can be used as it is.
package struct Configuration: Equatable, Sendable {
  package var listen: ListenSettings
  package var log = LogSettings()
  package var api = APISettings()
  package var cache: CacheSettings
  package var state: StateSettings
  package var queue = QueuePolicy()
  package var service = ServiceSettings()
  /// In the order in which they are tried.
  package var upstreams: [UpstreamSettings] = []
  package var clients = ClientRules()
  /// By model.
  package var prices: [String: Price] = [:]
  /// The file that it is written in, whether it is there or not.
  package var file: String
  /// The files that were read, in order; later ones went before earlier ones.
  package var sources: [String] = []
  /// What the files say, by key.
  package var written: [String: WrittenValue] = [:]

  /// What holds where no file says anything.
  package init(places: Places) {
    file = places.configurationFile
    listen = ListenSettings(places: places)
    cache = CacheSettings(file: places.cacheFile)
    state = StateSettings(file: places.stateFile)
  }
}
