import NIOCore
import Synchronization

/// The open connections of a sandbox, to be closed when it stops.
final class ConnectionSet: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Takes a connection in until it closes; one that comes after `close` is closed at once.
  func add(_ channel: any Channel) {
    let key = ObjectIdentifier(channel)
    let isLate = state.withLock { state in
      if !state.isClosed { state.channels[key] = channel }
      return state.isClosed
    }
    if isLate { return channel.close(promise: nil) }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.state.withLock { _ = $0.channels.removeValue(forKey: key) }
    }
  }

  /// Closes all connections and returns them; they need not be closed when this returns.
  func close() -> [any Channel] {
    let channels = state.withLock { state in
      state.isClosed = true
      return Array(state.channels.values)
    }
    for channel in channels { channel.close(promise: nil) }
    return channels
  }
}
