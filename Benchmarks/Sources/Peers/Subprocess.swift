import CLinux
import Glibc
import Synchronization

/// A program that was started here. It is the head of a process group of its own, so that a
/// terminal's Ctrl-C reaches it through us alone, and whatever it starts can be ended with it.
package final class Subprocess: Sendable {
  /// The last part of its path.
  package let program: String
  /// Its number, which is that of its process group.
  package let pid: Int32
  /// What it says on standard output and on standard error.
  package let output: String
  package let errors: String

  /// Readable once the process has ended (pidfd_open(2)).
  private let descriptor: Int32
  private let status = Mutex<ExitStatus?>(nil)

  /// Starts a program by its path; its output goes to files whose names begin with `files`, or but
  /// for errors to a terminal's device, and `environment` is put over our own.
  package init(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], files: String,
    terminal: String? = nil
  ) throws(PeerError) {
    program = path.split(separator: "/").last.map(String.init) ?? path
    let standard = (input: terminal ?? "/dev/null", output: terminal ?? "\(files).out")
    output = standard.output
    errors = "\(files).err"
    pid = try Self.spawn([path] + arguments, environment, standard, errors: errors)
    descriptor = linux_pidfd_open(pid)
    guard descriptor >= 0 else {
      let error = PeerError.failed("pidfd_open")
      kill(-pid, SIGKILL)
      waitpid(pid, nil, 0)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// How it ended; nil while it runs.
  package var exitStatus: ExitStatus? {
    status.withLock { status in
      if status == nil {
        var code: Int32 = 0
        if waitpid(pid, &code, WNOHANG) == pid { status = ExitStatus(code) }
      }
      return status
    }
  }

  /// The end of what it said on standard error, in one line.
  package var lastWords: String {
    do throws(PeerError) {
      let lines = try Files.read(errors).split(separator: "\n").suffix(3)
      return lines.joined(separator: " / ")
    } catch {
      return ""
    }
  }

  /// Sends it a signal, if it runs.
  package func signal(_ number: Int32) {
    status.withLock { if $0 == nil { kill(pid, number) } }
  }

  /// Waits for its end for so many milliseconds; how it ended, or nil.
  package func wait(milliseconds: Int) -> ExitStatus? {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // Another signal's handler may cut it short: the caller looks at the clock where it matters.
    poll(&entry, 1, Int32(clamping: milliseconds))
    return exitStatus
  }

  /// Asks it to end, and makes it after so many seconds, with all that it started.
  package func end(grace: Int = 10) {
    signal(SIGTERM)
    if wait(milliseconds: grace * 1000) == nil {
      kill(-pid, SIGKILL)
      _ = wait(milliseconds: 5000)
    } else {
      // Its children that have outlived it.
      kill(-pid, SIGKILL)
    }
  }

  private static func spawn(
    _ words: [String], _ environment: [String: String], _ standard: (input: String, output: String),
    errors: String
  ) throws(PeerError) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let create = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, standard.input, O_RDWR | O_NOCTTY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, standard.output, create | O_NOCTTY, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, create, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // `Interruption` blocks signals for us, and a blocked signal stays blocked across exec(2).
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))

    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let variables: [UnsafeMutablePointer<CChar>?] =
      merged(environment).map { strdup($0) } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var pid = pid_t()
    let code = posix_spawn(&pid, words[0], &actions, &attributes, arguments, variables)
    guard code == 0 else { throw .system(call: words[0], code: code) }
    return pid
  }

  /// Our own environment, as NAME=VALUE, with others in place of some.
  private static func merged(_ changes: [String: String]) -> [String] {
    var result: [String] = []
    var next = environ
    while let text = next.pointee {
      let variable = String(cString: text)
      let name = variable.prefix { $0 != "=" }
      if changes[String(name)] == nil { result.append(variable) }
      next += 1
    }
    return result + changes.map { "\($0.key)=\($0.value)" }
  }
}
