import Dispatch
import JSON
import Logging
import NIOCore
import PromptConfiguration
import PromptCore
import PromptProtocol
import SQLiteStore
import Synchronization
import Systemd

/// Takes over a changed configuration while everything goes on: all of it, or nothing where it has
/// a fault. One time after the other, on a thread of its own.
final class Reloader: Sendable {
  /// What changes with the configuration.
  struct Parts: Sendable {
    var broker: Broker
    var models: ModelDirectory
    var store: SQLiteAnswerStore
    var gate: ConnectionGate
    var clients: ClientRegistry
    var mailboxes: [LoopMailbox]
  }

  private struct Contents {
    var configuration: Configuration
    /// The rules that are in force were the so-manieth.
    var number = 0
    /// In place of the configuration's.
    var logLevel: LogLevel?

    var levelInForce: LogLevel { logLevel ?? configuration.log.level }
  }

  private let daemon: Daemon
  private let parts: Parts
  private let status: @Sendable () -> String
  private let contents: Mutex<Contents>
  private let queue = DispatchQueue(label: "promptd.reload")
  private let isStopped = Mutex(false)

  /// `status` is what systemd is told once a reload is over.
  init(_ daemon: Daemon, _ parts: Parts, status: @escaping @Sendable () -> String) {
    self.daemon = daemon
    self.parts = parts
    self.status = status
    contents = Mutex(Contents(configuration: daemon.configuration))
  }

  /// The configuration that is in force.
  var configuration: Configuration { contents.withLock(\.configuration) }

  /// Reads the configuration again for whoever asks, by this name, and takes it over.
  func reload(
    by name: String,
    then completion: @escaping @Sendable (Result<[ConfigurationChange], WireError>) -> Void
  ) {
    queue.async { [self] in
      unlessStopped { daemon.notifier.reloading() }
      let result = reload(by: name)
      unlessStopped { daemon.notifier.ready(status: status()) }
      completion(result)
    }
  }

  /// Takes nothing over any more, and says nothing of it to systemd; waits until what is being taken
  /// over is.
  func stop() { isStopped.withLock { $0 = true } }

  /// Runs `body` unless the daemon stops, which waits for it. Event loops run on meanwhile.
  @discardableResult
  private func unlessStopped(_ body: () -> Void) -> Bool {
    isStopped.withLock { isStopped in
      if !isStopped { body() }
      return !isStopped
    }
  }

  /// `reload` or `log.level` for a client that waits at `route`.
  func take(
    _ method: RPCMethod, _ params: JSONValue?, _ request: RequestID, by route: Route,
    _ caller: Caller
  ) throws(WireError) {
    guard caller.policy.admin else {
      throw WireError(
        .forbidden,
        method == .reload
          ? "only administrators may reload the configuration"
          : "only administrators may see and change the level of the log")
    }
    guard method == .reload else {
      let level = try Self.level(params)
      return queue.async { [self] in
        if let level { unlessStopped { setLevel(level, by: caller.policy.name) } }
        route.send(.told(.success(levelJSON)), of: request)
      }
    }
    try params.check([])
    reload(by: caller.policy.name) { result in
      route.send(.told(result.map(Self.json)), of: request)
    }
  }

  /// The level that is wished; nil where it is only asked for.
  private static func level(_ params: JSONValue?) throws(WireError) -> LogLevel? {
    try params.check(["level"])
    guard let value = params?["level"], !value.isNull else { return nil }
    guard let level = value.string.flatMap(LogLevel.init(rawValue:)) else {
      let known = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
      throw WireError(.invalidParams, "level must be one of \(known)", param: "level")
    }
    return level
  }

  private var levelJSON: [UInt8] {
    let (level, configured) = contents.withLock { ($0.levelInForce, $0.configuration.log.level) }
    var writer = JSONWriter()
    writer.object {
      $0.member("level", level.rawValue)
      $0.member("configured", configured.rawValue)
    }
    return writer.bytes
  }

  /// Has another level in force until the configuration is read again.
  private func setLevel(_ level: LogLevel, by name: String) {
    let old = contents.withLock(\.levelInForce)
    guard level != old else { return }
    func note() {
      daemon.logger.log(
        .logLevelChanged, [.client: name, .detail: "from \(old) to \(level)"])
    }
    // A quieter log says so before it is.
    let isQuieter = level.loggerLevel > old.loggerLevel
    if isQuieter { note() }
    contents.withLock { $0.logLevel = level }
    distribute(configuration, parts.broker.look(\.origins))
    if !isQuieter { note() }
  }

