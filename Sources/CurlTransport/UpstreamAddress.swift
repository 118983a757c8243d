/// Where an upstream is, and what stands in the way to it.
package struct UpstreamAddress: Sendable, Hashable {
  /// The full prefix of every URL, such as `https://api.example/v1`; for a Unix socket
  /// `http://localhost/v1`, whose host is only said in the `Host` header.
  package var url: String
  /// The path of the Unix socket to connect to instead of the URL's host.
  package var unixSocket: String?
  /// A PEM file of the authorities to trust instead of the system's.
  package var caFile: String?
  /// The URL of the proxy to go through; nil for none, whatever the environment says.
  package var proxy: String?

  /// An address is checked when a call starts, and then ends it as `.misconfigured`.
  package init(
    url: String, unixSocket: String? = nil, caFile: String? = nil, proxy: String? = nil
  ) {
    self.url = url
    self.unixSocket = unixSocket
    self.caFile = caFile
    self.proxy = proxy
  }
}
