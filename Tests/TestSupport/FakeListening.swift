import Glibc

/// What the thread of a fake upstream runs: it accepts connections and reads what comes on them,
/// until the test ends.
struct FakeListening {
  private let listener: Descriptor
  private let stop: Descriptor
  private let accepted: AsyncStream<FakeConnection>.Continuation
  private var open: [Int32: Connection] = [:]

  /// What is needed of a connection here.
  private struct Connection {
    var socket: Descriptor
    var incoming: AsyncStream<[UInt8]>.Continuation
    var ending: AsyncStream<Never>.Continuation

    func finish() {
      incoming.finish()
      ending.finish()
    }
  }

  /// Runs until `stop` is readable or its other end closed.
  init(
    _ listener: Descriptor, stop: Descriptor, accepted: AsyncStream<FakeConnection>.Continuation
  ) {
    self.listener = listener
    self.stop = stop
    self.accepted = accepted
  }

  mutating func run() {
    while true {
      let watched = [stop.number, listener.number] + open.keys
      var polls = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polls, nfds_t(polls.count), -1) > 0 else { continue }
      let ready = polls.filter { $0.revents != 0 }.map(\.fd)
      if ready.contains(stop.number) { break }
      for descriptor in ready {
        if descriptor == listener.number { accept() } else { read(descriptor) }
      }
    }
    accepted.finish()
    for connection in open.values { connection.finish() }
  }

  private mutating func accept() {
    let socket: Descriptor
    do { socket = try Descriptor(Glibc.accept(listener.number, nil, nil)) } catch {
      return print("a fake upstream could not accept: \(error)")
    }
    let (stream, incoming) = AsyncStream<[UInt8]>.makeStream()
    let (end, ending) = AsyncStream<Never>.makeStream()
    open[socket.number] = Connection(socket: socket, incoming: incoming, ending: ending)
    accepted.yield(FakeConnection(socket, incoming: stream, ending: end))
  }

  private mutating func read(_ descriptor: Int32) {
    var room = [UInt8](repeating: 0, count: 64 * 1024)
    let count = recv(descriptor, &room, room.count, 0)
    if count > 0 {
      open[descriptor]?.incoming.yield(Array(room.prefix(count)))
    } else {
      open.removeValue(forKey: descriptor)?.finish()
    }
  }
}
