import FoundationEssentials
import Glibc
import PromptCore

/// Reads the configuration's files, merges them, and gives validated values or every fault.
package struct ConfigurationLoader: Sendable {
  /// The daemon's environment, of which folders and `$CREDENTIALS_DIRECTORY` are used.
  package var environment: [String: String]
  /// The user that the daemon runs as, who may administer it.
  package var effectiveUser: UInt32
  package var accounts: Accounts
  /// Where things are by default.
  package var places: Places
  /// Which secrets are read too.
  package var secrets: Secrets

  /// Secrets that stand outside of the configuration's files.
  package enum Secrets: Sendable {
    /// Upstreams' keys and the listener's tokens.
    case all
    /// The listener's tokens alone: no upstream is asked.
    case tokens
    /// A check outside of the service can reach neither its credentials nor its files.
    case none
  }

  /// More than any configuration needs: what is larger is the wrong file.
  private static let limit = 1 << 20

  /// A loader for this process, unless told otherwise.
  package init(
    environment: [String: String], effectiveUser: UInt32 = geteuid(),
    accounts: Accounts = .system, places: Places? = nil, secrets: Secrets = .all
  ) {
    self.environment = environment
    self.effectiveUser = effectiveUser
    self.accounts = accounts
    self.secrets = secrets
    self.places =
      places
      ?? Places.current(
        environment: environment, userID: effectiveUser, serviceUserID: accounts.user("promptd"))
  }

  /// The configuration in `file` alone, or in the default file and its drop-ins, which need not
  /// exist unless `requirePresent`. Throws everything that is wrong with it, at once.
  package func load(
    file: String? = nil, requirePresent: Bool = false
  ) throws(ConfigurationFaults) -> Configuration {
    var faults: [ConfigurationFault] = []
    var sources: [String] = []
    var root = TOMLEntry(node: .table([:]), path: "")
    let main = file ?? places.configurationFile
    let dropIns = main == places.configurationFile ? dropIns(&faults) : []
    for (index, path) in ([main] + dropIns).enumerated() {
      let mayBeAbsent = index == 0 && file == nil && !requirePresent
      do throws(ConfigurationFault) {
        guard let entry = try document(path, mayBeAbsent: mayBeAbsent) else { continue }
        root.node = root.node.merged(with: entry.node)
        sources.append(path)
      } catch {
        faults.append(error)
      }
    }
    var configuration = configuration(from: root, &faults)
    guard faults.isEmpty else { throw ConfigurationFaults(faults: faults) }
    configuration.file = main
    configuration.sources = sources
    configuration.written = root.node.flattened
    return configuration
  }

  private func configuration(
    from root: TOMLEntry, _ faults: inout [ConfigurationFault]
  ) -> Configuration {
    var configuration = Configuration(places: places)
    configuration.clients.adminUsers = [0, effectiveUser]
    var reader = TableReader(root)
    configuration.read(&reader, accounts: accounts) { source throws(KeySource.Failure) in
      secrets == .all ? try source.key(environment: environment) : nil
    } tokens: { source, rules throws(KeySource.Failure) in
      if secrets == .none { return [] }
      return try source.tokens(environment: environment) { rules.policy(named: $0) != nil }
    }
    reader.finish()
    faults += reader.faults
    return configuration
  }

  /// The table in a file; nil if the file is absent and may be.
  private func document(
    _ path: String, mayBeAbsent: Bool
  ) throws(ConfigurationFault) -> TOMLEntry? {
    let bytes: [UInt8]
    do throws(SmallFile.Failure) {
      bytes = try SmallFile.read(path, limit: Self.limit, isPrivate: false)
    } catch {
      if mayBeAbsent, error.code == ENOENT { return nil }
      throw ConfigurationFault(file: path, message: error.message)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationFault(file: path, message: "is not UTF-8 text")
    }
    return try TOMLDocument.parse(text, file: path)
  }

  /// The drop-ins in the order of their names' bytes; none if there is no such folder.
  private func dropIns(_ faults: inout [ConfigurationFault]) -> [String] {
    let directory = places.dropInDirectory
    guard access(directory, F_OK) == 0 || errno != ENOENT else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: directory)
        .filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        .map { "\(directory)/\($0)" }
    } catch {
      faults.append(
        ConfigurationFault(file: directory, message: "cannot be listed; let promptd read it"))
      return []
    }
  }
}
