import Glibc
import JSON
import PromptClient

/// journalctl(1) as a source of entries. What it has to complain of goes to standard error.
final class Journalctl {
  private let pid: pid_t
  private let descriptor: CInt
  private var lines: InputLines

  /// Starts it with these arguments, of which one is `--output=json`.
  init(_ arguments: [String]) throws {
    var ends: [CInt] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw Ending(
        code: 71, message: "no pipe can be made: \(BlockingIO.Fault(code: errno).reason)")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    let words = ["journalctl"] + arguments
    let argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for word in argv { free(word) } }
    var pid = pid_t()
    let code = posix_spawnp(&pid, "journalctl", &actions, nil, argv, environ)
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw Ending(
        code: 69, message: "journalctl cannot be run: \(BlockingIO.Fault(code: code).reason)")
    }
    self.pid = pid
    descriptor = ends[0]
    lines = InputLines(descriptor, name: "journalctl's output")
  }

  deinit { close(descriptor) }

  /// The next entry; nil at the end.
  func next() throws -> JSONTree? {
    guard let line = try lines.next(bytes: 1)?.first else { return nil }
    do { return try JSONTree(parsing: line.text) } catch {
      throw Ending(code: 65, message: "journalctl printed what is no entry: it \(error)")
    }
  }

  /// Waits for its end; throws where it failed.
  func finish() throws {
    var status: CInt = 0
    while waitpid(pid, &status, 0) == -1, errno == EINTR {}
    guard status == 0 else {
      throw Ending(code: 69, message: "journalctl failed; what it said stands above")
    }
  }
}