  /// `config.get`: what the files say that are in force, and which of them says it.
  func told(_ params: JSONValue?, to caller: Caller) throws(WireError) -> [UInt8] {
    guard caller.policy.admin else {
      throw WireError(.forbidden, "only administrators may see the configuration")
    }
    try params.check([])
    let configuration = configuration
    var writer = JSONWriter()
    writer.object { writer in
      writer.name("files")
      writer.array { for file in configuration.sources { $0.string(file) } }
      writer.name("rows")
      writer.array { writer in
        for (key, value) in configuration.written.sorted(by: { $0.key < $1.key }) {
          writer.object {
            $0.member("key", key)
            $0.member("value", Configuration.isSecret(key) ? "(not shown)" : value.text)
            if let file = value.file { $0.member("file", file) }
          }
        }
      }
    }
    return writer.bytes
  }

  private func reload(by name: String) -> Result<[ConfigurationChange], WireError> {
    let old = configuration
    do throws(ConfigurationFaults) {
      let read = try daemon.load()
      let changes = old.changes(to: read)
      let isTaken = unlessStopped {
        apply(read.replacing(old))
        log(changes, by: name)
      }
      return isTaken ? .success(changes) : .failure(.stopping)
    } catch {
      log(error, by: name)
      return .failure(Self.wireError(error))
    }
  }

  private func apply(_ new: Configuration) {
    let upstreams = new.upstreams.map(Upstream.init)
    let (lanes, origins) = parts.broker.reconfigure(
      upstreams, rules: .init(new))
    parts.models.reconfigure(zip(lanes, upstreams).map { ($0, $1.policy) })
    let limits = ConnectionLimits(new, descriptors: ProcessLimits.descriptors)
    CallLog(daemon.logger).note(limits)
    parts.gate.limit(to: limits)
    parts.store.keepExpired(seconds: new.cache.policy.staleIfError.components.seconds)
    contents.withLock { contents in
      contents.configuration = new
      contents.logLevel = nil
    }
    distribute(new, origins)
  }

  /// Gives each event loop rules, and the log its level.
  private func distribute(_ configuration: Configuration, _ origins: Origins) {
    let (number, level) = contents.withLock { contents in
      contents.number += 1
      return (contents.number, contents.levelInForce)
    }
    daemon.log?.level = level.loggerLevel
    let rules = ServingRules(
      configuration, number: number, logLevel: level, origins: origins, clients: parts.clients,
      broker: parts.broker)
    let changed = parts.mailboxes.map { mailbox in
      mailbox.eventLoop.submit { mailbox.tools.value.take(rules) }
    }
    for future in changed {
      // A loop that has ended serves nobody.
      do { try future.wait() } catch { continue }
    }
  }

  // MARK: Saying

  private func log(_ changes: [ConfigurationChange], by name: String) {
    for change in changes {
      daemon.logger.log(
        .notice, change.needsRestart ? "configuration: needs a restart" : "configuration: changed",
        [.detail: change.text])
    }
    daemon.logger.log(
      .configurationRead, [.client: name, .detail: "\(changes.count) keys changed"])
  }

  private func log(_ faults: ConfigurationFaults, by name: String) {
    for fault in faults.faults {
      daemon.logger.log(.error, "configuration: fault", [.detail: "\(fault)"])
    }
    daemon.logger.log(
      .configurationFaulty,
      [
        .client: name,
        .detail: "the old one stays in force; promptctl config check shows the faults",
      ])
  }

  private static func wireError(_ faults: ConfigurationFaults) -> WireError {
    let list = faults.faults.map { "\($0)" }.joined(separator: "; ")
    return WireError(.invalidParams, "the old configuration stays in force: \(list)")
  }

  private static func json(_ changes: [ConfigurationChange]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      for (name, needsRestart) in [("changed", false), ("needs_restart", true)] {
        writer.name(name)
        writer.array {
          for change in changes where change.needsRestart == needsRestart { $0.string(change.key) }
        }
      }
    }
    return writer.bytes
  }
}
