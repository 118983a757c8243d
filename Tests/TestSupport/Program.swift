import Dispatch
import FoundationEssentials
package import Glibc

/// One of the built programs, running.
package final class Program: Sendable {
  /// How a program ended, and what it said.
  package struct Result: Sendable {
    /// The exit code, or minus the signal that ended it.
    package var code: Int32
    package var output: String
    package var errors: String
  }

  package let pid: pid_t
  private let folder: TemporaryFolder
  private let name: String
  private let ended: AsyncStream<Int32>

  /// The folder of this test's own executable, where the programs are too.
  package static var products: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
    let path = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
  }

  /// Starts a built program, or another by its path. `input` becomes standard input, `inherited`
  /// descriptor 3, as systemd hands over a socket.
  package init(
    _ program: String, _ arguments: [String], in folder: TemporaryFolder,
    environment: [String: String] = [:], input: String = "", inherited: Int32? = nil
  ) throws {
    self.folder = folder
    let name = "program-\(UInt32.random(in: 0 ... .max))"
    self.name = name
    let path = program.hasPrefix("/") ? program : "\(Self.products)/\(program)"
    try folder.write(input, to: "\(name).in")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let create = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, folder["\(name).in"], O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder["\(name).out"], create, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder["\(name).err"], create, 0o600)
    var words = [path] + arguments
    var variables = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path]
    // What a sanitizer watches, it watches in all programs.
    for name in ["LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS"] {
      if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    variables.merge(environment) { _, new in new }
    if let own = environment["LD_PRELOAD"], let watcher = getenv("LD_PRELOAD") {
      variables["LD_PRELOAD"] = "\(String(cString: watcher)):\(own)"
    }
    if let inherited {
      posix_spawn_file_actions_adddup2(&actions, inherited, 3)
      variables["LISTEN_FDS"] = "1"
      // The process's own number must be told to it, which only a shell can do here.
      words = ["/bin/sh", "-c", #"LISTEN_PID=$$ exec "$0" "$@""#] + words
    }
    actions.closeDescriptors(from: inherited == nil ? 3 : 4)
    let argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let envp: [UnsafeMutablePointer<CChar>?] =
      variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    attributes.hearEverySignal()
    var pid = pid_t()
    let code = posix_spawn(&pid, words[0], &actions, &attributes, argv, envp)
    guard code == 0 else { throw TemporaryFolder.Failure(errno: code) }
    self.pid = pid
    let (stream, continuation) = AsyncStream<Int32>.makeStream()
    ended = stream
    DispatchQueue(label: "promptd.test.program").async { [pid] in
      var status: Int32 = 0
      while waitpid(pid, &status, 0) == -1, errno == EINTR {}
      let signal = status & 0x7F
      continuation.yield(signal == 0 ? (status >> 8) & 0xFF : -signal)
      continuation.finish()
    }
  }

  /// Sends it a signal.
  package func signal(_ number: Int32) { kill(pid, number) }

  /// What it has said on standard error so far.
  package var errors: String { read("\(name).err") }

  /// What it has said on standard output so far.
  package var output: String { read("\(name).out") }

  /// Waits for its end, once.
  package func result() async -> Result {
    var code: Int32 = -1
    for await value in ended { code = value }
    return Result(code: code, output: output, errors: errors)
  }

  private func read(_ file: String) -> String {
    do {
      return String(decoding: try Data(contentsOf: URL(filePath: folder[file])), as: UTF8.self)
    } catch {
      return ""
    }
  }
}
