import Glibc

/// What the thread of a fake upstream runs: it accepts connections and reads what comes on them,
/// until the test ends.
struct FakeListening {
  private let listener: Descriptor
  private let orders: Descriptor
  private var isOpen: Bool
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

  /// The bytes that come on `orders`.
  static let stop: UInt8 = 0
  static let open: UInt8 = 1

  /// Runs until it is told to stop on `orders`; accepts connections at once or when told to.
  init(
    _ listener: Descriptor, orders: Descriptor, isOpen: Bool,
    accepted: AsyncStream<FakeConnection>.Continuation
  ) {
    self.listener = listener
    self.orders = orders
    self.isOpen = isOpen
    self.accepted = accepted
  }

  mutating func run() {
    while true {
      let watched = [orders.number] + (isOpen ? [listener.number] : []) + open.keys
      var polls = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polls, nfds_t(polls.count), -1) > 0 else { continue }
      let ready = polls.filter { $0.revents != 0 }.map(\.fd)
      if ready.contains(orders.number) {
        guard isToOpen() else { break }
        isOpen = true
        continue
      }
      for descriptor in ready {
        if descriptor == listener.number { accept() } else { read(descriptor) }
      }
    }
    accepted.finish()
    for connection in open.values { connection.finish() }
  }

  private func isToOpen() -> Bool {
    var order = Self.stop
    return Glibc.read(orders.number, &order, 1) == 1 && order == Self.open
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
