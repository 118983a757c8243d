import Glibc

extension ScriptedUpstream {
  /// Waits until somebody waits for a connection to its port, or nobody does any more.
  package func waitUntil(isDialled: Bool) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(60))
    while try self.isDialled != isDialled {
      guard ContinuousClock.now < end else {
        throw ConnectionFailure(description: "whether it is dialled never changed")
      }
      await Task.yield()
    }
  }

  /// Whether the kernel has a connection to its port that is not made yet (proc_net(5)).
  private var isDialled: Bool {
    get throws {
      let remote = ":" + String((1 << 16) | (port ?? 0), radix: 16, uppercase: true).dropFirst()
      return try Self.table().split(separator: "\n").contains { line in
        let columns = line.split(separator: " ")
        // 02 is TCP_SYN_SENT.
        return columns.count > 3 && columns[2].hasSuffix(remote) && columns[3] == "02"
      }
    }
  }

  private static func table() throws -> String {
    let file = try Descriptor(Glibc.open("/proc/self/net/tcp", O_RDONLY))
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(file.number, &room, room.count)
      guard count >= 0 else { throw SystemError(errno) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += room.prefix(count)
    }
  }
}
