import PromptCore

extension UpstreamSettings {
  /// The sandbox as an upstream, served on `socket`.
  ///
  /// Its address in the cache is the same at every start, wherever the socket is.
  package static func sandbox(socket: String) -> UpstreamSettings {
    UpstreamSettings(
      address: BaseURL(
        written: "sandbox", url: "http://localhost/v1", unixSocket: socket),
      caFile: nil, proxy: nil, keySource: .none, key: nil,
      policy: UpstreamPolicy(name: "sandbox"), clocks: UpstreamClocks(),
      maxResponse: defaultMaxResponse)
  }
}
