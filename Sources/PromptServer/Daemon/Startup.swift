import FoundationEssentials
import Glibc
import Logging
import PromptConfiguration
import PromptCore
import PromptProtocol
import Systemd

/// What stands between a command line and a running daemon: configuration, limits and the log.
package struct Startup: Sendable {
  /// The version of the programs.
  package static let version = ProtocolVersion.program

  private let configurationFile: String?
  private let logFormat: String?
  private let isSandbox: Bool

  /// `configurationFile` goes in place of the usual one, `logFormat` before what it says. Where a
  /// sandbox is asked, no key is looked for.
  package init(configurationFile: String?, logFormat: String?, isSandbox: Bool) {
    self.configurationFile = configurationFile
    self.logFormat = logFormat
    self.isSandbox = isSandbox
  }

  /// Runs the daemon to its end and returns the exit code (sysexits.h).
  ///
  /// `host` calls what it is given, with the socket of a sandbox to ask in place of all upstreams,
  /// or nil.
  package func run(
    host: (_ serve: @Sendable (_ sandbox: String?) async throws -> Void) async throws -> Void
  ) async -> Int32 {
    ProcessLimits.fillStandardDescriptors()
    ProcessLimits.forbidCoreDumps()
    ProcessMemory.keepFreed()
    ProcessLimits.raiseDescriptorLimit()
    // libcurl would write the secrets of TLS there for whoever sets it.
    unsetenv("SSLKEYLOGFILE")
    let inherited = InheritedSockets.take()
    do {
      if let fault = inherited.fault {
        throw ConfigurationFaults(faults: [.init(file: nil, message: "\(fault)")])
      }
      let configuration = try load(for: inherited.sockets)
      let wishes = StopSignals.wishes()
      try await host { sandbox in
        try await serve(configuration, sandbox, inherited.sockets, wishes)
      }
      return 0
    } catch let faults as ConfigurationFaults {
      for fault in faults.faults { Self.say("\(fault)") }
      Self.refuseWhoeverWaits(on: inherited.sockets)
      return 78
    } catch let fault as Refusal {
      Self.say(fault.description)
      Self.refuseWhoeverWaits(on: inherited.sockets)
      return 64
    } catch {
      Self.say("\(error)")
      return 69
    }
  }

  /// No start mends a faulty command line either: tells whoever waits.
  package static func refuseWhoeverWaits() {
    refuseWhoeverWaits(on: InheritedSockets.take().sockets)
  }

  /// No start mends this, and systemd starts the service for as long as somebody waits.
  private static func refuseWhoeverWaits(on sockets: [InheritedSocket]) {
    let error = WireError(
      .noUpstream,
      "promptd does not start, because what it was told has a fault: promptctl config check and the "
        + "journal (journalctl -u promptd) name it")
    // Each try is one more start.
    PendingConnections.refuse(on: sockets) {
      RefusalHandler.bytes(of: error, isHTTP: $0, retryAfter: 60)
    }
  }

  private struct Refusal: Error {
    var description: String
  }

  private func read(
    for sockets: [InheritedSocket]
  ) throws(ConfigurationFaults) -> Configuration {
    let configuration = try ConfigurationLoader(
      environment: ProcessInfo.processInfo.environment, secrets: isSandbox ? .tokens : .all
    ).load(file: configurationFile)
    if configuration.listen.httpTokens.isEmpty, sockets.contains(where: { $0.kind == .loopback }) {
      throw ConfigurationFaults(faults: [.noTokens(in: configuration.file)])
    }
    return configuration
  }

  private func load(for sockets: [InheritedSocket]) throws -> Configuration {
    var configuration = try read(for: sockets)
    if let logFormat {
      guard let format = PromptConfiguration.LogFormat(rawValue: logFormat) else {
        throw Refusal(description: "--log-format must be auto, journal, text or json")
      }
      configuration.log.format = format
    }
    return configuration
  }

  private func serve(
    _ configuration: Configuration, _ sandbox: String?, _ inherited: [InheritedSocket],
    _ wishes: StopSignals.Wishes
  ) async throws {
    var configuration = configuration
    if let sandbox { configuration.upstreams = [.sandbox(socket: sandbox)] }
    if let first = inherited.first(where: { $0.kind == .unix }) {
      configuration.listen.socket = first.path
    }
    let files = [configuration.cache.file, configuration.state.file]
    // The socket of systemd is where systemd put it.
    for file in files + (inherited.isEmpty ? [configuration.listen.socket] : []) {
      if let folder = StrangersFolder(above: file) { throw folder }
    }
    let writer = LogWriter(format: configuration.log.writerFormat)
    defer { writer.stop() }
    writer.level = configuration.log.level.loggerLevel
    let logger = Logger(label: "promptd") { _ in JournalLogHandler(writer: writer) }
    if sandbox != nil {
      logger.log(.sandboxAsked)
    }
    let daemon = Daemon(
      configuration: configuration, logger: logger, inherited: inherited, log: writer,
      load: { () throws(ConfigurationFaults) in
        var configuration = try read(for: inherited)
        if let sandbox { configuration.upstreams = [.sandbox(socket: sandbox)] }
        return configuration
      })
    defer { daemon.notifier.flush() }
    try await daemon.run(endings: wishes.endings, reloads: wishes.reloads)
  }

  private static func say(_ text: String) {
    let bytes = Array("promptd: \(text)\n".utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

extension ConfigurationFault {
  /// systemd hands over the HTTP listener, and nobody has a token for it.
  fileprivate static func noTokens(in file: String) -> ConfigurationFault {
    ConfigurationFault(
      file: file, keyPath: "listen",
      message: "systemd hands over a socket named \(InheritedSockets.loopbackName), which needs "
        + "http_tokens_file or http_tokens_credential: without a token every request is refused")
  }
}
