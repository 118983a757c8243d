import LoadGenerator

/// redis-server with one key, on a Unix socket and with nothing written to disk.
package final class Redis {
  /// The program.
  package let process: Subprocess
  private let socket: String
  private let benchmark: String
  private let key: String
  private let workspace: Workspace

  /// Starts it and stores a value under a key; throws `.notInstalled`.
  package init(key: String, value: String, in workspace: Workspace) throws(PeerError) {
    let server = try Programs.find("redis-server")
    let client = try Programs.find("redis-cli")
    benchmark = try Programs.find("redis-benchmark")
    self.workspace = workspace
    self.key = key
    socket = workspace["\(workspace.freshName("redis")).sock"]
    process = try workspace.start(
      server,
      ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", workspace.path])
    try workspace.awaitConnection(to: .unix(socket), of: process)
    _ = try workspace.run(client, ["-s", socket, "set", key, value])
  }

  /// GETs a second, over so many connections with one in flight on each, by redis-benchmark.
  package func getsPerSecond(count: Int, connections: Int) throws(PeerError) -> Double {
    let output = try workspace.run(
      benchmark,
      ["-s", socket, "-c", "\(connections)", "-n", "\(count)", "--csv", "get", key])
    // `"test","rps",…` and `"get …","12345.67",…`; the key in the first field may hold commas and
    // quotes, so the rate is the first field from the right that follows the test's name.
    guard let line = output.split(separator: "\n").last,
      let rate = line.split(separator: "\",\"").lazy.compactMap({ Double($0) }).first
    else { throw .unexpected(program: "redis-benchmark", output: output) }
    return rate
  }

  /// Ends it.
  package func end() { workspace.end(process) }
}
