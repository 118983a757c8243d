import Glibc

/// A load being driven: one thread, one epoll(7) set, and no allocation for a request.
///
/// Answers are matched to requests in their order on each connection. promptd keeps the order of
/// hits; where it does not (misses as JSON-RPC, more than one in flight) the latencies of a
/// connection's requests are told in another order, and their sum is right.
final class LoadRun<Scanner: AnswerScanner> {
  private static var receiveSize: Int { 256 << 10 }

  private let load: Load
  private let poller: Poller
  private let clients: UnsafeMutableBufferPointer<Client>
  /// Beside the clients, since these change while a scanner finds their answers.
  private let scanners: UnsafeMutableBufferPointer<Scanner>
  /// For each client a ring of `depth` times at which its requests were due.
  private let due: UnsafeMutableBufferPointer<UInt64>
  private let buffer: UnsafeMutableRawBufferPointer

  private var figures = LoadFigures()
  private var schedule: ArrivalSchedule?
  private var free: FreeLine
  private var openClients = 0
  private var outstanding = 0
  /// Requests that may still be taken.
  private var left: Int
  /// Answers that still belong to the warm-up.
  private var warming: Int
  private var begun: UInt64 = 0
  /// When a load by time ends.
  private var end = UInt64.max

  /// Throws `.system` where the kernel gives no descriptor; connections are made by `run`.
  init(_ load: Load, _ scanner: Scanner) throws(LoadError) {
    self.load = load
    poller = try Poller()
    clients = .allocate(capacity: load.connections)
    clients.initialize(repeating: Client(descriptor: -1))
    scanners = .allocate(capacity: load.connections)
    scanners.initialize(repeating: scanner)
    due = .allocate(capacity: load.connections * load.depth)
    due.initialize(repeating: 0)
    buffer = .allocate(byteCount: Self.receiveSize, alignment: 64)
    free = FreeLine(capacity: load.connections)
    warming = load.warmUp
    switch load.length {
    case .requests(let count): left = count + load.warmUp
    case .seconds: left = .max
    }
  }

  deinit {
    for client in clients where client.isOpen { close(client.descriptor) }
    clients.deallocate()
    scanners.deinitialize()
    scanners.deallocate()
    due.deallocate()
    buffer.deallocate()
  }

  /// Connects, drives the load to its end, and says what came of it.
  func run() throws(LoadError) -> LoadFigures {
    for index in clients.indices { try connect(index) }
    // Typed throws do not go through the closures that lend an array's memory.
    let result: Result<Void, LoadError> = load.requests.bytes.withUnsafeBytes { bytes in
      load.requests.starts.withUnsafeBufferPointer { starts in
        var cursor = RequestCursor(bytes: bytes, starts: starts)
        return Result { () throws(LoadError) in try self.drive(&cursor) }
      }
    }
    try result.get()
    return figures
  }

