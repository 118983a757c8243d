import Dispatch
import Glibc
import JSON
import PromptSandbox
import Synchronization
import TestSupport

/// A daemon in this process, with a sandbox behind it, that one fuzzed connection after the other is
/// made to, all of them by a user who administers nothing.
final class LiveDaemon: Sendable {
  static let shared = Result { try LiveDaemon() }

  let socket: String

  private init() throws {
    let folder = try TemporaryFolder()
    guard chmod(folder.path, 0o755) == 0 else { throw Broken("the folder keeps its mode") }
    socket = folder["promptd.sock"]
    let isReady = DispatchSemaphore(value: 0)
    let fault = Mutex<String?>(nil)
    Task.detached {
      do {
        // Of one model, so that no made-up name makes the sandbox silent.
        try await DaemonFixture.run(
          listen: #"mode = "0666""#, cache: "keep_sandbox = true", upstream: #"models = ["m"]"#,
          in: folder
        ) { _ in
          isReady.signal()
          for await _ in AsyncStream<Void>.makeStream().stream {}
        }
      } catch {
        fault.withLock { $0 = "\(error)" }
        isReady.signal()
      }
    }
    isReady.wait()
    if let text = fault.withLock({ $0 }) { throw Broken("no daemon: \(text)") }
  }
}

/// Whatever is sent to the daemon in this process, it answers.
func fuzzConnection(_ input: [UInt8]) throws(Broken) {
  let daemon: LiveDaemon
  do { daemon = try LiveDaemon.shared.get() } catch { throw Broken("\(error)") }
  try fuzzConnection(input, to: daemon.socket)
}

/// Whatever is sent, a daemon answers in the dialect that the first byte tells, and closes. It blocks.
package func fuzzConnection(_ input: [UInt8], to socket: String) throws(Broken) {
  let reply: [UInt8]
  do {
    reply = try answer(input, of: socket)
  } catch let broken as Broken {
    throw broken
  } catch {
    throw Broken("\(error)")
  }
  guard !reply.isEmpty else { return }
  if let first = input.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) {
    return try mustHold(reply.starts(with: "HTTP/1.".utf8), "the reply is no HTTP")
  }
  for line in reply.split(separator: UInt8(ascii: "\n")) {
    try mustHold((try? JSONTree(parsing: Array(line))) != nil, "a line of the reply is no JSON")
  }
}

/// Whoever administers nothing.
private let stranger = UserThread(65534, groups: [65534])

/// Sends all of it and says that nothing more will come; what came back until the daemon closed.
private func answer(_ input: [UInt8], of socket: String) throws -> [UInt8] {
  let descriptor = try stranger.connect(to: socket)
  defer { close(descriptor) }
  var patience = timeval(tv_sec: 20, tv_usec: 0)
  setsockopt(
    descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  var sent = 0
  while sent < input.count {
    let count = input[sent...].withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    // It may have been refused and closed by then.
    guard count > 0 else { break }
    sent += count
  }
  shutdown(descriptor, Int32(SHUT_WR))
  var reply: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0, errno == EAGAIN { throw Broken("the daemon did not close within 20 s") }
    guard count > 0 else { return reply }
    reply += buffer[..<count]
  }
}
