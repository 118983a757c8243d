package import Logging
import NIOCore
import NIOPosix
package import PromptConfiguration
import PromptCore
import SQLiteStore
package import Systemd

/// promptd as one call: open, serve, close in reverse.
///
/// What it cannot do without, ends it: it never lives on half-dead.
package struct Daemon: Sendable {
  /// Why serving ended.
  package enum Ending: Sendable {
    /// Somebody asked for it, by this name (a signal's).
    case asked(String)
    /// Something failed that nothing here can mend.
    case failed(String)
  }

  /// An error that ends the daemon.
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  package var configuration: Configuration
  package var logger: Logger
  package var notifier: ServiceNotifier
  /// Listening sockets that systemd handed over; none has promptd bind its own.
  package var inherited: [InheritedSocket]
  /// What writes the entries of `logger`: its level changes with the configuration, and it may be
  /// watched. Nil where something else does.
  package var log: LogWriter?
  /// Reads the configuration again.
  package var load: @Sendable () throws(ConfigurationFaults) -> Configuration

  package init(
    configuration: Configuration, logger: Logger, notifier: ServiceNotifier = ServiceNotifier(),
    inherited: [InheritedSocket] = [], log: LogWriter? = nil,
    load: @escaping @Sendable () throws(ConfigurationFaults) -> Configuration
  ) {
    self.configuration = configuration
    self.logger = logger
    self.notifier = notifier
    self.inherited = inherited
    self.log = log
    self.load = load
  }

  /// Serves until `endings` tells to stop, and returns when all that was started has ended.
  /// The configuration is read again at each of `reloads`. `ready` is called once the socket answers.
  /// Throws what keeps it from serving.
  package func run(
    endings: AsyncStream<Ending>, reloads: AsyncStream<Void> = .init { $0.finish() },
    ready: @Sendable () -> Void = {}
  ) async throws {
    // A database that was not closed is mended when it is opened, which takes as long as it takes.
    notifier.status("Opening the databases")
    notifier.extendTimeout(by: Self.opening)
    let (own, ownEnding) = AsyncStream<Ending>.makeStream()
    let parts = try await DaemonParts(self) { ownEnding.yield($0) }
    do {
      try await parts.open()
    } catch {
      await parts.close()
      throw error
    }
    let line = parts.reports.line()
    ProcessMemory.giveBackCode()
    notifier.ready(status: line)
    logger.log(.serving, [.socket: configuration.listen.socket, .upstream: upstreamNames])
    ready()
    let ending = await first(of: endings, own) { [reloader = parts.reloader] in
      for await _ in reloads { reloader.reload(by: "SIGHUP") { _ in } }
    }
    parts.reloader.stop()
    let stopTimeout = parts.reloader.configuration.service.stopTimeout
    notifier.stopping()
    // The unit's own time may be shorter.
    notifier.extendTimeout(by: stopTimeout + Self.farewell)
    switch ending {
    case .asked(let name):
      logger.log(.stopping, [.detail: name])
      await parts.drain(for: stopTimeout)
    case .failed(let reason):
      logger.log(.failed, [.detail: reason])
      await parts.drain(for: .zero)
    }
    await parts.close()
    logger.log(.notice, "stopped", [:])
    if case .failed(let reason) = ending { throw Failure(description: reason) }
  }

  /// What opening takes at the most.
  private static let opening = Duration.seconds(300)

  /// What closing takes beside what still runs, at the most.
  private static let farewell = Duration.seconds(10)

  private var upstreamNames: String {
    let names = configuration.upstreams.map(\.name)
    return names.isEmpty ? "none" : names.joined(separator: ",")
  }

  /// The first of the endings, until which `meanwhile` runs.
  private func first(
    of endings: AsyncStream<Ending>, _ own: AsyncStream<Ending>,
    meanwhile: @escaping @Sendable () async -> Void
  ) async -> Ending {
    await withTaskGroup(of: Ending?.self) { group in
      group.addTask {
        await meanwhile()
        return nil
      }
      for stream in [endings, own] {
        group.addTask {
          var iterator = stream.makeAsyncIterator()
          return await iterator.next()
        }
      }
      defer { group.cancelAll() }
      while let next = await group.next() {
        if let next { return next }
      }
      return .asked("end")
    }
  }
}
