import Glibc

/// A process that a test started.
final class Program {
  /// How a process ended and what it wrote.
  struct Ending {
    /// The exit code, or minus the signal that ended it.
    var code: Int32
    var output: String
    var errors: String

    /// The values that were printed as `name=value`.
    func values(_ name: String) -> [String] {
      output.split(separator: "\n").filter { $0.hasPrefix("\(name)=") }
        .map { String($0.dropFirst(name.utf8.count + 1)) }
    }
  }

  /// The executable of the target SystemdProbe, which is built beside the tests'.
  static var probe: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
    let path = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])/systemd-probe"
  }

  private let pid: pid_t
  private let folder = Result { try TemporaryFolder() }
  private let output: Descriptor

  /// Starts `words`. `inherited` become descriptors 3, 4 and so on; standard input is empty.
  init(
    _ words: [String], environment: [String: String] = [:], inherited: [Descriptor] = []
  ) throws {
    let (reading, writing) = try Descriptor.socketPair()
    output = reading
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, writing.number, 1)
    let errors = try folder.get()["errors"]
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
    // Out of the way of the numbers that they get in the child.
    let moved = try inherited.map { try Descriptor(fcntl($0.number, F_DUPFD_CLOEXEC, 64), "fcntl") }
    for (index, descriptor) in moved.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor.number, Int32(3 + index))
    }
    var variables = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"].merging(environment) { $1 }
    // What a sanitizer watches, it watches in all programs.
    for name in ["LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS"] {
      if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    let argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let envp: [UnsafeMutablePointer<CChar>?] =
      variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid = pid_t()
    let code = posix_spawnp(&pid, words[0], &actions, nil, argv, envp)
    guard code == 0 else { throw SystemCallFailure(words[0], code: code) }
    self.pid = pid
  }

  /// Waits for its end.
  func ending() throws -> Ending {
    let text = try output.read()
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1 {
      guard errno == EINTR else { throw SystemCallFailure("waitpid") }
    }
    let signal = status & 0x7F
    return Ending(
      code: signal == 0 ? (status >> 8) & 0xFF : -signal, output: text,
      errors: try folder.get().read("errors"))
  }

  /// Runs `words` to the end.
  static func run(
    _ words: [String], environment: [String: String] = [:], inherited: [Descriptor] = []
  ) throws -> Ending {
    try Program(words, environment: environment, inherited: inherited).ending()
  }
}
