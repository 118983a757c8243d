package import PromptCore
package import PromptProtocol

/// One `[[upstream]]`: where it is, how it is paid, and how it is used.
package struct UpstreamSettings: Equatable, Sendable {
  package var address: BaseURL
  /// A file of certificate authorities to trust instead of the system's.
  package var caFile: String?
  /// The proxy's URL, which may hold a password; nil is none, whatever the environment says.
  package var proxy: String?
  package var keySource: KeySource
  /// The key; nil where none is wanted, or where keys were not to be read.
  package var key: APIKey?
  package var policy: UpstreamPolicy
  package var clocks: UpstreamClocks
  /// The largest answer, decoded, in bytes.
  package var maxResponse: Int

  /// Its name.
  package var name: String { policy.name }

  /// Its base URL as written; answers in the cache belong to it.
  package var baseURL: String { address.written }

  /// The largest answer where the file does not say, in bytes.
  static let defaultMaxResponse = 64 << 20
}
