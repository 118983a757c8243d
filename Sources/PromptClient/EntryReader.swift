import Glibc
package import JSON
import NIOCore
package import PromptProtocol

/// Reads entries of the cache, or news of the daemon, on the calling thread, no faster than they are
/// taken: however many there are, little of them is in memory.
package enum EntryReader {
  /// Calls a method whose entries come one by one; gives each to `take` as JSON (news with what it
  /// is about), until it says that it is enough, and returns the result, nil if it was enough before
  /// that. Throws `ClientError`,
  /// and what `take` throws.
  package static func read(
    _ method: RPCMethod, _ params: [UInt8], from path: String,
    _ take: ([UInt8]) throws -> Bool
  ) throws -> JSONTree? {
    let socket = OpenDescriptor(try SocketDialer.connect(to: path))
    let call = Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method.rawValue)","params":"#.utf8)
    var lines = LineReader(limit: Connection.longestLine)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    do {
      try BlockingIO.write(call + params + Array("}\n".utf8), to: socket.number)
      while true {
        let count = try BlockingIO.read(socket.number, into: &buffer)
        guard count > 0 else { throw ClientError.connectionLost }
        lines.add(ByteBuffer(bytes: buffer[..<count]))
        while let line = try lines.next() {
          switch try message(line) {
          case .entry(let entry): if try !take(entry) { return nil }
          case .result(let result): return result
          }
        }
      }
    } catch is BlockingIO.Fault {
      throw ClientError.connectionLost
    } catch is LineReader.TooLong {
      throw ClientError.notPromptd(reason: "a line is over \(lines.limit >> 20) MiB")
    } catch let error as JSONError {
      throw ClientError.notPromptd(reason: "a line is no JSON: it \(error)")
    }
  }

  private enum Message {
    case entry([UInt8])
    case result(JSONTree)
  }

  private static func message(_ line: ByteBuffer) throws -> Message {
    try JSONParser().withDocument(of: line.readableBytesView) { root in
      if let error = root["error"] { throw ClientError.refused(DaemonError(error, in: root)) }
      if root["method"]?.isString("cache.entry") == true, let entry = root["params"]?["entry"] {
        return .entry(Array(entry.raw))
      }
      if root["method"]?.isString("event") == true, let news = root["params"] {
        return .entry(Array(news.raw))
      }
      guard let result = root["result"] else {
        throw ClientError.notPromptd(reason: "a line is neither an entry nor a result")
      }
      return .result(JSONTree(result))
    }
  }
}
