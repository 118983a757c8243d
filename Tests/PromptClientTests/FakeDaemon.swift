import Dispatch
import Glibc
import JSON
import Synchronization

@testable import PromptClient

/// A daemon that says what a test tells it to, on a socket in a folder of its own. A thread accepts
/// and one reads for each connection.
final class FakeDaemon: Sendable {
  typealias Answer = @Sendable (JSONTree, Peer) -> Void

  /// The other end of one connection.
  struct Peer: Sendable {
    let descriptor: CInt

    func say(_ line: String) {
      do {
        try BlockingIO.write((line + "\n").utf8, to: descriptor)
      } catch {
        // The client has gone, which is what some tests are about.
      }
    }

    func result(_ id: JSONTree?, _ result: String) {
      say(#"{"jsonrpc":"2.0","id":\#(id?.text ?? "null"),"result":\#(result)}"#)
    }

    func chunk(_ id: JSONTree?, _ chunk: String) {
      say(
        #"{"jsonrpc":"2.0","method":"chat.chunk","params":{"id":\#(id?.text ?? "null"),"#
          + #""chunk":\#(chunk)}}"#)
    }

    func hangUp() { shutdown(descriptor, CInt(SHUT_RDWR)) }
  }

  let path: String
  /// Every line that came, as it came.
  let lines: AsyncStream<String>
  private let record: AsyncStream<String>.Continuation
  private let listener: CInt
  private let greeting: String?
  private let answer: Answer
  private let threads = DispatchGroup()
  private let peers = Mutex<Set<CInt>>([])

  private init(path: String, greeting: String?, answer: @escaping Answer) throws {
    self.path = path
    self.greeting = greeting
    self.answer = answer
    (lines, record) = AsyncStream.makeStream()
    listener = try Self.listen(at: path)
  }

  /// Serves for the length of `body`: `greeting` to whoever connects, then what `answer` makes of
  /// each line.
  @discardableResult
  static func serving<Result: Sendable>(
    greeting: String? = nil, _ answer: @escaping Answer = { _, _ in },
    _ body: (FakeDaemon) async throws -> Result
  ) async throws -> Result {
    try await TemporaryFolder.with { folder in
      let daemon = try FakeDaemon(path: "\(folder)/d.sock", greeting: greeting, answer: answer)
      daemon.start()
      do {
        let result = try await body(daemon)
        await daemon.stop()
        return result
      } catch {
        await daemon.stop()
        throw error
      }
    }
  }

  /// The first line for which `isWanted` holds, once it has come.
  func line(where isWanted: (String) -> Bool) async -> String? {
    for await line in lines where isWanted(line) { return line }
    return nil
  }

  /// A listening socket at `path`.
  static func listen(at path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0, Glibc.listen(descriptor, 16) == 0 else {
      throw BlockingIO.Fault(code: errno)
    }
    return descriptor
  }

  private func start() {
    signal(SIGPIPE, SIG_IGN)
    DispatchQueue(label: "fake.accept").async(group: threads) { [self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        if descriptor < 0 { break }
        peers.withLock { _ = $0.insert(descriptor) }
        DispatchQueue(label: "fake.peer").async(group: threads) { [self] in serve(descriptor) }
      }
    }
  }

  private func stop() async {
    shutdown(listener, CInt(SHUT_RDWR))
    peers.withLock { for peer in $0 { shutdown(peer, CInt(SHUT_RDWR)) } }
    await withCheckedContinuation { done in threads.notify(queue: .global()) { done.resume() } }
    close(listener)
    record.finish()
  }

  private func serve(_ descriptor: CInt) {
    let peer = Peer(descriptor: descriptor)
    if let greeting { peer.say(greeting) }
    var waiting: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while let read = Self.read(descriptor, into: &buffer) {
      waiting += read
      while let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
        take(Array(waiting[..<end]), peer)
        waiting.removeSubrange(...end)
      }
    }
    peers.withLock { _ = $0.remove(descriptor) }
    close(descriptor)
  }

  /// Some bytes, or nil at the end, which a broken connection is too.
  private static func read(
    _ descriptor: CInt, into buffer: inout [UInt8]
  ) -> ArraySlice<UInt8>? {
    do {
      let count = try BlockingIO.read(descriptor, into: &buffer)
      return count == 0 ? nil : buffer[..<count]
    } catch {
      return nil
    }
  }

  private func take(_ line: [UInt8], _ peer: Peer) {
    record.yield(String(decoding: line, as: UTF8.self))
    do {
      answer(try JSONTree(parsing: line), peer)
    } catch {
      peer.say(#"{"error":{"message":"no JSON","type":"parse_error"}}"#)
    }
  }
}
