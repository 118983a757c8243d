import Glibc
package import NIOCore
import NIOHTTP1
import NIOPosix

/// A stand-in for the chat-completions API, served over HTTP/1.1 in this process.
///
/// Answers are a pure function of the body, `id` and `created` included: no clock and no chance
/// has a part in them. Only `times` in a model's name makes a call depend on those before it. A
/// connection whose sending half is closed counts as gone.
package final class Sandbox: Sendable {
  /// Where a sandbox listens.
  package enum Place: Equatable, Sendable {
    /// A Unix socket at this path; a socket that is there already is replaced.
    case unix(String)
    /// A port of 127.0.0.1; 0 asks for any that is free.
    case loopback(port: Int)
  }

  /// Why a sandbox cannot listen.
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  /// Where it listens, with the port that it got.
  package let address: Place
  /// What it has been asked so far.
  package let calls: SandboxCalls
  private let listener: any Channel
  private let connections: ConnectionSet

  private init(
    _ address: Place, _ calls: SandboxCalls, _ listener: any Channel, _ connections: ConnectionSet
  ) {
    self.address = address
    self.calls = calls
    self.listener = listener
    self.connections = connections
  }

  /// Starts a sandbox that listens when this returns; without a group it runs on the process's
  /// shared event loops. Throws `Failure`.
  package static func start(
    on place: Place, group: (any EventLoopGroup)? = nil
  ) async throws -> Sandbox {
    let calls = SandboxCalls()
    let connections = ConnectionSet()
    let bootstrap = ServerBootstrap(group: group ?? MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelInitializer { channel in
        connections.add(channel)
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(APIConnection(calls: calls))
        }
      }
    do {
      switch place {
      case .unix(let path):
        let listener = try await bootstrap.bind(
          unixDomainSocketPath: path, cleanupExistingSocketFile: true
        ).get()
        return Sandbox(place, calls, listener, connections)
      case .loopback(let port):
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
        let port = listener.localAddress?.port ?? port
        return Sandbox(.loopback(port: port), calls, listener, connections)
      }
    } catch {
      throw Failure(description: "the sandbox cannot listen on \(place.name): \(error)")
    }
  }

  /// Stops listening, closes all connections and removes the socket; returns when all is done.
  package func stop() async {
    calls.stopping()
    listener.close(promise: nil)
    await Self.waitUntilClosed(listener)
    for connection in connections.close() { await Self.waitUntilClosed(connection) }
    if case .unix(let path) = address { unlink(path) }
  }

  private static func waitUntilClosed(_ channel: any Channel) async {
    // A channel that closes with an error is closed all the same.
    do { try await channel.closeFuture.get() } catch { return }
  }
}

extension Sandbox.Place {
  /// The place in messages to people: a path, or a URL.
  package var name: String {
    switch self {
    case .unix(let path): path
    case .loopback(let port): "http://127.0.0.1:\(port)"
    }
  }
}
