import Dispatch
import Glibc
import LoadGenerator

/// A server on a Unix socket that treats one client as a test says, on a thread of its own.
final class ScriptedServer {
  let endpoint: Endpoint
  private let path: String
  private let listener: Int32
  private let ended = DispatchGroup()

  /// Listens, and hands the first client's descriptor to `serve`.
  init(_ serve: @escaping @Sendable (Int32) -> Void) throws {
    let path = "/tmp/promptd-bench-test-\(UInt32.random(in: 0 ... .max)).sock"
    self.path = path
    endpoint = .unix(path)
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let code = withUnsafeBytes(of: address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        bind(listener, $0.baseAddress, socklen_t(bytes.count))
      }
    }
    guard code == 0, listen(listener, 16) == 0 else {
      throw LoadError.system(call: "listen", code: errno)
    }
    DispatchQueue(label: "promptd.bench.test").async(group: ended) { [listener] in
      let client = accept(listener, nil, nil)
      serve(client)
      close(client)
    }
  }

  deinit {
    // It is in the way of nobody, and who waits in accept(2) is woken.
    shutdown(listener, Int32(SHUT_RDWR))
    ended.wait()
    close(listener)
    unlink(path)
  }

  /// Answers every line, each after so many milliseconds; returns when the client has gone.
  static func answer(_ client: Int32, with line: String, after milliseconds: Int32) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      for _ in buffer[..<count].filter({ $0 == 0x0A }) {
        poll(nil, 0, milliseconds)
        let answer = Array("\(line)\n".utf8)
        send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
      }
    }
  }
}
