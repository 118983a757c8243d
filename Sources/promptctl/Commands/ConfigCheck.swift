import ArgumentParser
import Glibc
import JSON
import PromptConfiguration

/// `promptctl config check`
struct ConfigCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say everything that is wrong with the configuration; needs no daemon.",
    discussion: """
      Without FILE it is the configuration that a daemon started by you would read; for root it is \
      the service's, read as the service's user. Keys are not read. The exit code is 0 if nothing is \
      wrong, else 78.

      Example: promptctl config check /etc/promptd/promptd.toml
      """)

  @Argument(help: "The configuration file to check.", completion: .file())
  var file: String?

  @Flag(name: .long, help: "Print one line of JSON: ok, files, upstreams, faults.")
  var json = false

  func run() throws {
    if geteuid() == 0, file == nil { Self.becomeService() }
    let report = Self.check(file, environment: ProcessEnvironment.variables)
    if json {
      try StandardStream.output.writeLine(report.json.text)
    } else if report.faults.isEmpty {
      try StandardStream.output.writeLine(report.summary)
    } else {
      for fault in report.faults { StandardStream.error.complain(fault.description) }
    }
    if !report.faults.isEmpty { throw Ending(code: 78, message: nil) }
  }

  /// Root can read what the service cannot. From here on this process reads as the service does.
  private static func becomeService() {
    guard let account = getpwnam("promptd") else { return }
    let (user, group) = (account.pointee.pw_uid, account.pointee.pw_gid)
    guard initgroups("promptd", group) == 0, setegid(group) == 0 else { return }
    _ = seteuid(user)
  }

  /// Reads the configuration as the daemon would. The system's file brings its drop-ins along,
  /// whoever asks, and is root's own.
  static func check(_ file: String?, environment: [String: String]) -> ConfigReport {
    let system = Places.system()
    let loader = ConfigurationLoader(
      environment: environment,
      places: file == system.configurationFile || (file == nil && getuid() == 0) ? system : nil,
      secrets: .none)
    do throws(ConfigurationFaults) {
      let configuration = try loader.load(file: file)
      return ConfigReport(
        usual: loader.places.configurationFile, files: configuration.sources,
        upstreams: configuration.upstreams.map(\.name), faults: [])
    } catch {
      return ConfigReport(
        usual: loader.places.configurationFile, files: [], faults: error.faults)
    }
  }
}