  private func connect(_ index: Int) throws(LoadError) {
    let descriptor = try load.endpoint.connect()
    clients[index].descriptor = descriptor
    openClients += 1
    guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw .failed("fcntl") }
    try poller.add(descriptor, tag: UInt64(index))
  }

  // MARK: The loop

  private func drive(_ cursor: inout RequestCursor) throws(LoadError) {
    let now = MonotonicClock.now()
    if warming == 0 { begin(now) }
    try startAll(&cursor, now)
    var silentSince = now
    while openClients > 0, outstanding > 0 || mayTake {
      let answersBefore = figures.bytesReceived
      _ = try poller.wait(milliseconds: 100) { ready throws(LoadError) in
        try self.became(ready, &cursor)
      }
      let now = MonotonicClock.now()
      if figures.bytesReceived > answersBefore || outstanding == 0 { silentSince = now }
      if now >= end, schedule == nil { left = 0 }
      guard now - silentSince < UInt64(load.patience) * 1_000_000_000 else {
        throw .silence(seconds: load.patience, waiting: outstanding)
      }
    }
  }

  /// Whether another request may be sent. In an open load one that was due in time is, however
  /// late there is a client for it: what a slow server has put off is not left out.
  private var mayTake: Bool {
    guard left > 0 else { return false }
    return schedule.map { $0.next < end } ?? true
  }

  private func startAll(_ cursor: inout RequestCursor, _ now: UInt64) throws(LoadError) {
    switch load.pace {
    case .closed:
      for index in clients.indices { try fill(index, &cursor, now) }
    case .open(let perSecond):
      schedule = ArrivalSchedule(start: now, perSecond: perSecond)
      for index in clients.indices { noteFree(index) }
      try sendDue(&cursor, now)
    }
  }

  private func became(
    _ ready: Poller.Readiness, _ cursor: inout RequestCursor
  ) throws(LoadError) {
    guard ready.tag != Poller.timerTag else {
      return try sendDue(&cursor, MonotonicClock.now())
    }
    let index = Int(ready.tag)
    if ready.canSend, clients[index].isOpen {
      try flush(index)
      if schedule == nil { try fill(index, &cursor, MonotonicClock.now()) }
    }
    guard ready.canReceive, clients[index].isOpen, receive(index) else { return }
    if schedule == nil {
      try fill(index, &cursor, lastReceived)
    } else {
      noteFree(index)
      try sendDue(&cursor, lastReceived)
    }
  }

  // MARK: Sending

  /// Sends as many requests as a client of a closed load has room for.
  private func fill(
    _ index: Int, _ cursor: inout RequestCursor, _ now: UInt64
  ) throws(LoadError) {
    if now >= end { left = 0 }
    while clients[index].isOpen, clients[index].unsent.isEmpty {
      let room = min(load.depth - clients[index].outstanding, left)
      guard room > 0 else { return }
      let taken = cursor.take(load.gathers ? room : 1)
      for _ in 0..<taken.count { noteSent(index, now) }
      clients[index].unsent = taken.bytes
      try flush(index)
    }
  }

  /// Sends what is due in an open load while a client is free, and sets the timer for the next.
  private func sendDue(_ cursor: inout RequestCursor, _ now: UInt64) throws(LoadError) {
    while mayTake, let next = schedule?.next, next <= now, let index = nextFree() {
      guard let time = schedule?.take(now) else { return }
      noteSent(index, time)
      clients[index].unsent = cursor.take(1).bytes
      try flush(index)
      noteFree(index)
    }
    // With requests that are late for want of a client, the next answer goes on.
    if mayTake, let next = schedule?.next, next > now { try poller.setTimer(next) }
  }

  private func nextFree() -> Int? {
    while let index = free.popFirst() {
      clients[index].isFree = false
      if clients[index].isOpen { return index }
    }
    return nil
  }

  private func noteFree(_ index: Int) {
    let client = clients[index]
    guard client.isOpen, !client.isFree, client.unsent.isEmpty, client.outstanding < load.depth
    else { return }
    clients[index].isFree = true
    free.append(index)
  }

  private func noteSent(_ index: Int, _ time: UInt64) {
    let client = clients[index]
    due[index * load.depth + (client.oldest + client.outstanding) % load.depth] = time
    clients[index].outstanding += 1
    outstanding += 1
    left -= 1
  }

  private func flush(_ index: Int) throws(LoadError) {
    var rest = clients[index].unsent
    while !rest.isEmpty {
      let count = send(
        clients[index].descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      if count < 0 {
        if errno == EINTR { continue }
        guard errno == EAGAIN else { return lose(index) }
        break
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
    clients[index].unsent = rest
    if clients[index].waitsToSend == rest.isEmpty {
      clients[index].waitsToSend = !rest.isEmpty
      try poller.watchSending(
        !rest.isEmpty, clients[index].descriptor, tag: UInt64(index))
    }
  }

  // MARK: Receiving

  /// When bytes came last.
  private var lastReceived: UInt64 = 0

  /// Takes what has come; false if nothing has, or the connection is lost.
  private func receive(_ index: Int) -> Bool {
    let count = recv(clients[index].descriptor, buffer.baseAddress, buffer.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return false }
    guard count > 0 else {
      lose(index)
      return false
    }
    let now = MonotonicClock.now()
    lastReceived = now
    figures.bytesReceived += count
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    let isAllowed = scanners[index].scan(bytes) { event in
      switch event {
      case .firstChunk: noteFirstChunk(index, now)
      case .ended(let isError): noteAnswer(index, now, isError ? bytes : nil)
      }
    }
    if !isAllowed { lose(index) }
    return isAllowed
  }

  private func noteFirstChunk(_ index: Int, _ now: UInt64) {
    guard clients[index].outstanding > 0, warming == 0 else { return }
    figures.firstChunks.add(now - due[index * load.depth + clients[index].oldest])
  }

  private func noteAnswer(_ index: Int, _ now: UInt64, _ error: UnsafeRawBufferPointer?) {
    if let error { noteError(error) }
    // More answers than requests: not a server of this dialect.
    guard clients[index].outstanding > 0 else { return noteError(UnsafeRawBufferPointer(buffer)) }
    let since = due[index * load.depth + clients[index].oldest]
    clients[index].oldest = (clients[index].oldest + 1) % load.depth
    clients[index].outstanding -= 1
    outstanding -= 1
    guard warming == 0 else {
      warming -= 1
      if warming == 0 { begin(now) }
      return
    }
    figures.latencies.add(now - since)
    // What a load by time leaves under way is waited for, and would stretch the time.
    guard now < end else { return }
    figures.answers += 1
    figures.seconds = Double(now - begun) / 1e9
  }

  private func noteError(_ bytes: UnsafeRawBufferPointer) {
    figures.errors += 1
    if figures.firstError == nil {
      figures.firstError = String(decoding: bytes.prefix(300), as: UTF8.self)
    }
  }

  private func lose(_ index: Int) {
    close(clients[index].descriptor)
    clients[index].descriptor = -1
    openClients -= 1
    outstanding -= clients[index].outstanding
    figures.connectionsLost += 1
  }

  private func begin(_ now: UInt64) {
    begun = now
    if case .seconds(let seconds) = load.length { end = now + UInt64(seconds * 1e9) }
  }
}
