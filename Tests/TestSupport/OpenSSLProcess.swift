import Glibc

/// One run of openssl(1), ended with the last reference.
package final class OpenSSLProcess: Sendable {
  /// Where Debian has it.
  package static let program = "/usr/bin/openssl"

  private let id: pid_t
  private let output: Descriptor

  /// Starts it in the folder, with arguments as the shell takes them.
  package init(_ arguments: String, in folder: TemporaryFolder) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError(errno) }
    output = try Descriptor(ends[0])
    let written = try Descriptor(ends[1])
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, written.number, 1)
    posix_spawn_file_actions_adddup2(&actions, written.number, 2)
    actions.closeDescriptors(from: 3)
    let script = "cd '\(folder.path)' && exec \(Self.program) \(arguments)"
    let words = ["sh", "-c", script].map { (word: String) in strdup(word) }
    defer { for word in words { free(word) } }
    var id = pid_t()
    let code = posix_spawn(&id, "/bin/sh", &actions, nil, words + [nil], environ)
    guard code == 0 else { throw SystemError(code) }
    self.id = id
  }

  /// It is there to be waited for until then, so its number is nobody else's.
  deinit {
    kill(id, SIGKILL)
    while waitpid(id, nil, 0) == -1 && errno == EINTR {}
  }

  /// Its words until `mark` or the end.
  package func read(until mark: String) -> String {
    var text = ""
    var room = [UInt8](repeating: 0, count: 4096)
    while !text.contains(mark) {
      let count = Glibc.read(output.number, &room, room.count)
      guard count > 0 else { break }
      text += String(decoding: room.prefix(count), as: UTF8.self)
    }
    return text
  }

  /// Returns its words when it has ended.
  package func finish() -> String { read(until: "\0") }
}
