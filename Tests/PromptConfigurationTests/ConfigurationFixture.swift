import FoundationEssentials
import Glibc
import PromptConfiguration
import Testing

/// A folder of one test with the files that a configuration names, and a machine of known accounts.
final class ConfigurationFixture: Sendable {
  /// An upstream that needs nothing else.
  static let upstream = """
    [[upstream]]
    name = "local"
    base_url = "http://127.0.0.1:8080/v1"
    auth = "none"

    """

  let folder: String

  init() throws {
    var template = Array("/tmp/promptd-config-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: folder) } catch {
      Issue.record("the folder \(folder) is left behind: \(error)")
    }
  }

  /// Writes a file, its folder too, and returns its path.
  @discardableResult
  func write(_ text: String, to name: String, mode: UInt32 = 0o600) throws -> String {
    let path = "\(folder)/\(name)"
    if let slash = path.lastIndex(of: "/") {
      try FileManager.default.createDirectory(
        atPath: String(path[..<slash]), withIntermediateDirectories: true)
    }
    try Data(text.utf8).write(to: URL(filePath: path))
    guard chmod(path, mode) == 0 else { throw CocoaError(.fileWriteNoPermission) }
    return path
  }

  /// A loader whose home, folders and credentials are all in this folder.
  func loader(places: Places? = nil, secrets: ConfigurationLoader.Secrets = .all)
    -> ConfigurationLoader
  {
    let environment = [
      "HOME": folder, "XDG_CONFIG_HOME": "\(folder)/config",
      "CREDENTIALS_DIRECTORY": "\(folder)/credentials",
    ]
    return ConfigurationLoader(
      environment: environment, effectiveUser: 998, accounts: Self.accounts,
      places: places ?? .user(environment: environment, userID: 998), secrets: secrets)
  }

  /// What a file with this text gives.
  func load(_ text: String) throws -> Configuration {
    try loader().load(file: write(text, to: "promptd.toml"))
  }

  /// What is wrong with a file with this text; none if nothing is.
  func faults(_ text: String) throws -> [ConfigurationFault] {
    do {
      _ = try load(text)
      return []
    } catch let error as ConfigurationFaults {
      return error.faults
    }
  }

  /// What is wrong with an upstream that has these lines more.
  func faultsOfUpstream(_ lines: String) throws -> [ConfigurationFault] {
    try faults(Self.upstream + lines + "\n")
  }

  private static let accounts = Accounts(
    user: { ["alice": 1000, "promptd": 998][$0] },
    group: { ["dev": 2000, "promptd-admins": 3000][$0] })
}

extension [ConfigurationFault] {
  /// The key paths of the faults, in order.
  var keyPaths: [String] { map(\.keyPath) }

  /// All messages in one text.
  var text: String { map(\.message).joined(separator: "\n") }
}
