/// Where things are when no configuration says otherwise: as a system service, or for a user who
/// starts the daemon by hand.
package struct Places: Hashable, Sendable {
  /// The socket that clients connect to.
  package var socket: String
  /// The permission bits of that socket's file.
  package var socketMode: UInt32
  /// The configuration.
  package var configurationFile: String
  /// Files that are read after it, by name.
  package var dropInDirectory: String
  /// Answers.
  package var cacheFile: String
  /// Jobs and usage.
  package var stateFile: String

  /// The system service's, apart from where systemd moved its folders (systemd.exec(5),
  /// `CacheDirectory=`, `StateDirectory=`).
  package static func system(environment: [String: String] = [:]) -> Self {
    let cache = directory("CACHE_DIRECTORY", in: environment) ?? "/var/cache/promptd"
    let state = directory("STATE_DIRECTORY", in: environment) ?? "/var/lib/promptd"
    return Self(
      socket: "/run/promptd/promptd.sock", socketMode: 0o660,
      configurationFile: "/etc/promptd/promptd.toml", dropInDirectory: "/etc/promptd/conf.d",
      cacheFile: "\(cache)/cache.sqlite", stateFile: "\(state)/state.sqlite")
  }

  /// A user's own, by the XDG Base Directory Specification, which ignores paths that are not
  /// absolute; without a home everything is under the temporary directory.
  package static func user(environment: [String: String], userID: UInt32) -> Self {
    let temporary = (directory("TMPDIR", in: environment) ?? "/tmp") + "/promptd-\(userID)"
    let home = directory("HOME", in: environment)
    func base(_ variable: String, under home: String?, _ suffix: String) -> String {
      if let set = directory(variable, in: environment) { return "\(set)/promptd" }
      return home.map { "\($0)/\(suffix)/promptd" } ?? temporary
    }
    let runtime = directory("XDG_RUNTIME_DIR", in: environment).map { "\($0)/promptd" }
    let configuration = base("XDG_CONFIG_HOME", under: home, ".config")
    let cache =
      directory("CACHE_DIRECTORY", in: environment) ?? base("XDG_CACHE_HOME", under: home, ".cache")
    let state =
      directory("STATE_DIRECTORY", in: environment)
      ?? base("XDG_STATE_HOME", under: home, ".local/state")
    return Self(
      socket: "\(runtime ?? temporary)/promptd.sock", socketMode: 0o600,
      configurationFile: "\(configuration)/promptd.toml",
      dropInDirectory: "\(configuration)/conf.d",
      cacheFile: "\(cache)/cache.sqlite", stateFile: "\(state)/state.sqlite")
  }

  /// The system's for the service, which is known by its user or by the folder that systemd gives it,
  /// else the user's own: root by hand is a user like any other, and keeps off the service's files.
  ///
  /// Whether the files are there is no matter: a service that cannot reach its configuration must not
  /// take another.
  package static func current(
    environment: [String: String], userID: UInt32, serviceUserID: UInt32?
  ) -> Self {
    let state = directory("STATE_DIRECTORY", in: environment) ?? ""
    return userID == serviceUserID || state.hasPrefix("/var/lib/")
      ? system(environment: environment) : user(environment: environment, userID: userID)
  }

  /// The first of a variable's directories, which systemd separates with colons; nil if it is
  /// unset or not absolute.
  private static func directory(_ variable: String, in environment: [String: String]) -> String? {
    guard let first = environment[variable]?.split(separator: ":").first, first.hasPrefix("/")
    else { return nil }
    return first.count > 1 && first.hasSuffix("/") ? String(first.dropLast()) : String(first)
  }
}
